"""Just enough of Ethernet, IPv4 and TCP for a hop: to read a frame's fields and to make another of it."""

from __future__ import annotations

import struct
from dataclasses import dataclass

ETHERNET, IPV4, TCP = 14, 0x0800, 6
FIN, SYN, RST, PSH, ACK = 0x01, 0x02, 0x04, 0x08, 0x10


@dataclass(frozen=True)
class Segment:
    """A TCP segment in an IPv4 packet without IP options, as every frame here is."""

    ethernet: bytes
    ttl: int
    source: tuple[str, int]
    target: tuple[str, int]
    sequence: int
    acknowledgment: int
    flags: int
    window: int
    options: bytes
    payload: bytes

    @property
    def next_sequence(self) -> int:
        """After this segment."""
        return (self.sequence + len(self.payload) + bool(self.flags & SYN) + bool(self.flags & FIN)) & 0xFFFFFFFF


def read(frame: bytes) -> Segment | None:
    """The segment in an Ethernet frame; None for anything else."""
    if len(frame) < ETHERNET + 40 or frame[12:14] != b"\x08\x00" or frame[14] != 0x45 or frame[23] != TCP:
        return None
    total = int.from_bytes(frame[16:18], "big")
    tcp = frame[34 : ETHERNET + total]
    sport, dport, sequence, acknowledgment, offset, flags, window = struct.unpack_from("!HHIIBBH", tcp)
    start = (offset >> 4) * 4
    source, target = (".".join(map(str, frame[at : at + 4])) for at in (26, 30))
    return Segment(
        frame[:ETHERNET], frame[22], (source, sport), (target, dport), sequence, acknowledgment, flags, window,
        tcp[20:start], tcp[start:],
    )  # fmt: skip


def write(segment: Segment) -> bytes:
    """The frame of a segment, with the checksums that it must have."""
    ends = b"".join(bytes(map(int, ip.split("."))) for ip, _ in (segment.source, segment.target))
    offset = (20 + len(segment.options)) // 4 << 4
    head = struct.pack(
        "!HHIIBBHHH", segment.source[1], segment.target[1], segment.sequence, segment.acknowledgment, offset,
        segment.flags, segment.window, 0, 0,
    )  # fmt: skip
    tcp = head + segment.options + segment.payload
    tcp = _with_checksum(tcp, 16, ends + struct.pack("!HH", TCP, len(tcp)))
    ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(tcp), 0, 0x4000, segment.ttl, TCP, 0) + ends
    return segment.ethernet + _with_checksum(ip, 10, b"") + tcp


def _with_checksum(data: bytes, at: int, pseudo: bytes) -> bytes:
    total = pseudo + data
    total += bytes(len(total) % 2)
    added = sum(struct.unpack(f"!{len(total) // 2}H", total))
    while added >> 16:
        added = (added & 0xFFFF) + (added >> 16)
    return data[:at] + struct.pack("!H", ~added & 0xFFFF) + data[at + 2 :]
