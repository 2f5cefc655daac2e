"""The numbers that the summary and the charts' headings are made of: `summing.py` makes them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow

Sql = Callable[[str], "pyarrow.Table"]

HOW_DROPPED = """case when outcome in ('reset', 'alert', 'renegotiation_failed', 'stalled') then outcome
    else 'unanswered' end"""
"""SQL over `connections`: a drop whose end looks orderly was one because the client still waited for an answer."""

DROP_WORDS = {
    "reset": "reset",
    "renegotiation_failed": "renegotiation failed",
    "alert": "fatal alert",
    "stalled": "stalled",
    "unanswered": "closed while unanswered",
}


@dataclass(frozen=True, slots=True)
class Durations:
    """Handshakes of one kind that completed: how many, and seconds from the first ClientHello to the end."""

    count: int
    median_s: float | None
    p95_s: float | None


@dataclass(slots=True)
class Server:
    """One server address: its connections, and its drops by how they ended."""

    name: str
    connections: int
    drops: dict[str, int] = field(default_factory=dict)

    @property
    def dropped(self) -> int:
        return sum(self.drops.values())


@dataclass(slots=True)
class Overview:
    """All of it; whatever is a dict goes from a word of the tables to a count, most frequent first."""

    totals: dict[str, int]
    versions: dict[str, int]
    ciphers: dict[str, int]
    client_certificates: dict[str, int]
    outcomes: dict[str, int]
    kinds: dict[str, Durations]
    mechanisms: dict[str, int]
    failed: dict[tuple[str, str], int]  # who ended it, the alert or how: connections
    drops: dict[str, dict[str, int]]  # how: who closed: connections
    servers: list[Server]  # most drops first
