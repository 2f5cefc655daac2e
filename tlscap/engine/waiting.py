"""Segments that came before bytes that precede them: they wait in order, each byte once.

The first copy of a byte is kept; a second one that differs is noted.
"""

from __future__ import annotations

from tlscap import octets
from tlscap.engine.buffer import Buffer
from tlscap.engine.held import SEGMENT_OVERHEAD
from tlscap.engine.session import Session

_SEGMENT_OVERHEAD = SEGMENT_OVERHEAD
_SEQ_MASK = 0xFFFFFFFF


class Waiting:
    """What waits of one direction; `wanted` is everywhere the sequence number of the next byte wanted."""

    def __init__(self, session: Session, ns: int) -> None:
        self.session = session
        self.since = ns  # when the first of them came
        self.bytes = 0
        # By sequence number, none overlapping another: seq, bytes, bytes on the wire (a FIN has 0), ns, frame.
        self.segments: list[tuple[int, bytes, int, int, int]] = []

    def distance(self, wanted: int) -> int:
        """Bytes from the next one wanted to the first that waits."""
        return (self.segments[0][0] - wanted) & _SEQ_MASK

    def held_bytes(self) -> int:
        return self.bytes + len(self.segments) * _SEGMENT_OVERHEAD

    def insert(self, wanted: int, seq: int, data: bytes, on_wire: int, ns: int, frame: int) -> None:
        """Puts what overlaps nothing into its place; a FIN, which has no bytes, behind all."""
        segments = self.segments
        offset = (seq - wanted) & _SEQ_MASK
        place = len(segments)
        while place > 0 and ((segments[place - 1][0] - wanted) & _SEQ_MASK) > offset:
            place -= 1
        segments.insert(place, (seq, data, on_wire, ns, frame))
        self.bytes += len(data)
        self.session.held.bytes += len(data) + _SEGMENT_OVERHEAD

    def insert_uncovered(
        self, wanted: int, seq: int, buffer: Buffer, at: int, end: int, on_wire: int, ns: int, frame: int
    ) -> bool:
        """Lets wait of a segment what no waiting one holds, and compares the rest; whether there was any."""
        segments = self.segments
        begin = (seq - wanted) & _SEQ_MASK
        stop = begin + on_wire
        start = begin
        place = len(segments)
        while place > 0 and self._end_of(place - 1, wanted) > begin:
            place -= 1
        found = False
        while place < len(segments) and start < stop:
            low = (segments[place][0] - wanted) & _SEQ_MASK
            high = self._end_of(place, wanted)
            if low >= stop:
                break
            if low > start:
                self._insert_part(wanted, buffer, at, end, begin, start, low, ns, frame)
                found = True
                place += 1
            self._compare(segments[place][1], low, buffer, at, end, begin, ns, frame)
            start = high
            place += 1
        if start < stop:
            self._insert_part(wanted, buffer, at, end, begin, start, stop, ns, frame)
            found = True
        return found

    def remove_first(self, count: int) -> None:
        """Takes the first of them off, which were delivered."""
        segments = self.segments
        for i in range(count):
            self.bytes -= len(segments[i][1])
            self.session.held.bytes -= len(segments[i][1]) + _SEGMENT_OVERHEAD
        del segments[:count]
        if count > 0 and len(segments) > 0:
            self.since = segments[0][3]

    def _end_of(self, place: int, wanted: int) -> int:
        """Where a waiting segment ends, in bytes from the next one wanted."""
        kept = self.segments[place]
        return ((kept[0] - wanted) & _SEQ_MASK) + kept[2]

    def _insert_part(
        self, wanted: int, buffer: Buffer, at: int, end: int, begin: int, start: int, stop: int, ns: int, frame: int
    ) -> None:
        """Lets the bytes from `start` to `stop` wait of a segment that starts at `begin`; all count from `wanted`."""
        captured = end - at + begin
        low = start if start < captured else captured
        high = stop if stop < captured else captured
        data = octets.copied(buffer.data, at + low - begin, at + high - begin)
        self.insert(wanted, (wanted + start) & _SEQ_MASK, data, stop - start, ns, frame)

    def _compare(
        self, kept: bytes, low: int, buffer: Buffer, at: int, end: int, begin: int, ns: int, frame: int
    ) -> None:
        """Notes it if waiting bytes, which start at `low`, and those of a segment that starts at `begin` differ."""
        start = low if low > begin else begin
        stop = min(low + len(kept), begin + end - at)
        if start >= stop:
            return
        again = octets.copied(buffer.data, at + start - begin, at + stop - begin)
        if kept[start - low : stop - low] != again:
            detail = "bytes were sent twice and differ; the first copy is kept"
            self.session.facts.note(ns, frame, "overlap_differs", detail)
