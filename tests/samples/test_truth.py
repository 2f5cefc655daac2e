"""What tlscap says of every sample must be what the programs in it said: `pcaps/NAME.truth.json`, by compare.py."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from samples.compare import DIFFERENCES, FACTS, Sample, sample_of, scenario_of

TRUTHS = sorted((Path(__file__).parent.parent.parent / "pcaps").glob("*.truth.json"))


@pytest.fixture(scope="module", params=TRUTHS, ids=lambda path: path.name.removesuffix(".truth.json"))
def truth(request: pytest.FixtureRequest) -> dict[str, Any]:
    path: Path = request.param
    return {"name": path.name.removesuffix(".truth.json"), **json.loads(path.read_text(encoding="utf-8"))}


@pytest.fixture(scope="module")
def sample(truth: dict[str, Any], pcaps: Path) -> Sample:
    return sample_of(scenario_of(truth), pcaps / f"{truth['name']}.pcap", truth["connections"])


def test_finds_every_connection_that_was_made_and_no_other(sample: Sample, truth: dict[str, Any]) -> None:
    assert sample.analysis.connections.num_rows == truth["counts"]["connections"]
    assert set(sample.told) <= set(sample.found)


@pytest.mark.parametrize("fact", FACTS)
def test_says_of_each_connection_what_its_programs_said(sample: Sample, fact: str) -> None:
    assert sample.unexplained(fact) == {}


def test_gives_a_reason_wherever_it_cannot_tell_what_a_program_could(sample: Sample) -> None:
    assert sample.silent() == set()


def test_sees_every_fatal_alert_that_a_client_told(sample: Sample) -> None:
    assert sample.missed_alerts() == []


def test_the_ledger_has_the_renegotiations_that_an_end_traced(sample: Sample) -> None:
    assert sample.misread_renegotiations() == {}


def test_names_both_incidents_where_they_are_and_nowhere_else(sample: Sample, truth: dict[str, Any]) -> None:
    found = {finding.rule: finding.count for finding in sample.analysis.findings}
    assert ("resumed_without_certificate" in found) == (truth["counts"].get("client_certificate=inherited", 0) > 0)
    refused = [row for row in sample.told.values() if row.get("renegotiations_refused") and row.get("dropped")]
    assert found.get("renegotiation_refused", 0) == len(refused)


def test_ties_every_tls_1_3_resumption_and_most_of_them_rightly(sample: Sample) -> None:
    """Without keys, by the lengths of tickets: those of which it is not sure are mostly right too."""
    said = [
        (told["resumed_from_port"], found["resumed_from_port"])
        for _, told, found in sample.pairs()
        if told.get("resumed_from_port") and found["version"] == "TLSv1.3"
    ]
    assert all(port is not None for _, port in said)
    # A few alone prove nothing: which of two tickets of one handshake it was is anybody's guess.
    assert len(said) < 5 or sum(program == port for program, port in said) >= 0.8 * len(said)


def test_every_known_difference_is_about_a_fact_and_gives_a_reason() -> None:
    from tlscap.lab.scenario import all_scenarios

    assert all(entry["fact"] in FACTS and entry["reason"] for entry in DIFFERENCES)
    assert {entry["sample"] for entry in DIFFERENCES if "sample" in entry} <= set(all_scenarios())
