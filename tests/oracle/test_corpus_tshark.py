"""The same on the corpus: every TCP connection of every capture in which tshark or tlscap sees TLS."""

from __future__ import annotations

import shutil

import pytest

from conformance.document import PAGE, render_crosscheck
from corpus.agreement import Agreement
from corpus.known import read_known
from corpus.truth import FOLDER, Capture, read_corpus
from oracle.crosscheck import KNOWN, crosscheck
from oracle.dissect import tshark_version

CORPUS = read_corpus()

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CORPUS, reason=f"no corpus at {FOLDER}; TLSCAP_CORPUS can point to it"),
    pytest.mark.skipif(not shutil.which("tshark"), reason="tshark is not installed: apt-get install tshark"),
]


@pytest.fixture(scope="module")
def agreement() -> Agreement:
    """What was compared so far, filled by the test of each capture."""
    return Agreement(read_known(KNOWN))


@pytest.mark.parametrize("capture", CORPUS, ids=lambda capture: capture.name)
def test_says_of_each_connection_what_tshark_says(capture: Capture, agreement: Agreement) -> None:
    before = len(agreement.unexplained)
    agreement.add(crosscheck(capture.name, capture.path))
    assert list(map(str, agreement.unexplained[before:])) == []


def test_the_page_tells_what_a_run_gives(agreement: Agreement) -> None:
    if agreement.captures < len(CORPUS):
        pytest.skip("not all captures were compared in this run")
    page, version = PAGE.read_text(encoding="utf-8"), tshark_version()
    if f"## tshark {version}\n" not in page:
        pytest.skip(f"docs/conformance.md was made with another tshark than {version}")
    assert render_crosscheck(agreement, len(CORPUS), version) in page, "stale: make conformance"
    # What is of one of the project's own captures has no folder, and is for test_tshark.py.
    assert [entry for entry in agreement.unused if "/" in entry.capture or entry.capture == "*"] == []
