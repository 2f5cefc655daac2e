"""The judge: what the facts of one connection mean.

Small functions over one connection's facts, in the order of a connection's life. Each file is one
question: `handshake` (full or abbreviated, completed or not), `client_certificate`, `renegotiation`,
`alerts`, `application_data` (was an answer owed), `tickets`, `ledger` (the list of handshakes), `ending`
(who, how, dropped or not), `history` (all of it as a word). They share the event indices of `landmarks`
and, in TLS 1.3, the `flights` told from record lengths; the numbers that verdicts rest on are in
`thresholds`. What needs other connections (lineage) is the tables' work.
"""

from __future__ import annotations

from tlscap.engine.facts import Facts
from tlscap.judge.alerts import find_alerts
from tlscap.judge.client_certificate import judge_client_certificate
from tlscap.judge.ending import judge_ending
from tlscap.judge.flights import Flights
from tlscap.judge.handshake import judge_handshake
from tlscap.judge.history import render_history
from tlscap.judge.landmarks import Landmarks
from tlscap.judge.ledger import list_handshakes
from tlscap.judge.renegotiation import find_attempts, judge_renegotiations
from tlscap.judge.tickets import ticket_candidates
from tlscap.judge.verdict import Verdict
from tlscap.registry import exact_version_name, version_name


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
    verdict.ticket_candidates = ticket_candidates(marks, flights)
    verdict.history = render_history(marks, flights, attempts, verdict)
    return verdict


def _judge_version(marks: Landmarks, verdict: Verdict) -> None:
    """The ServerHello's choice; records say no more than "not TLS 1.3" where they are older than TLS 1.2."""
    facts = marks.facts
    answer = facts.server_hello or facts.hello_retry
    if answer is not None:
        verdict.version = exact_version_name(answer.raw_version)
    elif 0x0300 <= facts.record_version < 0x0303 and facts.client_hello is None:
        verdict.version = version_name(facts.record_version)
    elif not marks.is_unanswered():
        verdict.unknown["version"] = marks.why_missing()


__all__ = ["Verdict", "judge"]
