"""The table of connections that `-v` prints: one line each, as wide as it needs or as the terminal is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tlscap.report.printable import printable
from tlscap.report.quantities import address, clock, duration, instant
from tlscap.report.subject import Subject

if TYPE_CHECKING:
    import pyarrow


_BATCH = 1024
"""Rows that are Python objects at a time."""

_GAP = 2

_MECHANISM = {"session_ticket": "ticket", "session_id": "session id", "psk": "psk"}

_QUERY = """
select epoch_ns(start) as start_ns, client_ip, client_port, server_ip, server_port, version, handshake,
    handshake_outcome, resumption, client_certificate, outcome, dropped, closed_by, closed_how,
    (epoch_ns("end") - epoch_ns(start)) / 1e9 as lasted_s, history, uid
from connections order by start, uid
"""

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Column:
    title: str
    text: Callable[[Row], str]
    rank: int  # where there is no room for all, the lowest ranks are shown
    longest: int = 0  # longer texts are cut; 0 for never


def render_connections(analysis: Subject, width: int | None = None) -> Iterator[str]:
    """A header and a line a connection, oldest first; `width` None means as wide as it needs."""
    table = analysis.sql(_QUERY)
    days = analysis.sql("select count(distinct epoch_ns(start) // 86400000000000) as n from connections")
    columns = _columns(with_date=days.to_pylist()[0]["n"] > 1)
    widths = [len(column.title) for column in columns]
    for cells in _cells(table, columns):
        widths = [max(known, len(cell)) for known, cell in zip(widths, cells)]
    shown = _that_fit(columns, widths, width)
    yield _line([columns[i].title for i in shown], [widths[i] for i in shown])
    for cells in _cells(table, columns):
        yield _line([cells[i] for i in shown], [widths[i] for i in shown])
    if left_out := [column.title for i, column in enumerate(columns) if i not in shown]:
        yield f"(not shown for want of width: {', '.join(left_out)})"


def _columns(*, with_date: bool) -> list[_Column]:
    shown_time = instant if with_date else clock
    return [
        _Column("time (UTC)", lambda row: shown_time(row["start_ns"], 3), 0),
        _Column("client", lambda row: address(row["client_ip"], row["client_port"]), 1),
        _Column("server", lambda row: address(row["server_ip"], row["server_port"]), 0),
        _Column("version", lambda row: row["version"] or "?", 2),
        _Column("handshake", _handshake, 3),
        _Column("client cert", lambda row: _word(row["client_certificate"]), 5),
        _Column("outcome", lambda row: ("DROP " if row["dropped"] else "") + _word(row["outcome"]), 0),
        _Column("closed", _closed, 4),
        _Column("lasted", lambda row: duration(row["lasted_s"]), 6),
        _Column("history", lambda row: row["history"], 8, longest=40),
        _Column("uid", lambda row: row["uid"], 7),
    ]


def _handshake(row: Row) -> str:
    kind = f"{row['handshake']} {_MECHANISM[row['resumption']]}" if row["resumption"] else row["handshake"]
    if row["handshake_outcome"] == "completed":
        return str(kind)
    return str(row["handshake_outcome"]) if row["handshake"] == "unknown" else f"{kind}, {row['handshake_outcome']}"


def _closed(row: Row) -> str:
    if row["closed_how"] is None:
        return "–"
    how = _word(row["closed_how"])
    return how if row["closed_by"] in (None, "unknown") else f"{row['closed_by']}: {how}"


def _word(value: str | None) -> str:
    return (value or "?").replace("_", " ")


def _cells(table: pyarrow.Table, columns: list[_Column]) -> Iterator[list[str]]:
    for batch in table.to_batches(max_chunksize=_BATCH):
        for row in batch.to_pylist():
            yield [_cut(printable(column.text(row)), column.longest) for column in columns]


def _cut(text: str, longest: int) -> str:
    return text if not longest or len(text) <= longest else text[: longest - 1] + "…"


def _that_fit(columns: list[_Column], widths: list[int], width: int | None) -> list[int]:
    """The columns that a line has room for, the lowest ranks first; those of rank 0 always."""
    shown: list[int] = []
    used = -_GAP
    for i in sorted(range(len(columns)), key=lambda i: columns[i].rank):
        used += _GAP + widths[i]
        if width is not None and columns[i].rank > 0 and used > width:
            break
        shown.append(i)
    return sorted(shown)


def _line(cells: list[str], widths: list[int]) -> str:
    return (" " * _GAP).join(cell.ljust(width) for cell, width in zip(cells, widths)).rstrip()
