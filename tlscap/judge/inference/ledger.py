"""A renegotiation as a row of the table `handshakes`."""

from __future__ import annotations

from tlscap.engine.events import CHANGE_CIPHER_SPEC, CLIENT, HANDSHAKE, HIDDEN, SERVER
from tlscap.judge import thresholds as at
from tlscap.judge.attempt import Attempt, Sent
from tlscap.judge.inference import grammar as g
from tlscap.judge.inference.endings import message_name
from tlscap.judge.inference.measure import HEADER, take_measure
from tlscap.judge.landmarks import NEVER, Landmarks
from tlscap.judge.verdict import MAX_MESSAGES, SIDES, Handshake, Message

_CONTENT_TYPES = (CHANGE_CIPHER_SPEC, HANDSHAKE)


def write(marks: Landmarks, number: int, attempt: Attempt, certificate_length: int | None) -> Handshake:
    """The row, but for what other judgements add: the alert's name, what came afterwards.

    `certificate_length` is that of the server's Certificate in the first handshake, see `first_certificate_length`.
    """
    events = marks.events
    hidden = any(events.detail(sent.event) == HIDDEN for sent in attempt.messages)
    decrypted = any(events.decrypted(sent.event) for sent in attempt.messages)
    confidence = attempt.confidence * (attempt.kind_confidence if attempt.kind != "unknown" else 1.0)
    completed = attempt.outcome == "completed"
    row = Handshake(
        number=number,
        initiator=SIDES[attempt.initiator],
        kind=attempt.kind,
        outcome=attempt.outcome,
        encrypted=hidden or decrypted,
        basis="inferred" if hidden else "decrypted" if decrypted else "clear",
        confidence=min(confidence, at.FROM_LENGTHS) if hidden else confidence,
        start_ns=events.ns(attempt.first),
        duration_ns=events.ns(attempt.last) - events.ns(attempt.first) if completed else -1,
        client_certificate=_client_certificate(attempt),
        messages=_messages(marks, attempt),
    )
    row.broken_off_by = attempt.broken_off_by
    row.stalled_at = attempt.stalled_at
    row.certificate_changed = _certificate_changed(marks, attempt, certificate_length)
    return row


def first_certificate_length(marks: Landmarks) -> int | None:
    """The length of the server's Certificate in the first handshake, header included; None if it was not seen."""
    return take_measure(marks).length(SERVER, g.CERTIFICATE)


def _messages(marks: Landmarks, attempt: Attempt) -> list[Message]:
    events = marks.events
    rows = [_message(marks, sent) for sent in attempt.messages]
    if attempt.ended_by != NEVER:
        i = attempt.ended_by
        rows.append(Message(events.ns(i), events.frame(i), SIDES[events.side(i)], "alert", 2))
    return rows[:MAX_MESSAGES]


def _message(marks: Landmarks, sent: Sent) -> Message:
    events, i = marks.events, sent.event
    kind = "encrypted" if sent.kind is None else message_name(sent.kind)
    length = sent.length
    if sent.kind is None:
        length = events.length(i)
    elif sent.kind != g.CHANGE_CIPHER_SPEC and length >= HEADER:
        length -= HEADER
    return Message(events.ns(i), events.frame(i), SIDES[sent.side], kind, length, sent.confidence)


def _sent(attempt: Attempt, side: int, kind: int) -> Sent | None:
    for sent in attempt.messages:
        if (sent.side, sent.kind) == (side, kind):
            return sent
    return None


def _certificate_changed(marks: Landmarks, attempt: Attempt, before: int | None) -> bool | None:
    """Whether the server showed another certificate than at first: one of the same length is taken for the same.

    None where it showed none, or none was seen to compare it with, or its length cannot be told.
    """
    sent = _sent(attempt, SERVER, g.CERTIFICATE)
    if sent is not None and marks.facts.server.certificates is not None:
        for _, frame, side, chain in marks.facts.later_chains:  # those that were decrypted
            if (frame, side) == (marks.events.frame(sent.event), SERVER):
                return chain != marks.facts.server.certificates
    if sent is None or before is None or sent.length < 0:
        return None
    return sent.length != before


def _client_certificate(attempt: Attempt) -> str | None:
    """What the client showed; None where the handshake was not so far that anything was asked."""
    if attempt.kind == "abbreviated":
        return "unknown"  # the session's, whatever it is
    if _sent(attempt, CLIENT, g.EMPTY_CERTIFICATE) is not None:
        return "empty"
    if _sent(attempt, CLIENT, g.CERTIFICATE) is not None:
        return "sent"
    if _sent(attempt, SERVER, g.CERTIFICATE_REQUEST) is not None:
        return "unknown"
    return "not_requested" if _sent(attempt, SERVER, g.SERVER_HELLO_DONE) is not None else None
