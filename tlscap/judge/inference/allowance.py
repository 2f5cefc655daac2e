"""How much work the inference of renegotiations may be, for one connection and for a run.

A peer chooses how many records it sends, of which lengths, and a capture of which it lost some; with losses each
record can be read in hundreds of ways. Work is counted in readings weighed, so that what is told does not depend
on the machine; one takes some 7 µs.
"""

from __future__ import annotations

MAX_WORK = 600_000
"""Readings weighed for one connection, some 4 s: a storm of 180 renegotiations, as many as a timeline holds, takes
530,000. What is behind the record that reaches it is not told, and counted in an anomaly."""

MAX_WORK_IN_ALL = 30_000_000
"""Readings weighed for all connections of a run, some 4 minutes; a renegotiation takes 3,000. Hostile connections
without end reach it; those that come then have WORK_THEN each."""

WORK_THEN = 4_000
"""Readings weighed for a connection when the run's are spent: enough to tell its first renegotiation."""

GUESS = 10
"""What a reading weighs of what was not captured; it may stand for a flight."""


class Allowance:
    """What a run has spent: each has its own."""

    def __init__(self) -> None:
        self.spent = 0

    def of_one(self) -> int:
        """What the next connection may spend."""
        return MAX_WORK if self.spent <= MAX_WORK_IN_ALL else WORK_THEN
