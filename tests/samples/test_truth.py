"""What tlscap says of every sample must be what the programs in it said: `pcaps/NAME.truth.json`.

A truth's row has only the facts that a program told or its script did on purpose, under tlscap's names of
the columns; a port names the row. Where tlscap cannot know, or may say something else, known_differences.toml
has the argument.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import tlscap

TRUTHS = sorted((Path(__file__).parent.parent.parent / "pcaps").glob("*.truth.json"))
DIFFERENCES = tomllib.loads(Path(__file__).with_name("known_differences.toml").read_text(encoding="utf-8"))[
    "difference"
]

SURE = 0.9
"""The confidence from which on no program may say otherwise."""

FACTS = (
    "client_ip", "server_ip", "server_port", "version", "cipher",
    "handshake", "handshake_outcome", "resumption", "resumed_from_port", "client_certificate",
    "hello_retry", "early_data", "external_psk",
    "renegotiations", "renegotiations_completed", "renegotiations_refused", "renegotiations_failed",
    "outcome", "closed_by", "closed_phase", "pending", "dropped",
)  # fmt: skip

Row = dict[str, Any]


@dataclass(frozen=True)
class Sample:
    """A capture's truth, and what tlscap makes of it, by the clients' ports."""

    name: str
    truth: dict[str, Any]
    told: dict[int, Row]
    found: dict[int, Row]
    analysis: tlscap.Analysis


@pytest.fixture(scope="module", params=TRUTHS, ids=lambda path: path.name.removesuffix(".truth.json"))
def sample(request: pytest.FixtureRequest) -> Sample:
    path: Path = request.param
    name = path.name.removesuffix(".truth.json")
    truth = json.loads(path.read_text(encoding="utf-8"))
    analysis = tlscap.analyze([str(path.with_name(f"{name}.pcap"))])
    rows = analysis.connections.to_pylist()
    ports = {row["uid"]: row["client_port"] for row in rows}
    found = {row["client_port"]: {**row, "resumed_from_port": ports.get(row["resumed_from"])} for row in rows}
    return Sample(name, truth, {row["client_port"]: row for row in truth["connections"]}, found, analysis)


def test_finds_every_connection_that_was_made_and_no_other(sample: Sample) -> None:
    assert sample.analysis.connections.num_rows == sample.truth["counts"]["connections"]
    assert set(sample.told) <= set(sample.found)


@pytest.mark.parametrize("fact", FACTS)
def test_says_of_each_connection_what_its_programs_said(sample: Sample, fact: str) -> None:
    unexplained = {
        port: {"program": told[fact], "tlscap": found[fact]}
        for port, told, found in _pairs(sample)
        if fact in told and found[fact] != told[fact] and not _explained(sample.name, fact, told, found)
    }
    assert unexplained == {}


def test_gives_a_reason_wherever_it_cannot_tell_what_a_program_could(sample: Sample) -> None:
    silent = {
        (port, fact)
        for port, told, found in _pairs(sample)
        for fact in FACTS
        if fact != "resumed_from_port"
        if told.get(fact) is not None and found[fact] is None and fact not in dict(found["unknown"] or ())
    }
    assert silent == set()


def test_sees_every_fatal_alert_that_a_client_told(sample: Sample) -> None:
    """Clear ones with their description, encrypted ones as an alert of the same sender."""
    alerts: dict[int, list[Row]] = {}
    for alert in sample.analysis.sql("select client_port, a.* from alerts a join connections using (uid)").to_pylist():
        alerts.setdefault(alert["client_port"], []).append(alert)
    missed = [
        (port, wanted)
        for port, told, _ in _pairs(sample)
        for wanted in told.get("alerts", ())
        if wanted["level"] == "fatal" and not any(_is(alert, wanted) for alert in alerts.get(port, ()))
    ]
    assert missed == []


def test_names_both_incidents_where_they_are_and_nowhere_else(sample: Sample) -> None:
    counts = sample.truth["counts"]
    found = {finding.rule: finding.count for finding in sample.analysis.findings}
    assert ("resumed_without_certificate" in found) == (counts.get("client_certificate=inherited", 0) > 0)
    refused = [row for row in sample.told.values() if row.get("renegotiations_refused") and row.get("dropped")]
    assert found.get("renegotiation_refused", 0) == len(refused)


def test_ties_every_tls_1_3_resumption_and_most_of_them_rightly(sample: Sample) -> None:
    """Without keys, by the lengths of tickets: those of which it is not sure are mostly right too."""
    said = [
        (told["resumed_from_port"], found["resumed_from_port"])
        for _, told, found in _pairs(sample)
        if told.get("resumed_from_port") and found["version"] == "TLSv1.3"
    ]
    assert all(port is not None for _, port in said)
    assert sum(program == port for program, port in said) >= 0.8 * len(said)


def test_every_known_difference_is_about_a_fact_and_gives_a_reason() -> None:
    names = {path.name.removesuffix(".truth.json") for path in TRUTHS}
    assert all(entry["fact"] in FACTS and entry["reason"] for entry in DIFFERENCES)
    assert {entry["sample"] for entry in DIFFERENCES if "sample" in entry} <= names


def _pairs(sample: Sample) -> Iterator[tuple[int, Row, Row]]:
    return ((port, told, sample.found[port]) for port, told in sample.told.items() if port in sample.found)


def _explained(name: str, fact: str, told: Row, found: Row) -> bool:
    return any(
        entry["fact"] == fact
        and entry.get("sample", name) == name
        and entry.get("told", told[fact]) == told[fact]
        and (_is_unsure(entry, found) if "unsure" in entry else entry.get("found") == found[fact])
        and all(found[column] == value for column, value in entry.get("when", {}).items())
        for entry in DIFFERENCES
    )


def _is_unsure(entry: Row, found: Row) -> bool:
    sure = found[entry["unsure"]]
    return sure is not None and sure < SURE


def _is(alert: Row, wanted: Row) -> bool:
    same = alert["sender"] == wanted["sender"]
    return bool(same and (alert["encrypted"] or alert["description"] == wanted["description"]))
