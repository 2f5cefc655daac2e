"""Alerts: clear and decrypted ones by name, encrypted ones by what can be told from where they stand.

An encrypted alert record followed by its sender's FIN or RST is a close_notify when application data
went before it and no renegotiation was open. In TLS 1.3 alerts look like application data; a last
record of an alert's length before the close is taken for one. What is most likely fatal has that level
and no name; where bytes are missing that would tell, an alert has neither.
"""

from __future__ import annotations

from tlscap.engine.events import (
    ALERT,
    APPLICATION_DATA,
    CHANGE_CIPHER_SPEC,
    CLIENT,
    FIN,
    HANDSHAKE,
    HIDDEN,
    RST,
    SERVER,
    Events,
)
from tlscap.engine.facts import Side
from tlscap.judge.application_data import had_data_tls13
from tlscap.judge.attempt import Attempt
from tlscap.judge.flights import Flights
from tlscap.judge.landmarks import NEVER, Landmarks
from tlscap.judge.thresholds import (
    AFTER_BARE_FIN,
    AFTER_LOSS,
    ALERT_BYTES,
    ENCRYPTED_CLOSE,
    ENCRYPTED_CLOSE_OTHER_ENDS,
    ENDS_RENEGOTIATION,
    FROM_LENGTHS,
    FROM_MERGED_LENGTHS,
    PENDING_CLOSE,
    TLS13_OVERHEAD,
    UNDER_WAY_NS,
    UNNAMED,
)
from tlscap.judge.verdict import CLOSE_NOTIFY, FATAL, NO_RENEGOTIATION, SIDES, Alert
from tlscap.registry import alert_description_name, alert_level_name

TLS12_RECORD = 0x0303
"""The version that records of TLS 1.2 and 1.3 name (RFC 8446 §5.1)."""

_NEXT = {
    APPLICATION_DATA: "data",
    HANDSHAKE: "handshake",
    CHANGE_CIPHER_SPEC: "handshake",
    ALERT: "alert",
    FIN: "fin",
    RST: "reset",
}
"""What may come behind an alert, in the words of the table."""


def find_alerts(marks: Landmarks, flights: Flights | None, attempts: list[Attempt]) -> list[Alert]:
    """All alerts of a connection, in the order of time."""
    alerts: list[Alert] = []
    for i in marks.alerts:
        detail = marks.events.detail(i)
        alert = _encrypted(marks, i, attempts) if detail == HIDDEN else _clear(marks, i, detail)
        alert.event = i
        alert.length = marks.events.length(i)
        _tell_next(marks, i + 1, marks.events.side(i), alert)
        alerts.append(alert)
    if marks.facts.server_hello is None:
        return _in_order(alerts, _hidden_under_way(marks, CLIENT), _hidden_under_way(marks, SERVER))
    if flights is not None:
        return _in_order(alerts, _hidden_in_data(marks, flights, CLIENT), _hidden_in_data(marks, flights, SERVER))
    return alerts


def _in_order(alerts: list[Alert], client: Alert | None, server: Alert | None) -> list[Alert]:
    """All of them in the order of time."""
    ordered: list[Alert] = []
    for alert in alerts:
        _insert(ordered, alert)
    if client is not None:
        _insert(ordered, client)
    if server is not None:
        _insert(ordered, server)
    return ordered


def _insert(ordered: list[Alert], alert: Alert) -> None:
    at = len(ordered)
    while at > 0 and _is_before(alert, ordered[at - 1]):
        at -= 1
    ordered.insert(at, alert)


def _is_before(alert: Alert, other: Alert) -> bool:
    return alert.moment() < other.moment()


def _clear(marks: Landmarks, i: int, detail: int) -> Alert:
    alert = Alert()
    events = marks.events
    alert.ns = events.ns(i)
    alert.frame = events.frame(i)
    alert.sender = SIDES[events.side(i)]
    alert.level = alert_level_name(detail >> 8)
    alert.description = alert_description_name(detail & 0xFF)
    if events.decrypted(i):
        alert.encrypted = True
        alert.basis = "decrypted"
    return alert


def _tell_next(marks: Landmarks, start: int, side: int, alert: Alert) -> None:
    """Says what the sender and its peer sent from event `start` on."""
    alert.sender_next = _next_of(marks, start, side)
    alert.peer_next = _next_of(marks, start, 1 - side)


def _next_of(marks: Landmarks, start: int, side: int) -> str | None:
    events = marks.events
    for k in range(start, events.count):
        if events.side(k) == side and events.kind(k) in _NEXT:
            return _NEXT[events.kind(k)]
    return None


def _first_behind(marks: Landmarks, ns: int, frame: int) -> int:
    """The first event behind a record that came at `ns` in `frame`; a close may have come in the same packet."""
    events = marks.events
    k = events.count
    while k > 0 and _is_behind(events, k - 1, ns, frame):
        k -= 1
    return k


def _is_behind(events: Events, i: int, ns: int, frame: int) -> bool:
    if events.ns(i) != ns:
        return events.ns(i) > ns
    return events.frame(i) > frame or (events.frame(i) == frame and events.kind(i) in (FIN, RST))


def _last_record(marks: Landmarks, side: int) -> Alert:
    """The side's last record as an encrypted alert of which nothing is known yet."""
    facts = marks.side(side)
    alert = _hidden(facts.last_record_ns, facts.last_record_frame, side)
    alert.length = facts.last_record_length
    _tell_next(marks, _first_behind(marks, alert.ns, alert.frame), side, alert)
    return alert


def _hidden(ns: int, frame: int, side: int) -> Alert:
    """An encrypted alert of which nothing is known yet."""
    alert = Alert()
    alert.ns = ns
    alert.frame = frame
    alert.sender = SIDES[side]
    alert.encrypted = True
    alert.basis = "inferred"
    alert.confidence = 0.0
    return alert


def _encrypted(marks: Landmarks, i: int, attempts: list[Attempt]) -> Alert:
    events = marks.events
    side = events.side(i)
    alert = _hidden(events.ns(i), events.frame(i), side)
    if marks.gap_between(_last_data(marks, i) + 1, i):
        return alert  # what it answers may be missing
    for attempt in reversed(attempts):  # it belongs to the last one that had begun
        if _is_in_renegotiation(marks, attempt, i):
            _infer_refusal(marks, i, side, attempt, alert)
            return alert
    _infer_close(marks, i, side, alert)
    if _follows_unknown_ending(marks, attempts, i):
        alert.confidence *= AFTER_LOSS
    return alert


def _follows_unknown_ending(marks: Landmarks, attempts: list[Attempt], i: int) -> bool:
    """Whether alert `i` comes behind the end of a renegotiation of which the capture lacks the beginning."""
    for attempt in attempts:
        if attempt.begun or attempt.outcome == "completed" or attempt.ended_by in (NEVER, i):
            continue
        if attempt.ended_by < i and not marks.data_between(attempt.ended_by + 1, i):
            return True
    return False


def _infer_refusal(marks: Landmarks, i: int, side: int, attempt: Attempt, alert: Alert) -> None:
    """Names the alert that answers a renegotiation's first message, unless its sender then hangs up.

    A fatal alert would be followed by its sender's FIN; no_renegotiation is a warning, after which the
    other side decides (RFC 5246 §7.2.2): it goes on, or sends its own alert. Any other whose sender goes on
    with data was a warning, whatever its name; where the capture lost some of the renegotiation, none is fatal.
    When who has refused sends another alert, it takes its leave, and the other one's then answers that.
    """
    refuses = attempt.outcome == "refused" and attempt.broken_off_by == "alert"
    again = refuses and attempt.ended_by == i and _alerts_between(marks, i + 1, marks.events.count, side)
    stays = again or goes_on(marks, i, side) or _answered_by_alert(marks, i, side)
    if refuses and attempt.ended_by == i and (stays or _next_close(marks, i) != side):
        alert.level, alert.description, alert.confidence = "warning", NO_RENEGOTIATION, ENCRYPTED_CLOSE
        if not stays and _is_at_the_end(marks, i):
            alert.confidence = ENCRYPTED_CLOSE_OTHER_ENDS  # its sender's FIN may be still to come
    elif goes_on(marks, i, side):
        alert.level, alert.confidence = "warning", FROM_LENGTHS
    elif refuses and _alerts_between(marks, attempt.ended_by + 1, i + 1, marks.events.side(attempt.ended_by)):
        alert.level, alert.description, alert.confidence = "warning", CLOSE_NOTIFY, ENCRYPTED_CLOSE_OTHER_ENDS
    elif attempt.outcome != "unfinished" and not attempt.lossy:
        alert.level, alert.confidence = FATAL, ENDS_RENEGOTIATION


def _is_at_the_end(marks: Landmarks, i: int) -> bool:
    """Whether the capture ended right behind event `i`, before anybody closed."""
    return marks.facts.until_ns - marks.events.ns(i) < UNDER_WAY_NS and _next_close(marks, i) == NEVER


def _alerts_between(marks: Landmarks, start: int, stop: int, side: int) -> bool:
    """Whether `side` sent an alert among the events from index `start` up to, not including, `stop`."""
    events = marks.events
    for k in range(start, stop):  # noqa: SIM110
        if events.kind(k) == ALERT and events.side(k) == side:
            return True
    return False


def _answered_by_alert(marks: Landmarks, i: int, side: int) -> bool:
    """Whether the other side sent an alert after event `i` and before any FIN or RST."""
    events = marks.events
    for k in range(i + 1, events.count):
        if events.kind(k) in (FIN, RST):
            return False
        if events.kind(k) == ALERT and events.side(k) != side:
            return True
    return False


def _is_in_renegotiation(marks: Landmarks, attempt: Attempt, i: int) -> bool:
    """Whether alert `i` belongs to a renegotiation that was not completed: no data came between them."""
    if attempt.outcome == "completed" or i < attempt.first:
        return False
    if marks.data_between(max(attempt.last, attempt.first) + 1, i):
        return False
    return attempt.last == NEVER or i <= attempt.last or attempt.outcome == "refused"


def _infer_close(marks: Landmarks, i: int, side: int, alert: Alert) -> None:
    """Takes the alert for a close_notify if what went before and what follows fit."""
    events = marks.events
    last_data = _last_data(marks, i)
    data_before = last_data != NEVER
    ended = _next_close(marks, i)
    if goes_on(marks, i, side):
        alert.level, alert.confidence = "warning", FROM_LENGTHS
        return
    if _answers_bare_fin(marks, alert, side):
        alert.level, alert.confidence = FATAL, AFTER_BARE_FIN
        return
    if not data_before and not (marks.hello_seen and marks.is_whole()):
        return
    if not data_before and ended == NEVER:
        return
    if data_before and side == SERVER and events.side(last_data) == CLIENT:
        alert.confidence = PENDING_CLOSE  # in place of an answer: it may as well be fatal
    elif data_before:
        alert.confidence = ENCRYPTED_CLOSE if ended == side else ENCRYPTED_CLOSE_OTHER_ENDS
    elif side == CLIENT or marks.is_silent(events.ns(max(i - 1, 0)), events.ns(i)):
        alert.confidence = PENDING_CLOSE  # a probe, or a timer of a server that was never asked
    else:
        alert.level, alert.confidence = FATAL, UNNAMED
        return
    if marks.facts.client.bytes == 0 or marks.facts.server.bytes == 0:
        alert.confidence *= AFTER_LOSS
    alert.level, alert.description = "warning", CLOSE_NOTIFY


def _answers_bare_fin(marks: Landmarks, alert: Alert, side: int) -> bool:
    """Whether the other side had closed by then without having sent any alert."""
    other = marks.side(SERVER if side == CLIENT else CLIENT)
    if other.fin_ns == 0 or (other.fin_ns, other.fin_frame) > alert.moment():
        return False
    for k in marks.alerts:  # noqa: SIM110
        if marks.events.side(k) != side:
            return False
    return True


def _last_data(marks: Landmarks, i: int) -> int:
    """The last application data before event `i`, or NEVER."""
    events = marks.events
    for k in range(i - 1, -1, -1):
        if events.kind(k) == APPLICATION_DATA:
            return k
    return NEVER


def goes_on(marks: Landmarks, i: int, side: int) -> bool:
    """Whether the sender of alert `i` went on with data: then it ended nothing."""
    events = marks.events
    for k in range(i + 1, events.count):
        if events.kind(k) == APPLICATION_DATA and events.side(k) == side:
            return True
        if events.kind(k) in (FIN, RST) and events.side(k) == side:
            return False
    return False


def _next_close(marks: Landmarks, i: int) -> int:
    """The side whose FIN or RST comes next after event `i`, or NEVER."""
    events = marks.events
    for k in range(i + 1, events.count):
        if events.kind(k) in (FIN, RST):
            return events.side(k)
    return NEVER


def _hidden_in_data(marks: Landmarks, flights: Flights, side: int) -> Alert | None:
    """A TLS 1.3 side's last record, if it has an alert's length and the connection then closes."""
    facts = marks.side(side)
    other = marks.side(SERVER if side == CLIENT else CLIENT)
    is_alert = facts.last_record_kind == APPLICATION_DATA and flights.is_alert(side, facts.last_record_length)
    own_end = _has_ended(facts)
    if not is_alert or not (own_end or _has_ended(other)) or facts.record_unfinished:
        return None
    alert = _last_record(marks, side)
    if flights.client_finished == NEVER or _is_before_event(marks, alert, flights.client_finished):
        if marks.is_whole():  # in the handshake: a refusal, whatever its name
            alert.level, alert.confidence = FATAL, FROM_MERGED_LENGTHS
        return alert
    said = other.last_record_kind == APPLICATION_DATA and flights.is_alert(1 - side, other.last_record_length)
    if not said and _answers_bare_fin(marks, alert, side):
        alert.level, alert.confidence = FATAL, AFTER_BARE_FIN
        return alert
    if had_data_tls13(marks, flights):
        alert.confidence = ENCRYPTED_CLOSE if own_end else ENCRYPTED_CLOSE_OTHER_ENDS
    elif side == CLIENT or _after_idle(marks, side) or _after_other(alert, other):
        alert.confidence = PENDING_CLOSE
    elif marks.is_whole():
        alert.level, alert.confidence = FATAL, UNNAMED
        return alert
    else:
        return alert
    alert.level, alert.description = "warning", CLOSE_NOTIFY
    return alert


def _hidden_under_way(marks: Landmarks, side: int) -> Alert | None:
    """The same where the ServerHello is not in the capture, so that the version is not known to be TLS 1.3."""
    facts = marks.side(side)
    length = ALERT_BYTES + TLS13_OVERHEAD
    is_alert = facts.last_record_kind == APPLICATION_DATA and facts.last_record_length == length
    own_end, other_ends = _has_ended(facts), _has_ended(marks.side(SERVER if side == CLIENT else CLIENT))
    if not is_alert or marks.facts.record_version != TLS12_RECORD or not (own_end or other_ends):
        return None
    alert = _last_record(marks, side)
    alert.level, alert.description = "warning", CLOSE_NOTIFY
    alert.confidence = ENCRYPTED_CLOSE_OTHER_ENDS if own_end else PENDING_CLOSE
    return alert


def _has_ended(side: Side) -> bool:
    """Whether the side ended the connection, also by a FIN of which the capture has only the acknowledgment."""
    return side.fin_ns > 0 or side.rst_ns > 0 or side.fin_missing


def _after_idle(marks: Landmarks, side: int) -> bool:
    """Whether a side's last records came after a silence: a timer may say more than the alert alone."""
    events = marks.events
    later_ns = marks.side(side).last_record_ns
    for i in range(events.count - 1, -1, -1):
        if events.kind(i) != APPLICATION_DATA or events.ns(i) > later_ns:
            continue
        if marks.is_silent(events.ns(i), later_ns):
            return True
        if events.side(i) != side:
            return False
        later_ns = events.ns(i)
    return False


def _after_other(alert: Alert, other: Side) -> bool:
    """Whether the other side had already closed when this one sent its alert."""
    if other.fin_ns > 0:
        return (other.fin_ns, other.fin_frame) <= alert.moment()
    return other.rst_ns > 0 and (other.rst_ns, other.rst_frame) <= alert.moment()


def _is_before_event(marks: Landmarks, alert: Alert, i: int) -> bool:
    return alert.moment() < (marks.events.ns(i), marks.events.frame(i))
