"""A hop that thinks it knows better: it changes ClientHellos on their way.

Both ends hash the hello into their Finished (RFC 5246 §7.4.9, RFC 8446 §4.4.1), so that a handshake whose hello was
changed fails, however well both would have got on. How a hello lies in records is not hashed: that may be changed.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable
from dataclasses import replace

from tlscap.lab import frame
from tlscap.lab.frame import SYN, Segment
from tlscap.lab.hop import LEFT_TO_RIGHT, Out

HANDSHAKE, CLIENT_HELLO = 22, 1
SUPPORTED_VERSIONS = 43
RECORD_HEADER, MESSAGE_HEADER = 5, 4
BEFORE_SESSION_ID = 34  # legacy_version and random

Flow = tuple[tuple[str, int], tuple[str, int]]


class Rewrite:
    """`what`: `strip-N` (the extension N goes), `cap-1.2` (TLS 1.3 goes), `split` (two records for one), or `none`."""

    def __init__(self, what: str) -> None:
        self._change = _change_of(what)
        self._begins: dict[Flow, int] = {}
        self._grown: dict[Flow, tuple[int, int]] = {}

    def passes(self, data: bytes, direction: int, now: float) -> Iterable[Out]:
        segment = frame.read(data)
        if segment is None:
            return [(0.0, direction, data)]
        changed = self._client_said(segment) if direction == LEFT_TO_RIGHT else self._server_said(segment)
        return [(0.0, direction, data if changed is segment else frame.write(changed))]

    def command(self, words: list[str]) -> None:
        """Another `what`, for connections that begin from now on."""
        self._change = _change_of(words[0])
        print(f"changes: {words[0]}", flush=True)

    def _client_said(self, segment: Segment) -> Segment:
        flow = segment.source, segment.target
        if segment.flags & SYN:
            self._begins[flow] = segment.next_sequence
            self._grown.pop(flow, None)
        elif segment.payload and segment.sequence == self._begins.get(flow) and _is_hello(segment.payload):
            payload = self._change(segment.payload)
            self._grown[flow] = (segment.next_sequence, len(payload) - len(segment.payload))
            return replace(segment, payload=payload)
        elif flow in self._grown:
            return replace(segment, sequence=_moved(segment.sequence, self._grown[flow][1]))
        return segment

    def _server_said(self, segment: Segment) -> Segment:
        """What it acknowledges must be moved back, if the hello is in it."""
        after, grown = self._grown.get((segment.target, segment.source), (0, 0))
        if grown and _moved(segment.acknowledgment, -after - grown) < 1 << 31:
            return replace(segment, acknowledgment=_moved(segment.acknowledgment, -grown))
        return segment


def _moved(sequence: int, by: int) -> int:
    return (sequence + by) & 0xFFFFFFFF


def _is_hello(payload: bytes) -> bool:
    """Whether it is one record, with a whole ClientHello."""
    head = RECORD_HEADER + MESSAGE_HEADER
    whole = len(payload) > head and len(payload) == RECORD_HEADER + int.from_bytes(payload[3:5], "big")
    return whole and payload[0] == HANDSHAKE and payload[RECORD_HEADER] == CLIENT_HELLO


def _change_of(what: str) -> Callable[[bytes], bytes]:
    """From the ClientHello's record to what leaves."""
    name, _, number = what.partition("-")
    if name == "strip":
        return lambda record: _without(record, int(number))
    known = {"none": lambda record: record, "cap": lambda record: _without(record, SUPPORTED_VERSIONS), "split": _split}
    return known[name]


def _split(record: bytes) -> bytes:
    """The same message in two records (RFC 8446 §5.1)."""
    half = len(record) // 2
    parts = record[RECORD_HEADER:half], record[half:]
    return b"".join(record[:3] + struct.pack("!H", len(part)) + part for part in parts)


def _without(record: bytes, unwanted: int) -> bytes:
    """The record without one extension; all lengths around it fit again (RFC 8446 §4.1.2)."""
    body = record[RECORD_HEADER + MESSAGE_HEADER :]
    at = BEFORE_SESSION_ID
    at += 1 + body[at]
    at += 2 + int.from_bytes(body[at : at + 2], "big")
    at += 1 + body[at]
    extensions = b"".join(
        struct.pack("!HH", kind, len(data)) + data for kind, data in _extensions(body[at + 2 :]) if kind != unwanted
    )
    body = body[:at] + struct.pack("!H", len(extensions)) + extensions
    message = bytes([CLIENT_HELLO]) + len(body).to_bytes(3, "big") + body
    return record[:3] + struct.pack("!H", len(message)) + message


def _extensions(data: bytes) -> Iterable[tuple[int, bytes]]:
    while data:
        kind, length = struct.unpack_from("!HH", data)
        yield kind, data[4 : 4 + length]
        data = data[4 + length :]
