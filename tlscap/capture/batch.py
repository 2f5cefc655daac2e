"""Packets as they travel from a capture to the engine: a batch is slices of one buffer.

A reader fills one buffer (about 384 KB), notes in columns where each packet lies in it, and hands
the batch over. The buffer may be filled again as soon as the consumer asks for the next batch, so
whoever keeps bytes copies them.
"""

from __future__ import annotations

from array import array

FRAME_BITS = 40
"""A frame id is `file << FRAME_BITS | frame`: one number that names a packet over several files."""

FRAME_MASK = (1 << FRAME_BITS) - 1


def frame_id(file: int, frame: int) -> int:
    """The frame id of packet `frame` (from 1, as Wireshark counts) of the file with index `file`."""
    return (file << FRAME_BITS) | frame


class Batch:
    """Up to `capacity` packets of one capture file, or of one live interface.

    `data` is the buffer; packet i is `data[start[i]:start[i] + caplen[i]]`, was `wirelen[i]` bytes
    long on the wire, was seen at `ts_ns[i]` (nanoseconds since 1970, UTC) on a link of type
    `linktype[i]` (LINKTYPE_ values of tcpdump.org) and has the frame id `frame[i]`. Packets that
    a filter took out are not in the batch, but keep their frame numbers.
    """

    __slots__ = ("capacity", "caplen", "count", "data", "frame", "linktype", "start", "ts_ns", "wirelen")

    def __init__(self, capacity: int = 4096) -> None:
        self.capacity = capacity
        self.count = 0
        self.data = memoryview(b"")
        self.ts_ns = array("q", bytes(8 * capacity))
        self.start = array("q", bytes(8 * capacity))
        self.caplen = array("q", bytes(8 * capacity))
        self.wirelen = array("q", bytes(8 * capacity))
        self.linktype = array("q", bytes(8 * capacity))
        self.frame = array("q", bytes(8 * capacity))
