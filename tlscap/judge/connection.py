"""One connection before the judge: all questions, in an order in which each finds what it builds on."""

from __future__ import annotations

from tlscap.engine.facts import Facts
from tlscap.judge.alerts import find_alerts
from tlscap.judge.client_certificate import judge_client_certificate
from tlscap.judge.ending import judge_ending
from tlscap.judge.flights import Flights
from tlscap.judge.handshake import judge_handshake
from tlscap.judge.history import render_history
from tlscap.judge.inference.allowance import Allowance
from tlscap.judge.landmarks import Landmarks
from tlscap.judge.ledger import list_handshakes, note_drop
from tlscap.judge.renegotiation import find_attempts, judge_renegotiations
from tlscap.judge.tickets import ticket_candidates
from tlscap.judge.verdict import Verdict
from tlscap.judge.version import judge_version


def judge_alone(facts: Facts, allowance: Allowance | None = None) -> Verdict:
    """The verdict on one connection, whatever others were like; `allowance` is that of its run, if it is of any."""
    marks = Landmarks(facts)
    return judge_by(marks, Flights(marks) if marks.tls13 else None, allowance)


def judge_by(marks: Landmarks, flights: Flights | None, allowance: Allowance | None = None) -> Verdict:
    """The same by the landmarks of its facts, with the flights if it is TLS 1.3."""
    verdict = Verdict()
    allowance = Allowance() if allowance is None else allowance
    judge_version(marks, verdict)
    judge_handshake(marks, flights, verdict)
    judge_client_certificate(marks, flights, verdict)
    attempts = find_attempts(marks, allowance)
    judge_renegotiations(marks, attempts, verdict)
    verdict.alerts = find_alerts(marks, flights, attempts)
    verdict.handshakes = list_handshakes(marks, flights, attempts, verdict)
    judge_ending(marks, flights, attempts, verdict)
    note_drop(marks, attempts, verdict)
    verdict.ticket_candidates = ticket_candidates(marks, flights)
    verdict.history = render_history(marks, flights, attempts, verdict)
    return verdict
