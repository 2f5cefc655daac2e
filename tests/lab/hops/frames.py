"""Frames for hops to be shown."""

from __future__ import annotations

from tlscap.lab import frame
from tlscap.lab.frame import ACK, Segment

CLIENT, SERVER = ("10.20.1.1", 40001), ("10.20.2.1", 443)
ARP = bytes(12) + b"\x08\x06" + bytes(46)


def sent(
    by_client: bool = True, *, sequence: int = 1000, acknowledgment: int = 5000, flags: int = ACK, payload: bytes = b""
) -> bytes:
    """A segment of the client's, or of the server's."""
    source, target = (CLIENT, SERVER) if by_client else (SERVER, CLIENT)
    ethernet = bytes(6 * [1 + by_client]) + bytes(6 * [2 - by_client]) + b"\x08\x00"
    return frame.write(Segment(ethernet, 64, source, target, sequence, acknowledgment, flags, 500, b"", payload))


def read(data: bytes) -> Segment:
    segment = frame.read(data)
    assert segment is not None
    return segment
