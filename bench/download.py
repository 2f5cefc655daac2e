"""A long download that is the same each time: a recorded connection's beginning, and segments of records behind it."""

from __future__ import annotations

import struct
from pathlib import Path

from replicate import IP, TCP, Timed, carries, is_syn, read_pcap, write_pcap

SEGMENT, RECORD = 1448, 16_401  # bytes: TCP's payload at MTU 1500, a full record of TLS 1.3
ACK_EVERY = 8
STEP_NS = 12_000
ACK_FLAG = 0x10


def write_download(sample: Path, out: Path, segments: int) -> None:
    """The first connection of `sample` up to its first record of data from the server, and then `segments` more."""
    first = _connection(sample)
    beginning = []
    down = up = first[0][1]
    for ns, frame in first:
        beginning.append((ns, 0, frame))
        if is_from_server(first[0][1], frame):
            down = frame
            if payload(frame)[:1] == b"\x17" and len(beginning) > 12:
                break
        else:
            up = frame
    write_pcap(out, [*beginning, *_segments(down, up, beginning[-1][0], segments)])


def _connection(sample: Path) -> list[tuple[int, bytes]]:
    """The packets of the first connection."""
    packets = [(ns, data) for ns, data in read_pcap(sample) if carries(data, TCP)]
    syn = next(data for _, data in packets if is_syn(data))
    ends = {endpoint(syn, 12, 0), endpoint(syn, 16, 2)}
    return [(ns, data) for ns, data in packets if {endpoint(data, 12, 0), endpoint(data, 16, 2)} == ends]


def _segments(down: bytes, up: bytes, ns: int, count: int) -> list[Timed]:
    """Segments of full records that follow on `down`, and acknowledgements that look like `up`."""
    body = record_stream(SEGMENT * count)
    tcp = IP + 20
    head = down[: tcp + 4 * (down[tcp + 12] >> 4)]
    acknowledgement = up[: tcp + 4 * (up[tcp + 12] >> 4)]
    seq = int.from_bytes(down[tcp + 4 : tcp + 8]) + len(payload(down))
    made: list[Timed] = []
    for number in range(count):
        ns += STEP_NS
        piece = body[number * SEGMENT : (number + 1) * SEGMENT]
        made.append((ns, 0, _with(head, number, piece, seq=seq & 0xFFFFFFFF)))
        seq += SEGMENT
        if number % ACK_EVERY == ACK_EVERY - 1:
            made.append((ns + 1000, 0, _with(acknowledgement, number, b"", ack=seq & 0xFFFFFFFF)))
    return made


def record_stream(size: int) -> bytes:
    record = b"\x17\x03\x03" + struct.pack(">H", RECORD) + bytes(RECORD)
    return (record * (size // len(record) + 1))[:size]


def _with(head: bytes, number: int, body: bytes, **numbers: int) -> bytes:
    """A packet with these headers, of the next IP id, with other numbers and body."""
    frame, tcp = bytearray(head), IP + 20
    frame[IP + 2 : IP + 4] = struct.pack(">H", len(head) - IP + len(body))
    frame[IP + 4 : IP + 6] = struct.pack(">H", number + 30_000 & 0xFFFF)
    for name, at in (("seq", 4), ("ack", 8)):
        if name in numbers:
            frame[tcp + at : tcp + at + 4] = struct.pack(">I", numbers[name])
    frame[tcp + 13] = ACK_FLAG
    return bytes(frame) + body


def is_from_server(syn: bytes, frame: bytes) -> bool:
    return endpoint(frame, 12, 0) != endpoint(syn, 12, 0)


def endpoint(frame: bytes, address_at: int, port_at: int) -> bytes:
    return frame[IP + address_at : IP + address_at + 4] + frame[IP + 20 + port_at : IP + 22 + port_at]


def payload(frame: bytes) -> bytes:
    tcp = IP + 20
    return frame[tcp + 4 * (frame[tcp + 12] >> 4) : IP + int.from_bytes(frame[IP + 2 : IP + 4])]
