"""A batch with packets of several files, which lie in several buffers: they are copied into one."""

from __future__ import annotations

from tlscap.capture.batch import Batch

ROOM = 512 << 10
"""Bytes of the buffer; more than the longest packet, so that every packet fits into an empty one."""


class Merged:
    """`batch` takes packets of other batches; they lie in a buffer of its own."""

    def __init__(self) -> None:
        self.batch = Batch()
        self._room = memoryview(bytearray(ROOM))
        self._used = 0
        self.batch.data = self._room

    def clear(self) -> None:
        self.batch.count = 0
        self._used = 0

    def take(self, source: Batch, first: int, until_ns: int) -> int:
        """Copies packets of `source` from index `first` on, the last one not later than `until_ns`.

        Gives the index of the first one that was not taken: it is later, or there is no more room.
        """
        into = self.batch
        while first < source.count and source.ts_ns[first] <= until_ns and into.count < into.capacity:
            start, caplen = source.start[first], source.caplen[first]
            if self._used + caplen > len(self._room):
                break
            n = into.count
            self._room[self._used : self._used + caplen] = source.data[start : start + caplen]
            into.start[n] = self._used
            into.caplen[n] = caplen
            into.wirelen[n] = source.wirelen[first]
            into.ts_ns[n] = source.ts_ns[first]
            into.linktype[n] = source.linktype[first]
            into.frame[n] = source.frame[first]
            into.count = n + 1
            self._used += caplen
            first += 1
        return first
