"""Renegotiations in TLS up to 1.2, told from encrypted records (RFC 5246 §7.4.1.1, RFC 5746).

After the first handshake, a handshake record can only belong to another handshake, and so can a
ChangeCipherSpec that is longer than one byte. An attempt is open from its first record until both
sides have sent their ChangeCipherSpec and a record behind it (completed), an alert of the other side
answers it before any handshake record of that side (refused), or the connection ends in it (failed).
Where the capture lost bytes since it began, nothing but its completion can be told.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tlscap.engine.events import ALERT, APPLICATION_DATA, CHANGE_CIPHER_SPEC, CLIENT, HANDSHAKE, HIDDEN, SERVER
from tlscap.engine.facts import END_OPEN
from tlscap.judge.landmarks import CLIENT_HELLO, HELLO_REQUEST, NEVER, Landmarks
from tlscap.judge.verdict import Verdict

UDP = 17
"""`Facts.transport` of DTLS."""

SHORTEST_HELLO = 64
"""A ClientHello of a renegotiation is longer than this, an encrypted HelloRequest shorter: 4 bytes and
at most 16 of nonce or IV, 20 to 48 of MAC or tag, and padding."""


@dataclass(slots=True)
class Attempt:
    """One renegotiation, as far as records tell; event indices."""

    first: int
    initiator: int
    outcome: str = "open"
    last: int = NEVER
    ended_by: int = NEVER  # the alert that refused or failed it
    lossy: bool = False  # the capture lost what would say how it went
    records: list[int] = field(default_factory=lambda: [0, 0])  # handshake records of client and server
    changed: list[bool] = field(default_factory=lambda: [False, False])
    finished: list[bool] = field(default_factory=lambda: [False, False])

    @property
    def other(self) -> int:
        return SERVER if self.initiator == CLIENT else CLIENT


def find_attempts(marks: Landmarks) -> list[Attempt]:
    """The renegotiations of a connection in order; the last one may be open.

    None of DTLS: there a handshake record may as well be one that was sent again.
    """
    attempts: list[Attempt] = []
    start = _first_after_handshake(marks)
    if marks.tls13 or start == NEVER or marks.facts.transport == UDP:
        return attempts
    current: Attempt | None = None
    for i in range(start, marks.events.count):
        if current is not None and _begins_anew(marks, current, i):
            current.outcome, current.lossy = "unfinished", True
            current = None
        if current is None and _opens(marks, i):
            current = _open(marks, i)
            attempts.append(current)
        elif current is not None:
            _take(marks, current, i)
        if current is not None and current.outcome != "open":
            current = None
    if current is not None:
        _give_up(marks, current, marks.events.count, "unfinished" if _still_open(marks) else "failed")
    return attempts


def judge_renegotiations(marks: Landmarks, attempts: list[Attempt], verdict: Verdict) -> None:
    """Fills the verdict's counts."""
    verdict.renegotiations = len(attempts)
    outcomes = [attempt.outcome for attempt in attempts]
    verdict.renegotiations_completed = outcomes.count("completed")
    verdict.renegotiations_refused = outcomes.count("refused")
    verdict.renegotiations_failed = outcomes.count("failed")
    verdict.secure_renegotiation = secure_renegotiation(marks)


def secure_renegotiation(marks: Landmarks) -> str | None:
    """Which sides support RFC 5746; None in TLS 1.3, which has no renegotiation, or without a hello."""
    asked, answered = marks.facts.client_hello, marks.facts.server_hello
    if marks.tls13 or asked is None or answered is None:
        return None
    client = asked.profile.renegotiation_info or asked.profile.scsv
    server = answered.renegotiation_info
    return {(True, True): "both", (True, False): "client", (False, True): "server"}.get((client, server), "none")


def _still_open(marks: Landmarks) -> bool:
    facts = marks.facts
    closed = facts.client.fin_ns or facts.server.fin_ns or facts.client.rst_ns or facts.server.rst_ns
    return facts.end == END_OPEN and not closed


def _first_after_handshake(marks: Landmarks) -> int:
    """The event from which on a handshake record is a renegotiation's, or NEVER."""
    client, server = marks.client, marks.server
    data = [passage.data for passage in (client, server) if passage.data != NEVER]
    after_data = max(data) + 1 if len(data) == 2 or (data and not marks.hello_seen) else NEVER
    if client.hidden == NEVER or server.hidden == NEVER:
        return after_data
    after_finished = max(client.hidden, server.hidden) + 1  # where the first Finished is missing, of a later handshake
    return after_finished if after_data == NEVER else min(after_finished, after_data)


def _opens(marks: Landmarks, i: int) -> bool:
    events = marks.events
    kind, detail = events.kind(i), events.detail(i)
    if kind == HANDSHAKE:
        return detail in (HIDDEN, CLIENT_HELLO, HELLO_REQUEST)
    return kind == CHANGE_CIPHER_SPEC and detail == HIDDEN


def _begins_anew(marks: Landmarks, attempt: Attempt, i: int) -> bool:
    """Whether event `i` is a handshake record of a side that has sent its Finished: the other's is missing."""
    events = marks.events
    return events.kind(i) == HANDSHAKE and attempt.finished[events.side(i)]


def _open(marks: Landmarks, i: int) -> Attempt:
    events = marks.events
    side = events.side(i)
    attempt = Attempt(first=i, initiator=side, last=i)
    if events.kind(i) == CHANGE_CIPHER_SPEC:
        attempt.changed[side] = True
    elif not (side == SERVER and events.length(i) < SHORTEST_HELLO):
        attempt.records[side] = 1  # a HelloRequest is no part of the handshake that it asks for
    return attempt


def _take(marks: Landmarks, attempt: Attempt, i: int) -> None:
    """Adds event `i` to an open attempt, which it may end."""
    events = marks.events
    kind, side = events.kind(i), events.side(i)
    if kind == APPLICATION_DATA:
        return
    attempt.last = i
    if kind == HANDSHAKE:
        attempt.records[side] += 1
        if attempt.changed[side]:
            attempt.finished[side] = True
            if False not in attempt.finished:
                attempt.outcome = "completed"
    elif kind == CHANGE_CIPHER_SPEC:
        attempt.changed[side] = True
    elif kind == ALERT:
        answered = attempt.records[attempt.other] > 0
        _give_up(marks, attempt, i, "failed" if answered or side == attempt.initiator else "refused")
        attempt.ended_by = NEVER if attempt.lossy else i


def _give_up(marks: Landmarks, attempt: Attempt, end: int, outcome: str) -> None:
    """An attempt comes to nothing at event `end`, unless that only looks so."""
    attempt.lossy = marks.gap_between(attempt.first, end) or not marks.both_captured()
    attempt.outcome = "unfinished" if attempt.lossy else outcome


def no_data_after(marks: Landmarks, attempt: Attempt) -> bool:
    """Whether no application data came after the attempt's end."""
    last = max(attempt.last, attempt.first)
    facts = marks.facts
    if max(facts.client.data_ns, facts.server.data_ns) > marks.events.ns(last):  # also if its event was cut
        return False
    return not marks.data_between(last + 1, marks.events.count)
