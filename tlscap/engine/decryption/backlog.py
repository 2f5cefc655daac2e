"""Records of one direction that wait, in their order, for the hello of the other one."""

from __future__ import annotations

from collections import deque

MAX_BACKLOG = 256 << 10
"""Bytes of records that wait. The other direction waits for a hole, with as many bytes behind it; what is more stays
closed."""

Sealed = tuple[int, int, bytes, int, int]
"""Content type, version, content, ns and frame of a record."""


class Backlog:
    """A queue; `draining` while what is in it is read."""

    def __init__(self) -> None:
        self.draining = False
        self._waiting: deque[Sealed] = deque()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def keeps(self, must_wait: bool, record: Sealed) -> bool:
        """Keeps a record that has to wait, or that comes behind one that does; gives whether it did."""
        if self.draining or not (must_wait or self._waiting) or self._bytes + len(record[2]) > MAX_BACKLOG:
            return False
        self._waiting.append(record)
        self._bytes += len(record[2])
        return True

    def take(self) -> Sealed:
        """The next one."""
        first = self._waiting.popleft()
        self._bytes -= len(first[2])
        return first
