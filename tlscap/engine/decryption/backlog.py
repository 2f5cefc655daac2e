"""Records of one direction that wait, in their order, for the hello of the other one."""

from __future__ import annotations

from collections import deque

from tlscap.engine.held import SEGMENT_OVERHEAD, Held

MAX_BACKLOG = 256 << 10
"""Bytes of records that wait, with what each takes beside its content, which may be empty. The other direction
waits for a hole, with as many bytes behind it; what is more stays closed."""

Sealed = tuple[int, int, bytes, int, int]
"""Content type, version, content, ns and frame of a record."""


class Backlog:
    """A queue; `draining` while what is in it is read."""

    def __init__(self, held: Held | None = None) -> None:
        self.draining = False
        self.bytes = 0
        self._held = held or Held()
        self._waiting: deque[Sealed] = deque()

    def __len__(self) -> int:
        return len(self._waiting)

    def keeps(self, must_wait: bool, record: Sealed) -> bool:
        """Keeps a record that has to wait, or that comes behind one that does; gives whether it did."""
        size = len(record[2]) + SEGMENT_OVERHEAD
        if self.draining or not (must_wait or self._waiting) or self.bytes + size > MAX_BACKLOG:
            return False
        self._waiting.append(record)
        self._count(size)
        return True

    def take(self) -> Sealed:
        """The next one."""
        first = self._waiting.popleft()
        self._count(-len(first[2]) - SEGMENT_OVERHEAD)
        return first

    def forget(self) -> None:
        """Nobody will read what waits."""
        self._waiting.clear()
        self._count(-self.bytes)

    def _count(self, more: int) -> None:
        self.bytes += more
        self._held.bytes += more
