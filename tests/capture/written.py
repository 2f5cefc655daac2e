"""Captures written by hand, byte by byte, and what a reader made of them."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from tlscap.capture import Batch, CaptureFile, open_capture

START_NS = 1_795_341_600_000_000_000  # 2026-11-22 10:00:00 UTC

SECTION, INTERFACE, OLD_PACKET, SIMPLE, NAMES, STATISTICS, ENHANCED, SECRETS = 0x0A0D0D0A, 1, 2, 3, 4, 5, 6, 10


class Packet(NamedTuple):
    ts_ns: int
    data: bytes
    wirelen: int
    linktype: int
    frame: int  # as in the batch: with the file's index


def packets(count: int, start_ns: int = START_NS, step_ns: int = 1_001_000, linktype: int = 1) -> list[Packet]:
    """Packets of different lengths and bytes, a few cut by a snaplen."""
    made = []
    for i in range(count):
        data = bytes((i * 7 + j) & 0xFF for j in range(40 + 13 * (i % 9)))
        made.append(Packet(start_ns + i * step_ns, data, len(data) + (100 if i % 4 == 3 else 0), linktype, i + 1))
    return made


def pcap(
    of: Iterable[Packet],
    *,
    order: str = "<",
    nano: bool = False,
    magic: int = 0,
    linktype: int = 1,
    version: tuple[int, int] = (2, 4),
    extra: bytes = b"",
) -> bytes:
    """A classic pcap; `extra` stands behind every packet header, as Kuznetzov's libpcap writes it."""
    out = [pcap_header(order=order, nano=nano, magic=magic, linktype=linktype, version=version)]
    out += [pcap_packet(packet, order=order, nano=nano, extra=extra) for packet in of]
    return b"".join(out)


def pcap_header(
    *, order: str = "<", nano: bool = False, magic: int = 0, linktype: int = 1, version: tuple[int, int] = (2, 4)
) -> bytes:
    magic = magic or (0xA1B23C4D if nano else 0xA1B2C3D4)
    return struct.pack(order + "IHHiIII", magic, *version, 0, 0, 262_144, linktype)


def pcap_packet(packet: Packet, *, order: str = "<", nano: bool = False, extra: bytes = b"") -> bytes:
    second, ns = divmod(packet.ts_ns, 1_000_000_000)
    head = struct.pack(order + "IIII", second, ns if nano else ns // 1000, len(packet.data), packet.wirelen)
    return head + extra + packet.data


def option(code: int, value: bytes, order: str = "<") -> bytes:
    return struct.pack(order + "HH", code, len(value)) + value + bytes(-len(value) % 4)


def block(kind: int, body: bytes, order: str = "<") -> bytes:
    body += bytes(-len(body) % 4)
    length = struct.pack(order + "I", 12 + len(body))
    return struct.pack(order + "I", kind) + length + body + length


def section(order: str = "<", options: bytes = b"") -> bytes:
    return block(SECTION, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1) + options, order)


def interface(linktype: int = 1, *, order: str = "<", snaplen: int = 262_144, options: bytes = b"") -> bytes:
    return block(INTERFACE, struct.pack(order + "HHI", linktype, 0, snaplen) + options, order)


def enhanced(packet: Packet, *, of: int = 0, ticks: int | None = None, order: str = "<", options: bytes = b"") -> bytes:
    """An enhanced packet block; `ticks` is the time in the interface's unit, microseconds unless told."""
    ticks = packet.ts_ns // 1000 if ticks is None else ticks
    head = struct.pack(order + "IIIII", of, ticks >> 32, ticks & 0xFFFFFFFF, len(packet.data), packet.wirelen)
    return block(ENHANCED, head + packet.data + bytes(-len(packet.data) % 4) + options, order)


def pcapng(of: Sequence[Packet], order: str = "<") -> bytes:
    """One section, one interface, microseconds."""
    linktype = of[0].linktype if of else 1
    body = b"".join(enhanced(packet, order=order) for packet in of)
    return section(order) + interface(linktype, order=order) + body


def whole_micros(of: Iterable[Packet]) -> list[Packet]:
    """The packets as a file with microseconds keeps them."""
    return [packet._replace(ts_ns=packet.ts_ns // 1000 * 1000) for packet in of]


def taken_from(batch: Batch) -> list[Packet]:
    """The packets of a batch, copied."""
    return [
        Packet(
            batch.ts_ns[i],
            bytes(batch.data[batch.start[i] : batch.start[i] + batch.caplen[i]]),
            batch.wirelen[i],
            batch.linktype[i],
            batch.frame[i],
        )
        for i in range(batch.count)
    ]


def read(*paths: Path | str, filter: str | None = None) -> tuple[list[Packet], list[CaptureFile]]:
    """Every packet of a capture of these files, and what the capture tells of the files."""
    found: list[Packet] = []
    with open_capture([str(path) for path in paths], filter=filter) as capture:
        for batch in capture:
            found += taken_from(batch)
    return found, capture.files


def read_bytes(content: bytes, folder: Path) -> tuple[list[Packet], CaptureFile]:
    """The same of one file with this content."""
    path = folder / "written"
    path.write_bytes(content)
    found, files = read(path)
    return found, files[0]
