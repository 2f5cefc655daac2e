"""The judge: what the facts of one connection mean.

Small functions over one connection's facts, in the order of a connection's life. Each file is one
question: `handshake` (full or abbreviated, completed or not), `client_certificate`, `renegotiation`,
`alerts`, `application_data` (was an answer owed), `tickets`, `ledger` (the list of handshakes), `ending`
(who, how, dropped or not), `history` (all of it as a word). They share the event indices of `landmarks`
and, in TLS 1.3, the `flights` told from record lengths; the numbers that verdicts rest on are in
`thresholds`. What needs other connections (lineage) is the tables' work.
"""

from __future__ import annotations

from tlscap.engine.events import ALERT, CHANGE_CIPHER_SPEC, HANDSHAKE, HIDDEN, Events
from tlscap.engine.facts import Facts
from tlscap.judge.alerts import find_alerts
from tlscap.judge.client_certificate import judge_client_certificate
from tlscap.judge.ending import judge_ending
from tlscap.judge.flights import Flights
from tlscap.judge.handshake import judge_handshake
from tlscap.judge.history import render_history
from tlscap.judge.landmarks import Landmarks
from tlscap.judge.ledger import list_handshakes, note_drop
from tlscap.judge.renegotiation import find_attempts, judge_renegotiations
from tlscap.judge.tickets import ticket_candidates
from tlscap.judge.verdict import Verdict
from tlscap.registry import exact_version_name, version_name

_TLS_1_0 = 0x0301


def judge(facts: Facts) -> Verdict:
    """The verdict on one connection."""
    verdict = Verdict()
    marks = Landmarks(facts)
    flights = Flights(marks) if marks.tls13 else None
    _judge_version(marks, verdict)
    judge_handshake(marks, flights, verdict)
    judge_client_certificate(marks, flights, verdict)
    attempts = find_attempts(marks)
    judge_renegotiations(marks, attempts, verdict)
    verdict.alerts = find_alerts(marks, flights, attempts)
    verdict.handshakes = list_handshakes(marks, flights, attempts, verdict)
    judge_ending(marks, flights, attempts, verdict)
    note_drop(marks, attempts, verdict)
    verdict.ticket_candidates = ticket_candidates(marks, flights)
    verdict.history = render_history(marks, flights, attempts, verdict)
    return verdict


def _judge_version(marks: Landmarks, verdict: Verdict) -> None:
    """The ServerHello's choice, else the records' version where they are older than TLS 1.2.

    Up to draft 21 TLS 1.3 has TLS 1.0 in its records, but encrypts all into application data.
    """
    facts = marks.facts
    answer = facts.server_hello or facts.hello_retry
    if answer is not None:
        verdict.version = exact_version_name(answer.raw_version)
    elif (
        0x0300 <= facts.record_version < 0x0303
        and facts.client_hello is None
        and (facts.record_version != _TLS_1_0 or _is_before_tls13(facts.events))
    ):
        verdict.version = version_name(facts.record_version)
    elif not marks.is_unanswered():
        verdict.unknown["version"] = marks.why_missing()


def _is_before_tls13(events: Events) -> bool:
    """Whether there is a record that TLS 1.3 does not have once it encrypts; a clear alert may be of any version."""
    for i in range(events.count):
        kind = events.kind(i)
        if kind in (HANDSHAKE, CHANGE_CIPHER_SPEC) or (kind == ALERT and events.detail(i) == HIDDEN):
            return True
    return False


__all__ = ["Verdict", "judge"]
