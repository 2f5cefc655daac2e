"""Holds what tlscap says of a capture against the truth beside it: what the programs in it said.

A row of a truth has only the facts that a program told or its script did on purpose, under tlscap's names of the
columns; addresses and ports name the row. Where tlscap cannot know, or may say something else,
known_differences.toml has the argument.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tlscap

DIFFERENCES = tomllib.loads(Path(__file__).with_name("known_differences.toml").read_text(encoding="utf-8"))[
    "difference"
]

SURE = 0.9
"""The confidence from which on no program may say otherwise."""

FACTS = (
    "version", "cipher", "group", "sni", "alpn", "secure_renegotiation", "extended_master_secret",
    "handshake", "handshake_outcome", "resumption", "resumed_from_port", "client_certificate", "client_subject",
    "server_certificate_sha256",
    "hello_retry", "early_data", "external_psk",
    "renegotiations", "renegotiations_completed", "renegotiations_refused", "renegotiations_failed",
    "outcome", "closed_by", "closed_how", "closed_phase", "closed_idle", "pending", "dropped", "drop_cause",
)  # fmt: skip

UNEXPLAINED = ("resumed_from_port", "server_certificate_sha256", "client_subject")
"""Facts that are null without a reason in `unknown`: no columns, or encrypted in every TLS 1.3."""

Row = dict[str, Any]
Key = tuple[str, int, str, int]


@dataclass(frozen=True)
class Sample:
    """A capture's truth, and what tlscap makes of it, by addresses and ports."""

    name: str
    told: dict[Key, Row]
    found: dict[Key, Row]
    analysis: tlscap.Analysis

    def pairs(self) -> Iterator[tuple[Key, Row, Row]]:
        return ((key, told, self.found[key]) for key, told in self.told.items() if key in self.found)

    def unexplained(self, fact: str) -> dict[Key, Row]:
        """Where tlscap says another value than the truth, and no known difference covers it."""
        return {
            key: {"program": told[fact], "tlscap": found[fact]}
            for key, told, found in self.pairs()
            if fact in told and found[fact] != told[fact] and not _explained(self.name, fact, told, found)
        }

    def silent(self) -> set[tuple[Key, str]]:
        """Where tlscap says nothing of what a program could tell, and gives no reason."""
        return {
            (key, fact)
            for key, told, found in self.pairs()
            for fact in FACTS
            if fact not in UNEXPLAINED
            if told.get(fact) is not None and found[fact] is None and fact not in dict(found["unknown"] or ())
        }

    def missed_alerts(self) -> list[tuple[Key, Row]]:
        """Fatal alerts that an end told and tlscap does not have: clear ones with their description, encrypted ones
        as an alert of the same sender."""
        alerts: dict[Key, list[Row]] = {}
        query = "select client_ip, client_port, server_ip, server_port, a.* from alerts a join connections using (uid)"
        for alert in self.analysis.sql(query).to_pylist():
            alerts.setdefault(key_of(alert), []).append(alert)
        return [
            (key, wanted)
            for key, told, _ in self.pairs()
            for wanted in told.get("alerts", ())
            if wanted["level"] == "fatal" and not any(_is(alert, wanted) for alert in alerts.get(key, ()))
        ]

    def misread_renegotiations(self) -> dict[Key, tuple[list[Row], list[Row]]]:
        """Where the ledger has others than a client traced: who began, whether it was completed, kind, certificate."""
        ledger: dict[Key, list[Row]] = {}
        for row in self.analysis.sql(_RENEGOTIATIONS).to_pylist():
            ledger.setdefault(key_of(row), []).append({**row, "completed": row["outcome"] == "completed"})
        return {
            key: (said, ledger.get(key, []))
            for key, told, _ in self.pairs()
            for said in _noted(told, "ledger")
            if len(said) == told.get("renegotiations")  # who was stopped did not hear of it
            if not _same(said, ledger.get(key, []))
        }

    def misread_key_updates(self) -> dict[Key, tuple[Row, str]]:
        """Where the history of a decrypted connection has other KeyUpdates than an end traced."""
        return {
            key: (said, found["history"])
            for key, told, found in self.pairs()
            for said in _noted(told, "key_updates")
            if found["history"] and "[" not in found["history"]
            if said != {"client": found["history"].count("P"), "server": found["history"].count("p")}
        }


_RENEGOTIATIONS = """
select client_ip, client_port, server_ip, server_port, handshakes.*
from handshakes join connections using (uid) where number > 0 order by uid, number
"""


def _noted(told: Row, name: str) -> list[Any]:
    """What the ends noted beside their facts; a kept truth has it once."""
    return [part[name] for part in (told, told.get("client", {}), told.get("server", {})) if name in part]


def _same(told: list[Row], found: list[Row]) -> bool:
    return len(told) == len(found) and all(
        row[name] == value for said, row in zip(told, found) for name, value in said.items()
    )


def sample_of(name: str, capture: Path, rows: Iterable[Row], keylog: Path | None = None) -> Sample:
    """Analyses the capture, whose truth is `rows`."""
    analysis = tlscap.analyze([str(capture)], keylog=keylog)
    connections = analysis.connections.to_pylist()
    ports = {row["uid"]: row["client_port"] for row in connections}
    found = {key_of(row): {**row, "resumed_from_port": ports.get(row["resumed_from"])} for row in connections}
    return Sample(name, {key_of(row): row for row in rows}, found, analysis)


def scenario_of(truth: Row) -> str:
    """The scenario that a kept truth is of: `tlscap lab run SCENARIO --set ...`, or an older script."""
    words: list[str] = truth["made_by"].split()
    return words[3] if words[:3] == ["tlscap", "lab", "run"] else words[0]


def key_of(row: Row) -> Key:
    return row["client_ip"], row["client_port"], row["server_ip"], row["server_port"]


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
