"""Writes a capture again as pcapng, with the key log inside (draft-ietf-opsawg-pcapng: Decryption Secrets Block)."""

from __future__ import annotations

import struct
from pathlib import Path

SECTION, INTERFACE, SECRETS, PACKET = 0x0A0D0D0A, 1, 10, 6
TLS_KEY_LOG = 0x544C534B
MICROSECOND_MAGIC, PCAP_HEADER, RECORD_HEADER = 0xA1B2C3D4, 24, 16


def write_pcapng(capture: Path, secrets: bytes, target: Path) -> None:
    """`capture` is a pcap of this machine's byte order with microseconds, as tcpdump leaves it here."""
    data = capture.read_bytes()
    magic, _, _, _, _, snaplen, linktype = struct.unpack_from("=IHHiIII", data)
    if magic != MICROSECOND_MAGIC:
        raise ValueError(f"{capture}: not a pcap with microseconds in this machine's byte order")
    with target.open("wb") as out:
        out.write(_block(SECTION, struct.pack("=IHHq", 0x1A2B3C4D, 1, 0, -1)))
        if secrets:
            out.write(_block(SECRETS, struct.pack("=II", TLS_KEY_LOG, len(secrets)) + secrets))
        out.write(_block(INTERFACE, struct.pack("=HHI", linktype, 0, snaplen)))
        place = PCAP_HEADER
        while place + RECORD_HEADER <= len(data):
            seconds, micros, captured, length = struct.unpack_from("=IIII", data, place)
            place += RECORD_HEADER
            instant = seconds * 1_000_000 + micros
            head = struct.pack("=IIIII", 0, instant >> 32, instant & 0xFFFFFFFF, captured, length)
            out.write(_block(PACKET, head + data[place : place + captured]))
            place += captured


def _block(kind: int, body: bytes) -> bytes:
    body += bytes(-len(body) % 4)
    length = len(body) + 12
    return struct.pack("=II", kind, length) + body + struct.pack("=I", length)
