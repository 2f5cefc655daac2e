"""summary.json: the numbers of a run as plain values."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

import tlscap
from tlscap.report.subject import Subject
from tlscap.tables.schema import SCHEMA_VERSION

if TYPE_CHECKING:
    import pyarrow as pa

    from tlscap.findings.finding import Finding


def summarise(analysis: Subject) -> dict[str, Any]:
    """Everything that `render_summary` says and more, by name: counts, seconds, RFC 3339 instants."""
    numbers = analysis.overview
    return {
        "schema_version": SCHEMA_VERSION,
        "tlscap": tlscap.__version__,
        "findings": [_finding(finding) for finding in analysis.findings],
        "coverage": _objects(analysis.coverage),
        "connections": numbers.totals,
        "versions": numbers.versions,
        "ciphers": numbers.ciphers,
        "client_certificates": numbers.client_certificates,
        "handshakes": {kind: dataclasses.asdict(told) for kind, told in numbers.kinds.items()},
        "resumption": numbers.mechanisms,
        "handshakes_failed": [{"by": who, "why": why, "count": n} for (who, why), n in numbers.failed.items()],
        "outcomes": numbers.outcomes,
        "alerts": _alerts(analysis.alerts),
        "drops": {how: {"count": sum(by.values()), "closed_by": by} for how, by in numbers.drops.items()},
        "servers": [
            {"server": each.name, "connections": each.connections, "dropped": each.dropped, "drops": each.drops}
            for each in numbers.servers
        ],
    }


def _alerts(alerts: pa.Table) -> list[dict[str, Any]]:
    """How many there are of each, the most frequent first."""
    from tlscap.tables.counting import counted, words

    sender, level, description = (words(alerts, name) for name in ("sender", "level", "description"))
    encrypted = description.code("encrypted")
    description.codes[description.codes < 0] = encrypted
    names = ("sender", "level", "description", "count")
    return [dict(zip(names, (*each, n))) for each, n in counted(None, sender, level, description).items()]


def _finding(finding: Finding) -> dict[str, Any]:
    evidence = [{"file": file, "frame": frame} for file, frame in finding.evidence]
    return dataclasses.asdict(finding) | {"uids": list(finding.uids), "evidence": evidence}


def _objects(table: pa.Table) -> list[dict[str, Any]]:
    """The rows of a table as its JSON would be."""
    from tlscap.tables.jsonl import render_rows

    return [json.loads(line) for line in render_rows(table)]
