"""Captures that other projects made: none may raise an exception, and what their baselines say holds."""

from __future__ import annotations

from time import process_time

import pytest

import tlscap
from conformance.document import PAGE, render_baselines
from corpus.agreement import Agreement
from corpus.compare import KNOWN, compare
from corpus.known import read_known
from corpus.seen import see
from corpus.truth import FOLDER, Capture, read_corpus
from tlscap.engine import engine

CORPUS = read_corpus()

AGREES_AT_LEAST = 0.98
"""Of all comparable facts; one that differs for a known reason differs."""

BYTES_A_SECOND = 20_000_000
"""A compiled build reads at least so much, beyond what it takes to start."""

START_UP_S = 0.1
"""What a run costs whatever it reads, in a process that has imported everything."""

IS_PLAIN = str(engine.__file__).endswith(".py")

pytestmark = pytest.mark.skipif(not CORPUS, reason=f"no corpus at {FOLDER}; TLSCAP_CORPUS can point to it")


@pytest.fixture(scope="module")
def agreement() -> Agreement:
    """What was compared so far, filled by the test of each capture."""
    return Agreement(read_known(KNOWN))


@pytest.mark.parametrize("capture", CORPUS, ids=lambda capture: capture.name)
def test_analyses_any_capture_without_an_exception(capture: Capture, agreement: Agreement) -> None:
    seen = see(capture.path)
    if capture.has_no_tls:
        assert [it.row["history"] for it in seen] == []
    agreement.add(compare(capture, seen))


def test_agrees_with_the_baselines_and_knows_why_where_not(agreement: Agreement) -> None:
    assert list(map(str, agreement.unexplained)) == []
    assert agreement.share >= AGREES_AT_LEAST


def test_the_page_tells_what_a_run_gives(agreement: Agreement) -> None:
    if agreement.captures < len(CORPUS):
        pytest.skip("not all captures were compared in this run")
    assert render_baselines(agreement, len(CORPUS)) in PAGE.read_text(encoding="utf-8"), "stale: make conformance"
    assert agreement.unused == []


@pytest.mark.skipif(IS_PLAIN, reason="the plain build is slower")
@pytest.mark.parametrize(
    "capture", [it for it in CORPUS if it.content_bytes >= BYTES_A_SECOND // 200], ids=lambda capture: capture.name
)
def test_reads_20_megabytes_a_second_beyond_what_starting_takes(capture: Capture) -> None:
    allowed = START_UP_S + capture.content_bytes / BYTES_A_SECOND
    assert any(_cpu_s(capture) < allowed for _ in range(3))  # what else the machine does costs CPU time too


def _cpu_s(capture: Capture) -> float:
    begin = process_time()
    for _ in tlscap.analyze(capture.path).json_lines():
        pass
    return process_time() - begin
