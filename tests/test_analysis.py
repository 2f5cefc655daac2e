"""The public surface: captures or packets in, tables and findings out."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import tlscap
from engine.samples import truths
from tlscap.capture import CaptureError
from tlscap.tables.errors import TablesError
from tlscap.tables.schema import TABLES

ROOT = Path(__file__).parent.parent
INCIDENTS = ROOT / "pcaps" / "incidents.pcap"
SMALL = ROOT / "pcaps" / "renegotiation-refused.pcap"
DROPPED = sum(row["dropped"] for row in truths("renegotiation-refused"))


@pytest.fixture(scope="module")
def small() -> tlscap.Analysis:
    return tlscap.analyze(SMALL)


def packets(path: Path) -> Iterator[tuple[int, bytes]]:
    """The packets of a classic little-endian pcap with microseconds."""
    raw = path.read_bytes()
    assert raw[:4] == b"\xd4\xc3\xb2\xa1"
    at = 24
    while at < len(raw):
        seconds, micros, caplen = (int.from_bytes(raw[at + n : at + n + 4], "little") for n in (0, 4, 8))
        yield seconds * 10**9 + micros * 1000, raw[at + 16 : at + 16 + caplen]
        at += 16 + caplen


def fed(path: Path, **options: object) -> tlscap.Analyzer:
    analyzer = tlscap.Analyzer(name=str(path), **options)
    for ts_ns, frame in packets(path):
        analyzer.feed(ts_ns, frame)
    return analyzer


def equal(one: tlscap.Analysis, other: tlscap.Analysis) -> bool:
    return all(
        getattr(one, table.name).equals(getattr(other, table.name)) for table in TABLES if table.name != "coverage"
    )


def test_both_incidents_are_found_in_the_sample_that_has_them() -> None:
    truth = json.loads((ROOT / "pcaps" / "incidents.truth.json").read_text())
    findings = {finding.rule: finding for finding in tlscap.analyze(INCIDENTS).findings}
    assert list(findings) == ["renegotiation_refused", "resumed_without_certificate"]
    dropped = sum(bool(row.get("dropped")) for row in truth["connections"])
    inherited = sum(row.get("client_certificate") == "inherited" for row in truth["connections"])
    assert findings["renegotiation_refused"].count == dropped > 0
    assert findings["resumed_without_certificate"].count == inherited > 0


def test_a_path_several_and_a_string_are_all_taken(small: tlscap.Analysis) -> None:
    assert equal(tlscap.analyze(str(SMALL)), small)
    assert equal(tlscap.analyze([SMALL]), small)


def test_what_is_fed_packet_by_packet_gives_the_same_tables(small: tlscap.Analysis) -> None:
    analysis = fed(SMALL).finish()
    assert equal(analysis, small)
    assert analysis.coverage.equals(small.coverage)


def test_ticks_change_nothing_but_when_verdicts_come(small: tlscap.Analysis) -> None:
    early: list[str] = []
    analyzer = tlscap.Analyzer(name=str(SMALL), on_verdict=lambda facts, verdict: early.append(verdict.outcome))
    for ts_ns, frame in packets(SMALL):
        analyzer.feed(ts_ns, frame)
        analyzer.tick()
    analyzer.tick(ts_ns + 3600 * 10**9)
    before_the_end = len(early)
    analysis = analyzer.finish()
    assert equal(analysis, small)
    assert before_the_end == len(early) == analysis.connections.num_rows


def test_each_connection_gets_one_verdict(small: tlscap.Analysis) -> None:
    outcomes: list[str] = []
    tlscap.analyze(SMALL, on_verdict=lambda facts, verdict: outcomes.append(verdict.outcome))
    assert sorted(outcomes) == sorted(small.connections["outcome"].to_pylist())


def test_nothing_fed_is_an_empty_analysis() -> None:
    analysis = tlscap.Analyzer().finish()
    assert analysis.connections.num_rows == 0
    assert analysis.findings == []
    assert analysis.summary()["connections"]["connections"] == 0
    assert list(analysis.json_lines()) == []


def test_sql_sees_the_tables_by_name(small: tlscap.Analysis) -> None:
    for table in TABLES:
        assert small.sql(f"select * from {table.name}").num_rows == getattr(small, table.name).num_rows
    assert small.sql("select count(*) as n from connections where dropped").to_pylist() == [{"n": DROPPED}]


@pytest.mark.parametrize("query", ["select * from read_text('/etc/hostname')", "copy connections to '/tmp/x.csv'"])
def test_sql_sees_no_file(small: tlscap.Analysis, query: str) -> None:
    with pytest.raises(Exception, match=r"file system|disabled"):
        small.sql(query)


def test_sql_keeps_nanoseconds(small: tlscap.Analysis) -> None:
    assert str(small.sql("select start from connections").schema.field("start").type).startswith("timestamp[ns")


def test_the_report_is_written_and_replaced(small: tlscap.Analysis, tmp_path: Path) -> None:
    for _ in range(2):
        written = small.write(tmp_path / "report", charts=False)
        there = sorted(path for path in (tmp_path / "report").rglob("*") if path.is_file())
        assert there == sorted(written)
    summary = json.loads((tmp_path / "report" / "summary.json").read_text())
    assert summary == small.summary()
    assert summary["schema_version"] == 1
    assert summary["findings"][0]["rule"] == "renegotiation_refused"
    assert summary["connections"]["dropped"] == summary["drops"]["renegotiation_failed"]["count"] == DROPPED


def test_the_report_has_the_timeline_unless_no_chart_is_wanted(small: tlscap.Analysis, tmp_path: Path) -> None:
    small.write(tmp_path)
    assert (tmp_path / "timeline.png").read_bytes().startswith(b"\x89PNG")
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]
    (tmp_path / "notes.txt").write_text("mine")
    small.write(tmp_path, charts=False)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["notes.txt", "summary.json", "tables"]


def test_a_report_that_cannot_be_written_is_one_line(small: tlscap.Analysis, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(TablesError) as error:
        small.write(tmp_path / "file")
    assert "\n" not in str(error.value)


def test_a_capture_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(CaptureError) as error:
        tlscap.analyze(tmp_path / "nothing.pcap")
    assert "\n" not in str(error.value)


def test_progress_ends_at_the_size_of_the_file() -> None:
    told: list[tuple[int, int]] = []
    tlscap.analyze(INCIDENTS, progress=lambda done, total: told.append((done, total)))
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert told[-1][1] == INCIDENTS.stat().st_size
    assert told[-1][0] == pytest.approx(told[-1][1], abs=24)


def test_it_stops_when_it_is_told_to() -> None:
    assert tlscap.analyze(INCIDENTS, stop=lambda: True).connections.num_rows < 262


@pytest.mark.parametrize("example", ["feed_from_dpkt.py", "feed_from_scapy.py"])
def test_examples_say_what_analyze_says(example: str, small: tlscap.Analysis) -> None:
    command = [sys.executable, str(ROOT / "examples" / example), str(SMALL)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert f"{small.connections.num_rows} connections\n" in said
    assert f"critical: {small.findings[0].sentence}" in said


def test_the_documentation_of_the_api_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (ROOT / "docs" / "api.md").read_text()
    blocks = [part.split("```")[0] for part in text.split("```python\n")[1:]]
    assert len(blocks) >= 3
    (tmp_path / "pcaps").symlink_to(ROOT / "pcaps")
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, "docs/api.md", "exec"), names)
