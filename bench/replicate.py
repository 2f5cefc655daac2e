"""Makes a large capture of a small one: `python bench/replicate.py OUT CONNECTIONS RECORDING`.

Copies of a recording, each with client addresses of its own (11.x.y.z), with other randoms, session ids and
tickets (see disguise.py), and begun when the one before it is half over, so that connections of both
overlap. Checksums are left as they were; no reader here looks.
"""

from __future__ import annotations

import hashlib
import heapq
import struct
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from disguise import Head

OVERLAP = 2
"""Copies that run at the same time."""
MOST_COPIES = 1 << 16
"""As many as there are nets for the clients."""

IP = 14  # an Ethernet header
TCP, UDP = 6, 17
SYN, ACK = 0x02, 0x10
START_NS = 1_700_000_000 * 10**9
MASK_BYTES = 64

Timed = tuple[int, int, bytes]
"""Nanoseconds, number of the copy, frame."""


@dataclass(slots=True)
class Packet:
    """A frame; `client_at` is where the client's address stands in it, `patches` what a copy disguises in it."""

    after_ns: int
    data: bytes
    client_at: int
    patches: list[tuple[int, int, int]]


@dataclass(frozen=True, slots=True)
class Recording:
    """The TCP and UDP packets over IPv4 of one capture, and how many TCP connections they make."""

    packets: list[Packet]
    connections: int

    @property
    def span_ns(self) -> int:
        return self.packets[-1].after_ns


def read_recording(path: Path) -> Recording:
    """Reads a classic pcap file with Ethernet frames."""
    frames = [(ns, data) for ns, data in read_pcap(path) if carries(data, TCP) or carries(data, UDP)]
    servers = {data[IP + 16 : IP + 20] for _, data in frames if is_syn(data)}
    packets = [
        Packet(ns - frames[0][0], data, IP + (16 if data[IP + 12 : IP + 16] in servers else 12), [])
        for ns, data in frames
    ]
    heads: dict[bytes, list[Head]] = {}
    for number, packet in enumerate(packets):
        if carries(packet.data, TCP):
            take_payload(heads, packet.data, number)
    for head in chain.from_iterable(heads.values()):
        for number, place, length, skipped in head.patches():
            packets[number].patches.append((place, length, skipped))
    return Recording(packets, sum(is_syn(data) for _, data in frames))


def take_payload(heads: dict[bytes, list[Head]], data: bytes, number: int) -> None:
    """Adds a segment to the last connection of its flow; ports are used again."""
    tcp = IP + 4 * (data[IP] & 15)
    flow = data[IP + 12 : IP + 20] + data[tcp : tcp + 4]
    seq, flags = int.from_bytes(data[tcp + 4 : tcp + 8]), data[tcp + 13]
    if flags & SYN:
        known = heads.setdefault(flow, [])
        if not known or known[-1].first_seq != seq + 1 & 0xFFFFFFFF:
            known.append(Head(seq + 1 & 0xFFFFFFFF))
    elif flow in heads:
        place = tcp + 4 * (data[tcp + 12] >> 4)
        end = IP + int.from_bytes(data[IP + 2 : IP + 4])
        heads[flow][-1].take(seq, data[place:end], number, place)


def read_pcap(path: Path) -> Iterator[tuple[int, bytes]]:
    """Nanoseconds and bytes of each packet of a little-endian pcap file."""
    with path.open("rb", buffering=1 << 20) as file:
        scale = {0xA1B2C3D4: 1000, 0xA1B23C4D: 1}[struct.unpack_from("<I", file.read(24))[0]]
        while len(header := file.read(16)) == 16:
            seconds, fraction, length, _ = struct.unpack("<IIII", header)
            yield seconds * 10**9 + fraction * scale, file.read(length)


def carries(data: bytes, protocol: int) -> bool:
    return data[12:14] == b"\x08\x00" and data[IP] >> 4 == 4 and data[IP + 9] == protocol


def is_syn(data: bytes) -> bool:
    return carries(data, TCP) and data[IP + 4 * (data[IP] & 15) + 13] & (SYN | ACK) == SYN


def copy_of(recording: Recording, number: int, start_ns: int) -> Iterator[Timed]:
    """The packets of copy `number`, its clients in a net of its own."""
    net = bytes([11, number >> 8 & 255, number & 255])
    mask = hashlib.blake2b(number.to_bytes(4), digest_size=MASK_BYTES).digest() * 512
    for packet in recording.packets:
        at, data = packet.client_at, packet.data
        if packet.patches:
            disguised = bytearray(data)
            for place, length, skipped in packet.patches:
                disguised[place : place + length] = xor(data[place : place + length], mask[skipped : skipped + length])
            disguised[at : at + 3] = net
            data = bytes(disguised)
        else:
            data = data[:at] + net + data[at + 3 :]
        yield start_ns + packet.after_ns, number, data


def xor(one: bytes, other: bytes) -> bytes:
    return (int.from_bytes(one) ^ int.from_bytes(other)).to_bytes(len(one))


def copies(recording: Recording, number: int) -> Iterator[Timed]:
    """The packets of that many copies in order of time."""
    step_ns = recording.span_ns // OVERLAP
    return heapq.merge(*(copy_of(recording, each, START_NS + each * step_ns) for each in range(number)))


def write_pcap(out: Path, packets: Iterable[Timed], *, most_bytes: int = 1 << 62) -> int:
    """Writes a nanosecond pcap file and gives the number of packets; the file appears when it is whole."""
    count, left = 0, most_bytes
    partial = out.with_suffix(".partial")
    with partial.open("wb", buffering=1 << 20) as file:
        file.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, 1))
        for ns, _, data in packets:
            file.write(struct.pack("<IIII", ns // 10**9, ns % 10**9, len(data), len(data)) + data)
            count += 1
            left -= 16 + len(data)
            if left <= 0:
                break
    partial.rename(out)
    return count


def copied(recording: Path, out: Path, *, most_bytes: int = 1 << 62, connections: int = 0) -> int:
    """Writes copies until there are that many bytes or, without a limit of bytes, that many connections."""
    read = read_recording(recording)
    if connections:
        wanted = -(-connections // read.connections)
    else:
        # The last copies are cut off, so that traffic is as dense at the end as before.
        wanted = most_bytes // sum(16 + len(packet.data) for packet in read.packets) + 1 + OVERLAP
    return write_pcap(out, copies(read, min(wanted, MOST_COPIES)), most_bytes=most_bytes)


def first_packets(capture: Path, out: Path, number: int) -> Path:
    """The first packets of a capture as one of its own."""
    write_pcap(out, ((ns, 0, data) for ns, data in islice(read_pcap(capture), number)))
    return out


if __name__ == "__main__":
    written = copied(Path(sys.argv[3]), Path(sys.argv[1]), connections=int(sys.argv[2]))
    print(f"{written:,} packets")
