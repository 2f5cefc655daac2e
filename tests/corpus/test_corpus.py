"""Captures that other projects made: none may raise an exception, and what their baselines say holds."""

from __future__ import annotations

from time import process_time

import pytest

from conftest import build_kind
from corpus.agreement import Agreement
from corpus.compare import KNOWN, compare
from corpus.known import read_known
from corpus.seen import see
from corpus.truth import FOLDER, ROOT, Capture, read_corpus

CORPUS = read_corpus()

AGREES_AT_LEAST = 0.98
"""Of all comparable facts; one that differs for a known reason differs."""

BYTES_A_SECOND = 20_000_000
"""A compiled build reads at least so much, beyond what it takes to start."""

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
    print(agreement.by_fact())
    assert list(map(str, agreement.unexplained)) == []
    assert agreement.share >= AGREES_AT_LEAST
