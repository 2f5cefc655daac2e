"""Makes a large capture of the project's samples: `python bench/replicate.py OUT CONNECTIONS [SAMPLE...]`.

Each copy of a sample has client addresses of its own and starts a little after the one before it, so
that connections overlap as on a busy server. Checksums are left as they are; no reader here looks.
"""

from __future__ import annotations

import heapq
import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SAMPLES = Path(__file__).parent.parent / "pcaps"
OVERLAP = 20
"""Copies that run at the same time."""

IP = 14  # an Ethernet header
SYN, ACK = 0x02, 0x10
START_NS = 1_700_000_000 * 10**9


@dataclass(frozen=True, slots=True)
class Packet:
    """A TCP packet over IPv4 and Ethernet; `client_at` is where the client's address stands in it."""

    after_ns: int
    data: bytes
    client_at: int


@dataclass(frozen=True, slots=True)
class Sample:
    """The packets of one capture, and how many connections they make."""

    packets: list[Packet]
    connections: int

    @property
    def span_ns(self) -> int:
        return self.packets[-1].after_ns


def read_sample(path: Path) -> Sample:
    """The TCP packets of a classic pcap file with Ethernet frames; others are left out."""
    frames = [(ns, data) for ns, data in read_pcap(path) if is_tcp(data)]
    servers = {data[IP + 16 : IP + 20] for _, data in frames if is_syn(data)}
    packets = [
        Packet(ns - frames[0][0], data, IP + 16 if data[IP + 12 : IP + 16] in servers else IP + 12)
        for ns, data in frames
    ]
    return Sample(packets, sum(is_syn(data) for _, data in frames))


def read_pcap(path: Path) -> Iterator[tuple[int, bytes]]:
    """Nanoseconds and bytes of each packet of a little-endian pcap file."""
    with path.open("rb", buffering=1 << 20) as file:
        scale = {0xA1B2C3D4: 1000, 0xA1B23C4D: 1}[struct.unpack_from("<I", file.read(24))[0]]
        while len(header := file.read(16)) == 16:
            seconds, fraction, length, _ = struct.unpack("<IIII", header)
            yield seconds * 10**9 + fraction * scale, file.read(length)


def is_tcp(data: bytes) -> bool:
    return data[12:14] == b"\x08\x00" and data[IP] >> 4 == 4 and data[IP + 9] == 6


def is_syn(data: bytes) -> bool:
    flags = data[IP + 4 * (data[IP] & 15) + 13]
    return bool(flags & SYN) and not flags & ACK


def copy_of(sample: Sample, number: int, start_ns: int) -> Iterator[tuple[int, int, bytes]]:
    """The packets of copy `number`; its clients are 11.x.y.z, with z as in the sample."""
    net = bytes([11, number >> 8 & 255, number & 255])
    for packet in sample.packets:
        at = packet.client_at
        yield start_ns + packet.after_ns, number, packet.data[:at] + net + packet.data[at + 3 :]


def copies(samples: list[Sample], connections: int) -> Iterator[Iterator[tuple[int, int, bytes]]]:
    """Copies of the samples in turn, until they have that many connections."""
    step_ns = sum(sample.span_ns for sample in samples) // len(samples) // OVERLAP
    number = made = 0
    while made < connections:
        sample = samples[number % len(samples)]
        yield copy_of(sample, number, START_NS + number * step_ns)
        made += sample.connections
        number += 1


def write_pcap(out: Path, packets: Iterator[tuple[int, int, bytes]], limit: int | None = None) -> int:
    """Writes a nanosecond pcap file and gives the number of packets; the file appears when it is whole."""
    count = 0
    partial = out.with_suffix(".partial")
    with partial.open("wb", buffering=1 << 20) as file:
        file.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, 1))
        for ns, _, data in packets:
            file.write(struct.pack("<IIII", ns // 10**9, ns % 10**9, len(data), len(data)))
            file.write(data)
            count += 1
            if count == limit:
                break
    partial.rename(out)
    return count


def replicate(out: Path, connections: int, paths: list[Path] | None = None) -> int:
    """Writes a capture of about that many connections made of `paths`, by default of all samples."""
    samples = [sample for path in paths or sorted(SAMPLES.glob("*.pcap")) if (sample := read_sample(path)).packets]
    return write_pcap(out, heapq.merge(*copies(samples, connections)))


if __name__ == "__main__":
    written = replicate(Path(sys.argv[1]), int(sys.argv[2]), [Path(name) for name in sys.argv[3:]])
    print(f"{written:,} packets")
