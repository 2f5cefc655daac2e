"""Inputs to begin with, for each target, out of the project's samples."""

from __future__ import annotations

import gzip
import struct
from collections.abc import Iterator
from pathlib import Path

import dpkt

from capture.written import Packet, enhanced, interface, option, packets, pcap, pcapng, section
from engine import samples
from targets.inferred import KINDS, SAMPLES
from targets.streams import script_of
from tlscap.engine.certificates import parse_certificate

PCAPS = sorted((Path(__file__).parent.parent / "pcaps").glob("*.pcap"))
KEYLOGS = sorted(PCAPS[0].parent.glob("*.keys"))
SMALL = 6
"""Conversations of each sample; more of them are alike."""

_CLEAR = {1: 0, 2: 1, 11: 2}
"""Which parser of the target `handshakes` reads which type of message."""


def container() -> Iterator[bytes]:
    yield pcap(packets(6))
    yield pcap(packets(4), order=">", nano=True)
    yield pcapng(packets(3)) + pcapng(packets(2), ">")
    yield section() + interface(options=option(9, b"\x0c") + option(14, bytes(8))) + enhanced(packets(1)[0]) * 3
    yield gzip.compress(pcap(packets(6)), mtime=0)


def frames() -> Iterator[bytes]:
    from engine.test_tunnels import LINKS, TUNNELS
    from targets.frames import LINKTYPES

    for packet, linktype in [(packet, 1) for packet, _ in TUNNELS.values()] + list(LINKS.values()):
        yield bytes((LINKTYPES.index(linktype), 0, 0)) + bytes(packet)


def streams() -> Iterator[bytes]:
    for steps in _conversations():
        yield script_of(steps)
        yield b"\xff" + script_of(steps, 300)[1:]


def decrypted() -> Iterator[bytes]:
    for path in KEYLOGS:
        for steps in list(samples.conversations(path.stem).values())[:SMALL]:
            yield script_of(steps)
            yield b"\x81" + path.read_bytes()[:2000] + script_of(steps, 300)


def inferred() -> Iterator[bytes]:
    for number, name in enumerate(SAMPLES):
        for place, steps in enumerate(list(samples.conversations(name).values())[:6]):
            for first in (0, 0x40, 0x80):
                yield bytes((number * 6 + place | first,)) + b"".join(_records(steps))


def handshakes() -> Iterator[bytes]:
    for steps in _conversations():
        for sender in (0, 1):
            stream = b"".join(data for side, data in steps if side == sender)
            for kind, body in _messages(stream):
                if kind in _CLEAR:
                    yield bytes((_CLEAR[kind],)) + body
                message = bytes((kind,)) + len(body).to_bytes(3) + body
                pieces = [message[at : at + 1008] for at in range(0, len(message), 1008)]
                yield b"\x03" + b"".join(bytes((252 | sender,)) + piece for piece in pieces)


def certificates() -> Iterator[bytes]:
    for steps in _conversations():
        stream = b"".join(data for side, data in steps if side == 1)
        for kind, body in _messages(stream):
            if kind == 11:
                yield from parse_certificate(body).certificates


def bpf() -> Iterator[bytes]:
    ether = [(0x28, 0, 0, 12), (0x15, 0, 3, 0x800), (0x30, 0, 0, 23), (0x15, 0, 1, 6), (6, 0, 0, 65535), (6, 0, 0, 0)]
    sums = (
        [(0x01, 0, 0, 3)] + [(op | 0x0C, 0, 0, 0) for op in range(0, 0x80, 0x10)] + [(0x02, 0, 0, 1), (0x16, 0, 0, 0)]
    )
    loads = [(0xB1, 0, 0, 14), (0x48, 0, 0, 14), (0x50, 0, 0, 2), (0x40, 0, 0, 0), (0x60, 0, 0, 2), (0x16, 0, 0, 0)]
    for program in (ether, sums, loads):
        code = b"".join(struct.pack("<HBBI", *instruction) for instruction in program)
        yield bytes((len(program),)) + code + packets(5)[4].data


def whole() -> Iterator[bytes]:
    for path in PCAPS:
        flows: dict[frozenset[tuple[bytes, int]], list[Packet]] = {}
        with path.open("rb") as file:
            for seconds, frame in dpkt.pcap.Reader(file):
                ip = dpkt.ethernet.Ethernet(frame).data
                if not isinstance(getattr(ip, "data", None), dpkt.tcp.TCP):
                    continue
                ends = frozenset(((ip.src, ip.data.sport), (ip.dst, ip.data.dport)))
                of = flows.setdefault(ends, [])
                of.append(Packet(int(seconds * 10**9), frame, len(frame), 1, 0))
        small = sorted(flows.values(), key=lambda of: sum(len(packet.data) for packet in of))
        for number, of in enumerate(small[:SMALL]):
            yield pcapng(of[:16]) if number % 2 else pcap(of[:16])


SEEDS = {
    "container": container,
    "frames": frames,
    "streams": streams,
    "decrypted": decrypted,
    "inferred": inferred,
    "handshakes": handshakes,
    "certificates": certificates,
    "bpf": bpf,
    "whole": whole,
}


def _conversations() -> Iterator[samples.Steps]:
    for path in PCAPS:
        yield from list(samples.conversations(path.stem).values())[:SMALL]


def _records(steps: samples.Steps) -> Iterator[bytes]:
    """The records of a conversation from the first ChangeCipherSpec or data on, as the target `inferred` has them."""
    begun = False
    for sender, said in steps:
        at = 0
        while at + 5 <= len(said) and said[at] in KINDS:
            length = int.from_bytes(said[at + 3 : at + 5])
            begun = begun or said[at] in (20, 23)
            if begun:
                yield bytes((sender | KINDS.index(said[at]) << 1,)) + length.to_bytes(2)
            at += 5 + length


def _messages(stream: bytes) -> Iterator[tuple[int, bytes]]:
    """Type and body of the handshake messages in the clear records with which a stream begins."""
    at, clear = 0, b""
    while at + 5 <= len(stream) and stream[at] == 22:
        length = int.from_bytes(stream[at + 3 : at + 5])
        clear += stream[at + 5 : at + 5 + length]
        at += 5 + length
    at = 0
    while at + 4 <= len(clear):
        length = int.from_bytes(clear[at + 1 : at + 4])
        yield clear[at], clear[at + 4 : at + 4 + length]
        at += 4 + length
