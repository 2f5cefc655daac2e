"""How long a message of a handshake may be, and how likely: spans of lengths with weights.

What the connection's first handshake showed is the best guess of the next one. A second ServerHello is
24 bytes longer than the first where both sides support RFC 5746 (§3.2: two verify_data of 12 bytes), a
second ClientHello by the extension and by what it now offers; certificates and keys are as long as they
were. What was not seen has the lengths that are usual. Lengths are of whole messages, header included.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tlscap.engine.events import CLIENT
from tlscap.judge.inference import grammar as g
from tlscap.judge.inference.measure import HEADER, Measure
from tlscap.judge.inference.overhead import TLS12

MAX_SUMS = 48
"""Sums of lengths kept for messages that share a record; the likely ones come first."""

LARGEST = 65_536
"""Longer messages than this are not reckoned with; no chain in use comes near."""

TOLD = 0.9
"""How much of the weight a length needs to be told."""

_VERIFY_DATA = 12
_SESSION_ID = 32

_RSA_SIGNATURES = (128, 256, 384, 512)
_ECDSA_SIGNATURES = ((68, 72), (101, 104), (136, 139))  # P-256, P-384, P-521 in DER
_EDDSA_SIGNATURES = (64, 114)
_POINTS = (33, 57, 66, 98, 134)  # ClientKeyExchange of X25519, X448, P-256, P-384, P-521: a byte of length, the point
_BLOCKS = (130, 258, 386, 514)  # two bytes of length, and what RSA or finite fields of 1024 to 4096 bits give


class Span(NamedTuple):
    """Lengths from `low` to `high`, each as likely; `weight` is that of all of them."""

    low: int
    high: int
    weight: float


class Sum(NamedTuple):
    """What messages in a row may come to together, and which span each of them takes."""

    low: int
    high: int
    weight: float
    parts: tuple[Span, ...]


def spans(measure: Measure, side: int, kind: int) -> list[Span]:
    """The lengths that a message of this kind may have, their weights about 1 together."""
    known = measure.length(side, g.CERTIFICATE if kind == g.EMPTY_CERTIFICATE else kind)
    found = _FIXED.get(kind) or _of_kind(measure, side, kind, known)
    if kind == g.FINISHED:
        found = [Span(measure.finished, measure.finished, 1)]
    if measure.compressed:  # RFC 3749: what repeats shrinks, what does not grows by a few bytes
        found = [Span(max(1, each.low // 3), each.high + 16, each.weight) for each in found]
    return [each for each in found if each.high >= each.low > 0]


_FIXED = {
    g.CHANGE_CIPHER_SPEC: [Span(1, 1, 1)],
    g.HELLO_REQUEST: [Span(HEADER, HEADER, 1)],
    g.SERVER_HELLO_DONE: [Span(HEADER, HEADER, 1)],
    g.EMPTY_CERTIFICATE: [Span(HEADER + 3, HEADER + 3, 1)],
    g.NEXT_PROTOCOL: [Span(HEADER + 32, HEADER + 32, 1)],
}


def _of_kind(measure: Measure, side: int, kind: int, known: int | None) -> list[Span]:
    if kind == g.CLIENT_HELLO:
        return _client_hello(measure, known)
    if kind == g.SERVER_HELLO:
        return _server_hello(measure, known)
    if kind == g.CLIENT_KEY_EXCHANGE:
        return _client_key_exchange(known)
    if kind == g.CERTIFICATE_VERIFY:
        return _certificate_verify(measure)
    if kind == g.NEW_SESSION_TICKET:
        return _new_session_ticket(known)
    if kind == g.CERTIFICATE and side == CLIENT:
        usual = [Span(300, 4000, 0.9), Span(100, 16_000, 0.1)]
        exact = known is not None and known > HEADER + 3
        return _measured(known, 0.9, usual) if exact else usual
    if kind == g.SERVER_KEY_EXCHANGE:
        usual = [Span(44, 700, 0.9), Span(8, 1600, 0.1)]
        near = [] if known is None else [Span(known - 4, known + 4, 0.45)]  # a signature in DER differs by a few bytes
        return near + _measured(known, 0.5, usual, 0.05)
    if kind == g.CERTIFICATE_STATUS:
        near = [] if known is None else [Span(known - 16, known + 16, 0.4)]
        return near + _measured(known, 0.3, [Span(200, 4000, 1)])
    if kind == g.CERTIFICATE_REQUEST:
        return _measured(known, 0.9, [Span(10, 130, 0.5), Span(10, 600, 0.35), Span(10, 16_000, 0.15)])
    return _measured(known, 0.93, [Span(300, 6000, 0.95), Span(100, LARGEST, 0.05)])


def _measured(known: int | None, weight: float, usual: Sequence[Span], rest: float | None = None) -> list[Span]:
    """The length of the first handshake with this weight, and what is usual with the rest."""
    if known is None:
        return list(usual)
    share = 1 - weight if rest is None else rest
    return [Span(known, known, weight), *(Span(each.low, each.high, each.weight * share) for each in usual)]


def _client_hello(measure: Measure, known: int | None) -> list[Span]:
    if known is None:
        return [Span(60, 620, 0.9), Span(43, 4000, 0.1)]
    extension = 5 + _VERIFY_DATA - 2 if measure.client_signals else _VERIFY_DATA
    return [
        Span(known + extension, known + extension, 0.35),
        Span(known + extension + _SESSION_ID, known + extension + _SESSION_ID, 0.1),
        Span(max(43, known - 400), known + 60, 0.25),  # it no longer offers TLS 1.3
        Span(known, known + 1200, 0.2),  # it presents a ticket
        Span(43, 4000, 0.1),
    ]


def _server_hello(measure: Measure, known: int | None) -> list[Span]:
    if known is None:
        return [Span(70, 160, 0.9), Span(42, 600, 0.1)]
    longer = known + (2 * _VERIFY_DATA if measure.secure else 0)
    return [
        Span(longer, longer, 0.6),
        Span(longer + _SESSION_ID, longer + _SESSION_ID, 0.07),
        Span(longer - _SESSION_ID, longer - _SESSION_ID, 0.07),
        Span(longer - 44, longer + 44, 0.21),
        Span(42, 600, 0.05),
    ]


def _client_key_exchange(known: int | None) -> list[Span]:
    usual = [Span(HEADER + each, HEADER + each, 0.15) for each in _POINTS]
    usual += [Span(HEADER + each - 2, HEADER + each, 0.05) for each in _BLOCKS]  # leading zeros may be left out
    usual.append(Span(6, 700, 0.05))
    near = [] if known is None else [Span(known - 2, known, 0.1)]
    return near + _measured(known, 0.85, usual, 0.05)


def _certificate_verify(measure: Measure) -> list[Span]:
    before = HEADER + 2 + (2 if measure.version >= TLS12 else 0)
    found = [Span(before + each, before + each, 0.12) for each in (*_RSA_SIGNATURES, *_EDDSA_SIGNATURES)]
    found += [Span(before + low, before + high, 0.08) for low, high in _ECDSA_SIGNATURES]
    return [*found, Span(40, 600, 0.04)]


def _new_session_ticket(known: int | None) -> list[Span]:
    usual = [Span(160, 320, 0.5), Span(HEADER + 6, HEADER + 6, 0.05), Span(100, 3500, 0.45)]
    if known is None:
        return usual
    near = [Span(known - 64, known + 64, 0.1), Span(known, known + 3500, 0.2)]  # it holds a client certificate now
    return near + _measured(known, 0.6, usual, 0.1)


def sums(measure: Measure, side: int, kinds: tuple[int, ...]) -> list[Sum]:
    """What messages of these kinds come to if they stand in one record, the likeliest first."""
    found = [Sum(0, 0, 1.0, ())]
    for kind in kinds:
        found = [
            Sum(each.low + span.low, each.high + span.high, each.weight * span.weight, (*each.parts, span))
            for each in found
            for span in spans(measure, side, kind)
        ]
        found = sorted(found, key=lambda each: -each.weight)[:MAX_SUMS]
    return found


def likelihood(found: Sequence[Sum], low: int, high: int) -> float:
    """How likely it is that the messages come to between `low` and `high` bytes."""
    total = 0.0
    for each in found:
        shared = min(high, each.high) - max(low, each.low) + 1
        if shared > 0:
            total += each.weight * shared / (each.high - each.low + 1)
    return total


def split(found: Sequence[Sum], low: int, high: int) -> list[int]:
    """The lengths of the messages in a record that holds between `low` and `high` bytes; -1 where it cannot be told."""
    weights = [likelihood((each,), low, high) for each in found]
    total = sum(weights)
    if total == 0:
        return []
    told: list[dict[int, float]] = [{} for _ in found[0].parts]
    for each, weight in zip(found, weights, strict=True):
        if weight > 0:
            for lengths, length in zip(told, _lengths(each, low, high), strict=True):
                lengths[length] = lengths.get(length, 0.0) + weight / total
    return [
        max(lengths, key=lambda length: lengths[length]) if max(lengths.values()) >= TOLD else -1 for lengths in told
    ]


def _lengths(each: Sum, low: int, high: int) -> list[int]:
    """The lengths of the messages if they are of these spans: those that have one, and the rest for one other."""
    lengths = [part.low if part.low == part.high else -1 for part in each.parts]
    if lengths.count(-1) == 1 and low == high:
        lengths[lengths.index(-1)] = low - sum(length for length in lengths if length >= 0)
    return lengths
