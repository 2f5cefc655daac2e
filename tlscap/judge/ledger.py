"""The handshakes of a connection, one row each: the first, and every renegotiation."""

from __future__ import annotations

from tlscap.engine.events import HANDSHAKE, HIDDEN
from tlscap.judge.attempt import Attempt
from tlscap.judge.flights import Flights
from tlscap.judge.landmarks import HELLO_REQUEST, NEVER, Landmarks
from tlscap.judge.renegotiation import no_data_after
from tlscap.judge.thresholds import FROM_LENGTHS
from tlscap.judge.verdict import Alert, Handshake, Verdict


def list_handshakes(
    marks: Landmarks, flights: Flights | None, attempts: list[Attempt], verdict: Verdict
) -> list[Handshake]:
    """The rows of a connection; the first handshake is missing if the capture began after it.

    If it began in the middle, the row has what came afterwards.
    """
    rows: list[Handshake] = []
    start = _first_start(marks)
    if start != NEVER:
        rows.append(_first(marks, flights, verdict, start))
    if attempts:
        rows += _renegotiations(marks, attempts, verdict)
    return rows


def _first_start(marks: Landmarks) -> int:
    """The first event of the first handshake, its first clear message if the hellos are not in the capture."""
    if marks.hello_seen:
        return marks.client_hello if marks.client_hello != NEVER else marks.server_hello
    events = marks.events
    for i in range(events.count):
        if events.kind(i) == HANDSHAKE and events.detail(i) not in (HIDDEN, HELLO_REQUEST):
            return i
    return NEVER


def _first(marks: Landmarks, flights: Flights | None, verdict: Verdict, start: int) -> Handshake:
    row = Handshake()
    row.kind = verdict.handshake
    if verdict.handshake_outcome in ("completed", "failed"):
        row.outcome = verdict.handshake_outcome
    if flights is not None:
        row.encrypted = True
        if marks.client.finished != NEVER or marks.server.finished != NEVER:
            row.basis = "decrypted"
        else:
            row.basis, row.confidence = "inferred", FROM_LENGTHS
    else:
        row.data_afterwards = marks.client.data != NEVER or marks.server.data != NEVER
    row.start_ns = marks.events.ns(start)
    row.duration_ns = verdict.handshake_ns
    row.client_certificate = verdict.client_certificate
    if verdict.handshake_outcome == "failed":
        row.ended_by_alert = _first_alert_from(verdict, marks.events.frame(start))
    row.tell_events(marks.events, start, _first_end(marks, flights))
    return row


def _first_alert_from(verdict: Verdict, frame: int) -> str | None:
    for alert in verdict.alerts:
        if alert.frame >= frame:
            return _alert_name(alert)
    return None


def _first_end(marks: Landmarks, flights: Flights | None) -> int:
    """The last event of the first handshake."""
    if flights is not None and flights.client_finished != NEVER:
        return flights.client_finished
    if marks.client.hidden != NEVER and marks.server.hidden != NEVER:
        return max(marks.client.hidden, marks.server.hidden)
    return marks.events.count - 1


def _renegotiations(marks: Landmarks, attempts: list[Attempt], verdict: Verdict) -> list[Handshake]:
    from tlscap.judge.inference.ledger import first_certificate_length, write  # few connections have one

    rows: list[Handshake] = []
    certificate_length = first_certificate_length(marks)
    for number, attempt in enumerate(attempts, 1):
        row = write(marks, number, attempt, certificate_length)
        ended_by = marks.events.frame(attempt.ended_by) if attempt.ended_by != NEVER else NEVER
        alert = _alert_in(verdict, ended_by)
        row.ended_by_alert = _alert_name(alert) if alert is not None else None
        row.data_afterwards = not no_data_after(marks, attempt)
        rows.append(row)
    return rows


def note_drop(marks: Landmarks, attempts: list[Attempt], verdict: Verdict) -> None:
    """Says of each renegotiation how long before the drop it was, once that is judged."""
    if not verdict.dropped or not attempts:
        return
    facts = marks.facts
    ends = [facts.client.fin_ns, facts.client.rst_ns, facts.server.fin_ns, facts.server.rst_ns]
    dropped_ns = min([ns for ns in ends if ns > 0] or [facts.end_ns])
    for row, attempt in zip(verdict.handshakes[-len(attempts) :], attempts, strict=True):
        row.to_drop_ns = max(0, dropped_ns - marks.events.ns(max(attempt.first, attempt.last)))


def _alert_in(verdict: Verdict, frame: int) -> Alert | None:
    for alert in verdict.alerts:
        if alert.frame == frame:
            return alert
    return None


def _alert_name(alert: Alert) -> str:
    return alert.description or "encrypted"
