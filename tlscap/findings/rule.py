"""What the rules share: how they ask, and how their sentences name servers, counts and times."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import pyarrow as pa

    from tlscap.findings.finding import Finding


class Asked(Protocol):
    """An `Analysis`, as far as rules ask it."""

    @property
    def connections(self) -> pa.Table:
        """The table `connections`."""

    def sql(self, query: str) -> pa.Table:
        """The answer of a query over all tables by their names."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule; `find` is asked only if `when` is true of the table `connections`.

    Most runs find nothing, and are over before DuckDB would be imported: `when` looks at columns (`tables.counting`).
    """

    name: str
    when: Callable[[pa.Table], bool]
    find: Callable[[Asked], Finding | None]


EXAMPLES = 20
"""Connections and frames that a finding names; all of them are in its query."""

NAMED_SERVERS = 4
"""Servers that a sentence names; the rest is counted."""


def ask(tables: Asked, query: str) -> list[dict[str, Any]]:
    """The rows of a query; instants have to be asked for as epoch_ns, for Python has none that are fine enough."""
    rows: list[dict[str, Any]] = tables.sql(query).to_pylist()
    return rows


def total(rows: Sequence[dict[str, Any]], column: str) -> int:
    """The sum of a column over all rows."""
    return sum(row[column] for row in rows)


def many(count: int, noun: str) -> str:
    """`1 session`, `1,200 sessions`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def servers(names: Sequence[str]) -> str:
    """`10.0.0.1:443`, `10.0.0.1:443 and 10.0.0.2:443`, and beyond NAMED_SERVERS how many more."""
    named, more = list(names[:NAMED_SERVERS]), len(names) - NAMED_SERVERS
    if more > 0:
        named.append(f"{more:,} more")
    return " and ".join([", ".join(named[:-1]), named[-1]] if len(named) > 1 else named)


def server_name(ip: str, port: int) -> str:
    """Address and port as they are written."""
    return f"[{ip}]:{port}" if ":" in ip else f"{ip}:{port}"


def period(first_ns: int, last_ns: int) -> str:
    """`at 2026-11-22 10:00:00 UTC`, or from when to when."""
    first, last = _utc(first_ns), _utc(last_ns)
    if first == last:
        return f"at {first} UTC"
    day, _, _ = first.partition(" ")
    return f"between {first} and {last.removeprefix(day + ' ')} UTC"


def seconds(value: float) -> str:
    """`0.55 ms`, `3.1 s`, `14 s`, `20 min`: two digits are enough to read."""
    if value < 1:
        return f"{value * 1000:.2g} ms" if value < 0.0995 else f"{value * 1000:.0f} ms"
    if value < 9.95:
        return f"{value:.2g} s"
    return f"{value:.0f} s" if value < 600 else f"{value / 60:.0f} min"


def frames(rows: Sequence[dict[str, Any]]) -> tuple[tuple[str, int], ...]:
    """The first EXAMPLES frames of lists of {file, frame}, each once."""
    found = dict.fromkeys((frame["file"], frame["frame"]) for row in rows for frame in row["frames"] if frame)
    return tuple(found)[:EXAMPLES]


def _utc(ns: int) -> str:
    return datetime.fromtimestamp(ns // 10**9, UTC).strftime("%Y-%m-%d %H:%M:%S")
