"""Captures written again: as pcapng with the key log inside (draft-ietf-opsawg-pcapng: Decryption Secrets Block), or
without some of their packets."""

from __future__ import annotations

import random
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

SECTION, INTERFACE, SECRETS, PACKET = 0x0A0D0D0A, 1, 10, 6
TLS_KEY_LOG = 0x544C534B
MICROSECOND_MAGIC, PCAP_HEADER, RECORD_HEADER = 0xA1B2C3D4, 24, 16


def write_pcapng(capture: Path, secrets: bytes, target: Path) -> None:
    """`capture` is a pcap of this machine's byte order with microseconds, as tcpdump leaves it here."""
    data = capture.read_bytes()
    snaplen, linktype = _read_header(capture, data)
    with target.open("wb") as out:
        out.write(_block(SECTION, struct.pack("=IHHq", 0x1A2B3C4D, 1, 0, -1)))
        if secrets:
            out.write(_block(SECRETS, struct.pack("=II", TLS_KEY_LOG, len(secrets)) + secrets))
        out.write(_block(INTERFACE, struct.pack("=HHI", linktype, 0, snaplen)))
        for record in _records(data):
            seconds, micros, captured, length = struct.unpack_from("=IIII", record)
            instant = seconds * 1_000_000 + micros
            head = struct.pack("=IIIII", 0, instant >> 32, instant & 0xFFFFFFFF, captured, length)
            out.write(_block(PACKET, head + record[RECORD_HEADER:]))


def lose_packets(capture: Path, share: float, chance: random.Random) -> int:
    """Takes a share of the packets out of the same kind of pcap; gives how many."""
    data = capture.read_bytes()
    _read_header(capture, data)
    records = list(_records(data))
    kept = [record for record in records if chance.random() >= share]
    capture.write_bytes(data[:PCAP_HEADER] + b"".join(kept))
    return len(records) - len(kept)


def _read_header(capture: Path, data: bytes) -> tuple[int, int]:
    """The most bytes of a packet, and the link type."""
    magic, _, _, _, _, snaplen, linktype = struct.unpack_from("=IHHiIII", data)
    if magic != MICROSECOND_MAGIC:
        raise ValueError(f"{capture}: not a pcap with microseconds in this machine's byte order")
    return snaplen, linktype


def _records(data: bytes) -> Iterator[bytes]:
    """Each packet behind its header."""
    place = PCAP_HEADER
    while place + RECORD_HEADER <= len(data):
        end = place + RECORD_HEADER + int.from_bytes(data[place + 8 : place + 12], sys.byteorder)
        yield data[place:end]
        place = end


def _block(kind: int, body: bytes) -> bytes:
    body += bytes(-len(body) % 4)
    length = len(body) + 12
    return struct.pack("=II", kind, length) + body + struct.pack("=I", length)
