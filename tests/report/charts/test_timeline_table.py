"""The table behind the timeline, counted by hand."""

from __future__ import annotations

from typing import Any

from report.synthetic import NS, START, Synthetic, connection
from tlscap.report.charts.time_axis import TimeAxis
from tlscap.report.charts.timeline_table import time_axis, timeline_table

AXIS = TimeAxis(START, START + 60 * NS)


def rows(lane: str, **tables: Any) -> list[dict[str, Any]]:
    table = timeline_table(Synthetic(tables).sql, AXIS)
    table = table.append_column("s", table["time"].cast("int64")).drop_columns(["time"])
    found = [row for row in table.to_pylist() if row["lane"] == lane]
    return [{**row, "s": (row["s"] - START) / NS} for row in found]


def test_counts_handshakes_of_a_kind_in_their_interval() -> None:
    failed = {"handshake_outcome": "failed", "handshake": "unknown"}
    made = [connection(i, hello_at=START + int(1.5 * NS) + i) for i in range(3)]
    made += [connection(8, hello_at=START + NS, **failed), connection(9, handshake_outcome="unseen")]
    found = rows("handshakes", connections=made)
    assert [(row["s"], row["what"], row["count"], row["interval_s"]) for row in found] == [
        (1.0, "failed", 1, 1.0),
        (1.0, "full", 3, 1.0),
    ]


def test_counts_renegotiations_without_the_first_handshakes() -> None:
    made = [
        {"uid": "C1", "number": n, "initiator": "client", "kind": "full", "outcome": outcome, "start": START}
        for n, outcome in ((0, "completed"), (1, "refused"))
    ]
    assert [(row["what"], row["count"]) for row in rows("renegotiations", handshakes=made)] == [("refused", 1)]


def test_tells_alerts_by_sender_and_close_notify_apart() -> None:
    made = [
        {"uid": "C1", "time": START, "sender": sender, "level": level, "description": description}
        for sender, level, description in (
            ("client", "warning", "close_notify"),
            ("server", "fatal", "unknown_ca"),
            ("server", None, None),
            ("client", None, "close_notify"),
        )
    ]
    found = [(row["what"], row["sender"], row["detail"], row["count"]) for row in rows("alerts", alerts=made)]
    assert found == [
        ("close_notify", "client", "close_notify", 2),
        ("encrypted", "server", "encrypted", 1),
        ("fatal", "server", "unknown_ca", 1),
    ]


def test_has_a_row_for_every_drop_at_its_exact_time() -> None:
    end = START + 5_123_456_789
    made = [
        connection(1, dropped=True, outcome="reset", closed_by="server", end=end, server_ip="2001:db8::1"),
        connection(2, dropped=True, outcome="completed", end=end),
        connection(3),
    ]
    found = rows("drops", connections=made)
    assert [(row["uid"], row["what"], row["server"], row["s"], row["count"]) for row in found] == [
        ("C000001", "reset", "[2001:db8::1]:443", 5.123456789, 1),
        ("C000002", "unanswered", "10.0.1.1:443", 5.123456789, 1),
    ]


def test_counts_the_connections_of_each_server() -> None:
    made = [connection(1), connection(2), connection(3, server_port=8443)]
    assert {row["server"]: row["count"] for row in rows("connections", connections=made)} == {
        "10.0.1.1:443": 2,
        "10.0.1.1:8443": 1,
    }


def test_spans_the_connections() -> None:
    made = [connection(1), connection(2, start=START + NS, end=START + 9 * NS)]
    assert time_axis(Synthetic({"connections": made}).sql) == TimeAxis(START, START + 9 * NS)
    assert time_axis(Synthetic({}).sql) is None
