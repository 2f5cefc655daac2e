"""Captures that other projects made: none may raise an exception, and what their baselines say holds."""

from __future__ import annotations

import pytest

import tlscap
from corpus.compare import Comparison, compare, read_known, render_agreement
from corpus.truth import FOLDER, Capture, read_corpus

CORPUS = read_corpus()

AGREES_AT_LEAST = 0.0
"""The part of all comparable facts that agrees, differences with a known reason not counted as agreement."""

pytestmark = pytest.mark.skipif(not CORPUS, reason=f"no corpus at {FOLDER}; TLSCAP_CORPUS can point to it")


@pytest.fixture(scope="module")
def comparisons() -> list[Comparison]:
    """What was compared so far: filled by the test of each capture."""
    return []


@pytest.mark.parametrize("capture", CORPUS, ids=lambda capture: capture.name)
def test_analyses_any_capture_without_an_exception(capture: Capture, comparisons: list[Comparison]) -> None:
    analysis = tlscap.analyze([str(capture.path)])
    assert analysis.coverage.num_rows >= 1
    comparisons.extend(compare(capture, analysis))
    assert analysis.findings is not None


def test_agrees_with_the_baselines(comparisons: list[Comparison]) -> None:
    if not comparisons:
        pytest.skip("no capture was analysed in this run")
    agreeing = sum(it.agrees for it in comparisons)
    print(render_agreement(comparisons, read_known()))
    assert agreeing / len(comparisons) >= AGREES_AT_LEAST
