"""Captures that other projects made: none may raise an exception, and what their baselines say holds."""

from __future__ import annotations

import pytest

import tlscap
from corpus.compare import Comparison, compare, read_known, render_agreement
from corpus.truth import FOLDER, Capture, read_corpus

CORPUS = read_corpus()

AGREES_AT_LEAST = 0.98
"""Of all comparable facts; one that differs for a known reason differs."""

pytestmark = pytest.mark.skipif(not CORPUS, reason=f"no corpus at {FOLDER}; TLSCAP_CORPUS can point to it")


@pytest.fixture(scope="module")
def comparisons() -> list[Comparison]:
    """What was compared so far, filled by the test of each capture."""
    return []


@pytest.mark.parametrize("capture", CORPUS, ids=lambda capture: capture.name)
def test_analyses_any_capture_without_an_exception(capture: Capture, comparisons: list[Comparison]) -> None:
    analysis = tlscap.analyze([str(capture.path)])
    assert analysis.coverage.num_rows >= 1
    comparisons.extend(compare(capture, analysis))
    assert analysis.findings is not None


def test_agrees_with_the_baselines_and_knows_why_where_not(comparisons: list[Comparison]) -> None:
    if not comparisons:
        pytest.skip("no capture was analysed in this run")
    known = read_known()
    differing = [it for it in comparisons if not it.agrees]
    print(render_agreement(comparisons, known))
    assert [str(it) for it in differing if not any(entry.explains(it) for entry in known)] == []
    assert 1 - len(differing) / len(comparisons) >= AGREES_AT_LEAST


@pytest.mark.parametrize("capture", [it for it in CORPUS if it.has_no_tls], ids=lambda capture: capture.name)
def test_calls_nothing_tls_that_is_none(capture: Capture) -> None:
    connections = tlscap.analyze([str(capture.path)]).connections
    assert connections.num_rows == 0, connections.select(["client_ip", "client_port", "history"]).to_pylist()
