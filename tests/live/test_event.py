"""The line for a connection that ended badly, on the samples."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import tlscap
from tlscap.live.event import render_event

WHAT = re.compile(
    r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (drop|handshake failed): "
    r"(\S+) -> (\S+)(?: \(\S+\))?: (.+) \(.+\) (C\w{11})$"
)


def told(capture: Path) -> tuple[list[re.Match[str]], tlscap.Analysis]:
    """What is said while `capture` is analysed, and the analysis."""
    lines: list[str | None] = []
    analysis = tlscap.analyze(capture, on_verdict=lambda facts, verdict: lines.append(render_event(facts, verdict)))
    found = [WHAT.match(line) for line in lines if line is not None]
    assert all(found), lines
    return [match for match in found if match], analysis


def truth(capture: Path) -> list[dict[str, Any]]:
    text = capture.with_suffix(".truth.json").read_text(encoding="utf-8")
    return list(json.loads(text)["connections"])


def test_tells_of_each_refused_renegotiation_who_then_closed(pcaps: Path) -> None:
    capture = pcaps / "renegotiation-refused.pcap"
    lines, _ = told(capture)
    closers = Counter(row["closed_by"] for row in truth(capture) if row.get("dropped"))
    said = Counter(line[4] for line in lines)
    assert said == {f"renegotiation refused, then closed by {who} (alert, then FIN)": n for who, n in closers.items()}


@pytest.mark.parametrize("name", ["closes", "silence", "handshake-failures", "healthy-busy", "incidents"])
def test_tells_of_what_the_tables_call_dropped_or_failed_and_of_nothing_else(name: str, pcaps: Path) -> None:
    lines, analysis = told(pcaps / f"{name}.pcap")
    rows = analysis.sql(
        "select uid, dropped from connections where dropped or handshake_outcome = 'failed'"
    ).to_pylist()
    assert {(line[5], line[1] == "drop") for line in lines} == {(row["uid"], row["dropped"]) for row in rows}
    assert len(lines) == len(rows)
