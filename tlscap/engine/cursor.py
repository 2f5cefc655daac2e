"""Where in a frame decoding has got to: the one place from which the peelers read bytes.

A peeler is a function over a `Cursor`: it finds a header at `at`, checks that the captured bytes
hold it (`has`), moves `at` behind it and returns what follows, or `STOP` after saying why.

What follows is one number: below 256 an IP protocol, from 0x600 an ethertype, in between one of
the codes below. Two ends are kept: `cap`, where the captured bytes of the innermost datagram end,
and `wire`, where it ended on the wire. `cap <= len(data)` always, and no read goes beyond `cap`.
Positions are unsigned and only ever added to, so that a length that a sender made up cannot wrap
below the start.
"""

from __future__ import annotations

from tlscap.engine.buffer import Buffer
from tlscap.engine.tunnelpaths import TunnelPaths
from tlscap.engine.undecoded import TRUNCATED, Undecoded

STOP = -2
"""Nothing follows that could be looked into; the reason has been counted."""

ETHERNET, LLC, PPP, IP_BY_VERSION, WIFI = 0x100, 0x101, 0x102, 0x103, 0x104
"""What follows is an Ethernet frame, an LLC header, a PPP frame, IP of the version that its first
nibble tells, or an 802.11 frame."""

FOREIGN, L2TP_DATA = 0x105, 0x106
"""What follows is for the slow path: a frame of a link type that is not known here, or L2TP."""

_STOP = STOP
_TRUNCATED = TRUNCATED


class Cursor(Buffer):
    """A position in the bytes of one packet, with the tunnels entered so far."""

    def __init__(self) -> None:
        super().__init__(memoryview(b""))
        self.at = 0
        self.cap = 0
        self.wire = 0
        self.tunnel = 0
        self.paths = TunnelPaths()
        self.reasons = Undecoded()

    def has(self, size: int) -> bool:
        """Whether `size` bytes at the cursor were captured."""
        return self.at + size <= self.cap

    def u8(self, offset: int) -> int:
        """The byte at `offset` from the cursor; `has` has been asked before, here and below."""
        return self.data[self.at + offset]

    def u16(self, offset: int) -> int:
        return (self.u8(offset) << 8) | self.u8(offset + 1)

    def u24(self, offset: int) -> int:
        return (self.u16(offset) << 8) | self.u8(offset + 2)

    def u32(self, offset: int) -> int:
        return (self.u16(offset) << 16) | self.u16(offset + 2)

    def u16_little(self, offset: int) -> int:
        """A number that the capturing machine wrote, little-endian as nearly all of them are."""
        return self.u8(offset) | (self.u8(offset + 1) << 8)

    def u32_little(self, offset: int) -> int:
        return self.u16_little(offset) | (self.u16_little(offset + 2) << 16)

    def stop(self, reason: int) -> int:
        """Counts why decoding ends here."""
        self.reasons.note(reason)
        return _STOP

    def lacks(self, reason: int) -> int:
        """Ends where a header does not fit: cut off by the capture, or else malformed as `reason` says."""
        return self.stop(_TRUNCATED if self.cap < self.wire else reason)

    def enter(self, kind: int, ident: int) -> int:
        """Notes that what follows lies in a tunnel (a kind of `tunnelpaths`); returns its path."""
        self.tunnel = self.paths.enter(self.tunnel, kind, ident)
        return self.tunnel
