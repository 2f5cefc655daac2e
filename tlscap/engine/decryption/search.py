"""Sequence numbers after a gap: how many records may be missing, and when to stop looking for the next one."""

from __future__ import annotations

MAX_SPAN = 4096
"""Sequence numbers tried for one record; each costs a decryption, some 2 µs. That many records may be lost at once."""

MAX_FAILURES = 4
"""Records in a row, each tried with all numbers, after which a direction is given up; a wrong key costs no more."""

_SMALLEST_RECORD = 5 + 16 + 1
"""Bytes of a record with content: header, tag or MAC, and a byte."""

_PASSED_OVER = 64
"""Records that may lie in bytes that were captured and passed over while the next header was looked for."""


class Search:
    """The sequence number of the next record, and how far it may be off."""

    def __init__(self) -> None:
        self.seq = 0
        self.span = 1  # it is one of so many, from `seq` on
        self.failures = 0  # since a record was opened
        self.unopened = 0  # in all
        self.opened = 0  # in all

    @property
    def is_over(self) -> bool:
        """Whether so many records failed that looking on is not worth it."""
        return self.failures >= MAX_FAILURES

    def gap(self, missing: int) -> None:
        """Takes note that whole records may have been among `missing` bytes."""
        self.span = min(MAX_SPAN, self.span + missing // _SMALLEST_RECORD + _PASSED_OVER)
        self.failures = 0

    def found(self, seq: int) -> None:
        """The record at hand has the number `seq`."""
        self.seq = seq + 1
        self.opened += 1
        self.span = 1
        self.failures = 0

    def passed(self) -> None:
        """A record went by that was not opened."""
        self.seq += 1

    def failed(self) -> None:
        """A record went by that should have been opened."""
        self.seq += 1
        self.failures += 1
        self.unopened += 1

    def restart(self) -> None:
        """New keys count from 0 (RFC 5246 §6.1, RFC 8446 §5.3)."""
        self.seq = 0
        self.span = 1
        self.failures = 0
