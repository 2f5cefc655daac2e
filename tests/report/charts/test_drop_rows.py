"""Which server has which row."""

from __future__ import annotations

from typing import Any

from tlscap.report.charts.drop_rows import MAX_ROWS, server_rows


def drops(server: str, n: int) -> list[dict[str, Any]]:
    return [{"server": server, "what": "reset", "ns": i} for i in range(n)]


def test_puts_the_server_with_most_drops_first_and_keeps_those_without() -> None:
    rows = server_rows(drops("b", 1) + drops("c", 3), {"a": 9, "b": 5, "c": 4})
    assert [(row.label, row.connections, len(row.drops)) for row in rows] == [("c", 4, 3), ("b", 5, 1), ("a", 9, 0)]


def test_gives_all_a_row_as_long_as_there_is_room() -> None:
    assert len(server_rows([], {f"s{n}": 1 for n in range(MAX_ROWS)})) == MAX_ROWS


def test_lets_the_servers_with_the_fewest_drops_share_the_last_row() -> None:
    marks = [drop for n in range(20) for drop in drops(f"s{n:02}", 20 - n)]
    rows = server_rows(marks, {f"s{n:02}": 100 for n in range(20)})
    assert len(rows) == MAX_ROWS
    assert rows[-1].label == "other servers (9)"
    assert (rows[-1].connections, len(rows[-1].drops)) == (900, sum(range(1, 10)))
    assert sum(len(row.drops) for row in rows) == len(marks)
