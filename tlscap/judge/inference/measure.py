"""What a connection's first handshake says of the next one: how long its messages were, and with what it encrypts."""

from __future__ import annotations

from dataclasses import dataclass, field

from tlscap.engine.events import CLIENT, HANDSHAKE, HIDDEN
from tlscap.judge.inference.overhead import TLS12, Overhead, overhead
from tlscap.judge.landmarks import HELLO_RETRY_REQUEST, Landmarks
from tlscap.registry.names import CIPHER_SUITES

HEADER = 4
"""Bytes of a handshake message's type and length (RFC 5246 §7.4); lengths here are of whole messages."""

SSL30 = 0x0300
_TRUNCATED_HMAC = 4  # the extension (RFC 6066 §7)
_CERTIFICATE, _SERVER_KEY_EXCHANGE = 11, 12


@dataclass(slots=True)
class Measure:
    """The first handshake as a yardstick; what it did not show is empty, None or 0."""

    lengths: dict[tuple[int, int], int] = field(default_factory=dict)  # by side and type, header included
    version: int = TLS12
    suite: str = ""
    overhead: Overhead | None = None
    full: bool = False  # the first handshake was seen to exchange keys
    compressed: bool = False
    secure: bool = False  # the server supports RFC 5746
    client_signals: bool = False  # the client does so by the signalling cipher suite, not by the extension

    @property
    def finished(self) -> int:
        """The length of Finished: 12 bytes of verify_data, in SSL 3.0 two hashes."""
        return HEADER + (36 if self.version == SSL30 else 12)

    def length(self, side: int, kind: int) -> int | None:
        """The length that this message had in the first handshake."""
        return self.lengths.get((side, kind))


def take_measure(marks: Landmarks) -> Measure:
    """The measure of a connection."""
    facts, events = marks.facts, marks.events
    measure = Measure()
    for i in range(events.count):
        if events.kind(i) != HANDSHAKE or events.decrypted(i):
            continue
        if events.detail(i) not in (HIDDEN, HELLO_RETRY_REQUEST):
            measure.lengths.setdefault((events.side(i), events.detail(i)), HEADER + events.length(i))
    measure.full = any(kind in (_CERTIFICATE, _SERVER_KEY_EXCHANGE) for _, kind in measure.lengths)
    asked, answered = facts.client_hello, facts.server_hello
    if asked is not None:
        measure.client_signals = asked.profile.scsv and not asked.profile.renegotiation_info
    if answered is None:
        measure.version = facts.record_version or TLS12
        return measure
    measure.version = answered.version
    measure.suite = CIPHER_SUITES.get(answered.cipher, "")
    measure.compressed = answered.compression != 0
    measure.secure = answered.renegotiation_info
    truncated = _TRUNCATED_HMAC in answered.extensions
    measure.overhead = overhead(answered.cipher, answered.version, answered.encrypt_then_mac, truncated)
    return measure


def client_certificate_length(measure: Measure) -> int | None:
    """The length of the client's Certificate in the first handshake, None if it showed none."""
    return measure.length(CLIENT, _CERTIFICATE)
