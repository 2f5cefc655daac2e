"""Application data: whether a session carried any, when it last flowed, and whether an answer was owed.

In TLS 1.3 every encrypted record looks like application data; what is handshake, ticket or alert is
told by where it stands and how long it is.
"""

from __future__ import annotations

from tlscap.engine.events import ALERT, APPLICATION_DATA, CLIENT, FIN, RST, SERVER
from tlscap.engine.facts import Facts, Side
from tlscap.judge.flights import Flights
from tlscap.judge.landmarks import NEVER, Landmarks
from tlscap.judge.thresholds import TICKETS_AT_START
from tlscap.judge.verdict import Verdict

RECORD_HEADER = 5


def has_data(marks: Landmarks, flights: Flights | None) -> bool:
    """Whether the session carried application data."""
    if flights is not None and marks.facts.server_hello is not None:
        return had_data_tls13(marks, flights)
    return marks.data_between(0, _client_goodbye(marks))


def had_data_tls13(marks: Landmarks, flights: Flights) -> bool:
    """Whether application data was exchanged: records behind the handshake that are no tickets and no alert."""
    if marks.server.data != NEVER and marks.events.decrypted(marks.server.data):
        return True
    if flights.client_finished == NEVER:
        return marks.facts.client.data_records > 2 and marks.facts.server.data_records > 6
    after_client = after_server = 0
    events = marks.events
    for i in range(flights.client_finished + 1, events.count):
        if events.kind(i) != APPLICATION_DATA:
            continue
        if events.side(i) == CLIENT:
            after_client += events.detail(i)
        else:
            after_server += events.detail(i)
    client = marks.facts.client
    if client.last_record_kind == APPLICATION_DATA and flights.is_alert(CLIENT, client.last_record_length):
        after_client -= 1
    return after_client > 0 or flights.early_records > 0 or after_server > TICKETS_AT_START + 2


def last_data_ns(marks: Landmarks, verdict: Verdict, side: int) -> int:
    """The time of a side's last application data, without what was taken for an alert."""
    facts = marks.side(side)
    return facts.data_ns_before if _is_alert_last(facts, verdict) else facts.data_ns


def _last_data_frame(marks: Landmarks, verdict: Verdict, side: int) -> int:
    facts = marks.side(side)
    return facts.data_frame_before if _is_alert_last(facts, verdict) else facts.data_frame


def _asks_last(marks: Landmarks, verdict: Verdict) -> bool:
    """Whether the client's last data came after the server's; frames may be captured in another order than sent."""
    asked_ns = last_data_ns(marks, verdict, CLIENT)
    answered_ns = last_data_ns(marks, verdict, SERVER)
    if asked_ns != answered_ns:
        return asked_ns > answered_ns
    return _last_data_frame(marks, verdict, CLIENT) > _last_data_frame(marks, verdict, SERVER)


def _is_alert_last(facts: Side, verdict: Verdict) -> bool:
    """Whether the side's last data record was taken for an alert; one in the same packet may be a record of its own."""
    if facts.last_record_kind != APPLICATION_DATA:
        return False
    for alert in verdict.alerts:  # noqa: SIM110
        if alert.frame == facts.data_frame and alert.ns == facts.data_ns:
            return True
    return False


def is_pending(marks: Landmarks, flights: Flights | None, carried: bool, verdict: Verdict) -> bool | None:
    """Whether a request was never answered, or bytes were never acknowledged; None if it cannot be told."""
    if verdict.closed_how is None or not verdict.established or not carried:
        return None
    if not _has_all_data(marks):
        verdict.unknown["pending"] = marks.why_missing()
        return None
    if _asks_last(marks, verdict):
        return True
    return (flights is not None and _only_tickets_after(marks, flights)) or _unacknowledged(marks.facts, verdict)


def _has_all_data(marks: Landmarks) -> bool:
    """Whether no application data is missing that may have come last: what is lost before all data was handshake.

    In TLS 1.3 that cannot be told: its handshake looks like data.
    """
    if marks.is_whole():
        return True
    client, server = marks.client, marks.server
    before_tls13 = client.hidden != NEVER or server.hidden != NEVER
    if not before_tls13 or client.data == NEVER or server.data == NEVER or not marks.both_captured():
        return False
    return not marks.gap_between(min(client.data, server.data), marks.events.count)


def _client_goodbye(marks: Landmarks) -> int:
    """The event of the client's last alert or FIN with no data of its own behind it, or the end.

    What a server still says to a client that has left without asking is no session: HAProxy sends a 400.
    """
    events = marks.events
    goodbye = events.count
    for i in range(events.count - 1, -1, -1):
        if events.side(i) != CLIENT:
            continue
        if events.kind(i) not in (ALERT, FIN, RST):
            break
        goodbye = i
    return goodbye


def _only_tickets_after(marks: Landmarks, flights: Flights) -> bool:
    """TLS 1.3: whether all that the server sent after the handshake are its first tickets, all alike.

    They come when the client's Finished arrives, often behind its first request, and answer nothing.
    """
    events = marks.events
    count = first = last = before_last = 0
    asked = False
    for i in range(max(flights.client_finished, 0) + 1, events.count):
        if events.kind(i) != APPLICATION_DATA:
            continue
        if events.side(i) == CLIENT:
            asked = asked or not flights.is_alert(CLIENT, events.length(i))
        elif events.decrypted(i):
            return False
        else:
            before_last, last = last, events.length(i)
            count += 1
            if count == 1:
                first = last
    if count > 0 and flights.is_alert(SERVER, last):
        count, last = count - 1, before_last
    return asked and count == TICKETS_AT_START and first == last


def _unacknowledged(facts: Facts, verdict: Verdict) -> bool:
    """Whether the client's bytes, but for a goodbye, were never acknowledged: then the server cannot have read them."""
    client = facts.client
    unacked = client.unacked_bytes
    for alert in verdict.alerts:
        if alert.sender == "client" and alert.frame == client.last_record_frame:
            unacked -= RECORD_HEADER + client.last_record_length
    return client.acknowledged and unacked > 1 and not facts.server.rst_ns
