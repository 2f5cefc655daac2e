"""Where a recording's hellos hold what no two connections share, so that each copy of them can be made distinct.

Randoms, session ids, tickets and the identities of pre-shared keys. A copy changes all of them by the same
mask, so that whoever resumed a session in the recording resumes it in the copy too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

HEAD_BYTES = 16_384
"""Of either direction: enough for the handshake messages in the clear."""
HANDSHAKE, CLIENT_HELLO, SERVER_HELLO, NEW_SESSION_TICKET = 22, 1, 2, 4
SESSION_TICKET, PRE_SHARED_KEY = 35, 41
RETRY_RANDOM = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")  # RFC 8446 §4.1.3

Range = tuple[int, int]


@dataclass(slots=True)
class Head:
    """The first bytes of one direction of a connection, and which packets carried them."""

    first_seq: int
    octets: bytearray = field(default_factory=bytearray)
    pieces: list[tuple[int, int, int, int]] = field(default_factory=list)  # from, to, packet, place in it

    def take(self, seq: int, payload: bytes, packet: int, place: int) -> None:
        start = (seq - self.first_seq) & 0xFFFFFFFF
        end = start + len(payload)
        if end > HEAD_BYTES or not payload:
            return
        if len(self.octets) < end:
            self.octets += bytes(end - len(self.octets))
        self.octets[start:end] = payload
        self.pieces.append((start, end, packet, place))

    def patches(self) -> Iterator[tuple[int, int, int, int]]:
        """Packet, place in it, length, and how far into its field the place is."""
        for start, end in secrets(bytes(self.octets)):
            for low, high, packet, place in self.pieces:
                first, last = max(start, low), min(end, high)
                if first < last:
                    yield packet, place + first - low, last - first, first - start


def secrets(stream: bytes) -> Iterator[Range]:
    """The ranges in a direction's bytes; what is not a TLS handshake in the clear has none."""
    messages, places = bytearray(), []
    at = 0
    while at + 5 <= len(stream) and stream[at] == HANDSHAKE and stream[at + 1] == 3:
        size = int.from_bytes(stream[at + 3 : at + 5])
        messages += stream[at + 5 : at + 5 + size]
        places += range(at + 5, min(at + 5 + size, len(stream)))
        at += 5 + size
    for start, end in secrets_of_messages(bytes(messages)):
        # A field that is spread over two records would need two ranges; none of these stacks does that.
        if places[end - 1] - places[start] == end - 1 - start:
            yield places[start], places[end - 1] + 1


def secrets_of_messages(data: bytes) -> Iterator[Range]:
    at = 0
    while at + 4 <= len(data):
        kind, size = data[at], int.from_bytes(data[at + 1 : at + 4])
        start, end = at + 4, at + 4 + size
        if end > len(data):
            return
        if kind in (CLIENT_HELLO, SERVER_HELLO):
            yield from secrets_of_hello(data, start, end, client=kind == CLIENT_HELLO)
        elif kind == NEW_SESSION_TICKET and size > 6:
            yield start + 6, end
        at = end


def secrets_of_hello(data: bytes, start: int, end: int, *, client: bool) -> Iterator[Range]:
    """The random after two bytes of version, the session id, and the tickets and identities that a client offers."""
    if data[start + 2 : start + 34] != RETRY_RANDOM:
        yield start + 2, start + 34
    at = start + 35 + data[start + 34]
    if at > start + 35:
        yield start + 35, at
    if not client:
        return
    at += 2 + int.from_bytes(data[at : at + 2])  # cipher suites
    at += 1 + data[at]  # compression methods
    at += 2
    while at + 4 <= end:
        kind, size = int.from_bytes(data[at : at + 2]), int.from_bytes(data[at + 2 : at + 4])
        at += 4
        if kind == SESSION_TICKET and size:
            yield at, at + size
        elif kind == PRE_SHARED_KEY:
            yield from identities(data, at)
        at += size


def identities(data: bytes, at: int) -> Iterator[Range]:
    end = at + 2 + int.from_bytes(data[at : at + 2])
    at += 2
    while at + 2 < end:
        size = int.from_bytes(data[at : at + 2])
        yield at + 2, at + 2 + size
        at += 2 + size + 4  # obfuscated_ticket_age
