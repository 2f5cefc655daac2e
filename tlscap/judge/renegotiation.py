"""Renegotiations in TLS up to 1.2, told from encrypted records (RFC 5246 §7.4.1.1, RFC 5746).

After the first handshake, a handshake record can only belong to another handshake, and so can a
ChangeCipherSpec that is longer than one byte. Whether there is any is asked of every connection; what
they say is inferred, by `tlscap.judge.inference`, only where there is.
"""

from __future__ import annotations

from tlscap.engine.events import CHANGE_CIPHER_SPEC, HANDSHAKE, HIDDEN
from tlscap.judge.attempt import Attempt
from tlscap.judge.inference.allowance import Allowance
from tlscap.judge.landmarks import CLIENT_HELLO, HELLO_REQUEST, NEVER, UNASKED, Landmarks, Passage
from tlscap.judge.thresholds import A_GUESS
from tlscap.judge.verdict import Verdict

UDP = 17
"""`Facts.transport` of DTLS."""


def find_attempts(marks: Landmarks, allowance: Allowance) -> list[Attempt]:
    """The renegotiations of a connection in order; the last one may be under way. `allowance` is the run's.

    None of DTLS: there a handshake record may as well be one that was sent again.
    """
    start = _start(marks)
    if start == NEVER or marks.facts.transport == UDP:
        return []
    from tlscap.judge.inference.parse import parse  # few connections have one

    return parse(marks, start, allowance)


def _start(marks: Landmarks) -> int:
    """The event from which on all handshakes are renegotiations, NEVER where there is none; the course tells."""
    course = marks.course
    if course.start == UNASKED:
        start = NEVER if marks.tls13 else _first_after_handshake(marks)
        course.start = start if start != NEVER and _any_from(marks, start) else NEVER
    return course.start


def judge_renegotiations(marks: Landmarks, attempts: list[Attempt], verdict: Verdict) -> None:
    """Fills the verdict's counts; where the capture has losses, what is no more than a guess is only in the ledger."""
    verdict.secure_renegotiation = secure_renegotiation(marks)
    if not attempts:
        return
    counted = [attempt.outcome for attempt in attempts if attempt.confidence > A_GUESS or _is_complete(marks)]
    verdict.renegotiations = len(counted)
    verdict.renegotiations_completed = counted.count("completed")
    verdict.renegotiations_refused = counted.count("refused")
    verdict.renegotiations_failed = counted.count("failed") + counted.count("stalled")
    if attempts[-1].untold:
        sentence = f"{attempts[-1].untold} more records of handshakes: what they renegotiate is not told"
        marks.facts.note(marks.facts.end_ns, marks.facts.last_frame, "renegotiations_not_told", sentence)


def _is_complete(marks: Landmarks) -> bool:
    """Whether the capture has all packets, and in an order in which they can have been sent."""
    return marks.is_whole() and not marks.facts.is_turned()


def secure_renegotiation(marks: Landmarks) -> str | None:
    """Which sides support RFC 5746; None in TLS 1.3, which has no renegotiation, or without a hello."""
    asked, answered = marks.facts.client_hello, marks.facts.server_hello
    if marks.tls13 or asked is None or answered is None:
        return None
    client = asked.profile.renegotiation_info or asked.profile.scsv
    server = answered.renegotiation_info
    if client:
        return "both" if server else "client"
    return "server" if server else "none"


def _first_after_handshake(marks: Landmarks) -> int:
    """The event from which on a handshake record is a renegotiation's, or NEVER.

    Where the hellos are missing and nothing was sent in the clear, all is from behind the first handshake.
    """
    client, server = marks.client, marks.server
    if not marks.hello_seen and not _any_clear(marks):
        return 0
    after_data = max(client.data, server.data) + 1
    if after_data == 0 or (marks.hello_seen and (client.data == NEVER or server.data == NEVER)):
        after_data = NEVER
    first, last = _finished(marks, client), _finished(marks, server)
    if first == NEVER and last == NEVER:
        return after_data
    if (first == NEVER and client.gap == NEVER) or (last == NEVER and server.gap == NEVER):
        return after_data  # the handshake is not over
    after_finished = max(first, last) + 1
    if after_data == NEVER:
        return after_finished
    if first == NEVER or last == NEVER:
        return after_data  # what was captured of the lost Finished's flight is no renegotiation
    return min(after_finished, after_data)


def _finished(marks: Landmarks, passage: Passage) -> int:
    """A side's first Finished; NEVER also where it is missing and what looks like it is of a later handshake."""
    if passage.finished != NEVER:
        return passage.finished
    if passage.hidden == NEVER or marks.events.detail(passage.change_cipher_spec) == HIDDEN:
        return NEVER
    return passage.hidden


def _any_clear(marks: Landmarks) -> bool:
    """Whether a handshake message or a ChangeCipherSpec was sent in the clear."""
    events = marks.events
    for i in range(events.count):
        kind = events.kind(i)
        if kind in (HANDSHAKE, CHANGE_CIPHER_SPEC) and events.detail(i) != HIDDEN and not events.decrypted(i):
            return True
    return False


def _any_from(marks: Landmarks, start: int) -> bool:
    """Whether a handshake begins, or goes on, at event `start` or later."""
    events = marks.events
    for i in range(start, events.count):
        kind = events.kind(i)
        detail = events.detail(i)
        if kind == HANDSHAKE and detail in (HIDDEN, CLIENT_HELLO, HELLO_REQUEST):
            return True
        if kind == CHANGE_CIPHER_SPEC and (detail == HIDDEN or events.decrypted(i)):
            return True
    return False


def no_data_after(marks: Landmarks, attempt: Attempt) -> bool:
    """Whether no application data came after the attempt's end."""
    last = max(attempt.last, attempt.first)
    facts = marks.facts
    if max(facts.client.data_ns, facts.server.data_ns) > marks.events.ns(last):  # also if its event was cut
        return False
    return not marks.data_between(last + 1, marks.events.count)
