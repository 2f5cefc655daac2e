"""The table that `-v` prints."""

from __future__ import annotations

from report.synthetic import NS, START, Synthetic, connection
from tlscap.report.connections_table import render_connections


def test_has_a_line_a_connection_oldest_first() -> None:
    rows = [connection(1, start=START + NS), connection(2, version="TLSv1.3", dropped=True, outcome="reset")]
    rows[0].update(handshake="abbreviated", resumption="session_ticket")
    header, first, second = render_connections(Synthetic({"connections": rows}))
    assert header.split("  ")[0] == "time (UTC)"
    assert first.split("  ")[0] == "10:00:00.000" and "DROP reset" in first and "C000002" in first
    assert second.split("  ")[0] == "10:00:01.000" and "abbreviated ticket" in second


def test_says_the_date_when_connections_are_of_several_days() -> None:
    rows = [connection(1), connection(2, start=START + 86400 * NS)]
    _, first, second = render_connections(Synthetic({"connections": rows}))
    assert first.startswith("2026-11-22 10:00:00.000") and second.startswith("2026-11-23 10:00:00.000")


def test_leaves_columns_out_where_the_terminal_is_narrow_and_says_so() -> None:
    lines = list(render_connections(Synthetic({"connections": [connection(1)]}), width=80))
    assert max(len(line) for line in lines[:-1]) <= 80
    assert lines[-1].startswith("(not shown for want of width: ") and "history" in lines[-1]


def test_marks_handshakes_that_did_not_complete() -> None:
    rows = [connection(1, handshake="unknown", handshake_outcome="unseen", version=None, closed_how=None)]
    rows += [connection(2, handshake_outcome="failed", start=START + NS)]
    _, unseen, failed = render_connections(Synthetic({"connections": rows}))
    assert "  unseen  " in unseen and "  ?  " in unseen.replace("?        ", "?  ")
    assert "full, failed" in failed


def test_writes_control_characters_as_escapes() -> None:
    lines = list(render_connections(Synthetic({"connections": [connection(1, history="\x1b[31m")]})))
    assert all(line.isprintable() for line in lines)
