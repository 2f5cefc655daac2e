"""The table `anomalies`: what on a connection was strange: truncated, malformed, unexpected, over a limit."""

from __future__ import annotations

from tlscap.tables.column import Column, Table

ANOMALIES = Table(
    "anomalies",
    "one row an anomaly; parsing went on after it",
    (
        Column("uid", "name", "The connection.", nullable=False),
        Column("time", "instant", "When it was seen."),
        Column("frame", "frame", "The packet."),
        Column("kind", "name", "What it is, one word.", nullable=False),
        Column("detail", "name", "A sentence.", nullable=False),
    ),
)
