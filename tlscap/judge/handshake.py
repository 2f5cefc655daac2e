"""How the first handshake went: full or abbreviated, by what mechanism, and whether it was completed.

TLS up to 1.2 is told by the order of messages (RFC 5246 §7.3): in an abbreviated handshake the server
goes from ServerHello to ChangeCipherSpec, with at most a NewSessionTicket between, and before the
client. TLS 1.3 says it in the ServerHello: a selected pre_shared_key. What was not captured proves
nothing: then the answer is `unknown`.
"""

from __future__ import annotations

from tlscap.engine.client_hello import ClientHello
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
)
from tlscap.engine.facts import END_OPEN, Facts, Side
from tlscap.engine.versions import SSL_2
from tlscap.judge.flights import Flights
from tlscap.judge.landmarks import NEVER, TLS13, Landmarks
from tlscap.judge.thresholds import HANDSHAKE_RECORDS, TICKETS_AT_START
from tlscap.judge.verdict import Verdict

_OFFERS_NOTHING: tuple[str, ...] = ()
_OFFERS_SESSION_ID, _OFFERS_TICKET, _OFFERS_PSK = ("session_id",), ("session_ticket",), ("psk",)

COOKIE = 44
"""The extension `cookie`; DTLS has a field of that name too, of which HelloVerifyRequest asks."""

_COOKIE = COOKIE


def judge_handshake(marks: Landmarks, flights: Flights | None, verdict: Verdict) -> None:
    """Fills the handshake's fields of the verdict; `flights` is None up to TLS 1.2."""
    facts = marks.facts
    verdict.hello_retry = _hello_retry(marks)
    verdict.resumption_offered = offered(facts)
    server_hello = facts.server_hello
    if flights is not None and server_hello is not None:
        _judge_tls13(marks, flights, verdict)
    elif marks.dtls13 and server_hello is not None:
        _kind_tls13(marks, verdict)
        _established_dtls13(marks, verdict)
    else:
        _judge_tls12(marks, verdict)
    if server_hello is not None and server_hello.version == SSL_2:
        verdict.established = None
    elif _refused_in_clear(marks):
        verdict.established = False
    elif server_hello is None and _may_be_handshake(marks):
        verdict.established = None
    elif _is_half_a_hello(marks):
        verdict.established = False
    elif not marks.hello_seen:
        verdict.established = True if facts.client.data_records or facts.server.data_records else None
    if not marks.hello_seen and verdict.established is not False:
        verdict.handshake_outcome = "unseen"
        if verdict.handshake == "unknown":
            verdict.unknown["handshake"] = marks.why_missing()
    elif verdict.established:
        verdict.handshake_outcome = "completed"
    elif verdict.established is None:
        verdict.handshake_outcome = "unfinished"
        verdict.unknown["established"] = "encrypted" if verdict.version == "SSLv2" else marks.why_missing()
    else:
        ended = facts.end != END_OPEN or _closed(facts) or any_fatal(marks)
        verdict.handshake_outcome = "failed" if ended else "unfinished"
    if verdict.established and verdict.established_ns and facts.hello_ns:
        verdict.handshake_ns = max(0, verdict.established_ns - facts.hello_ns)
    if "handshake" in verdict.unknown and verdict.resumption is None:
        verdict.unknown["resumption"] = verdict.unknown["handshake"]


def _is_half_a_hello(marks: Landmarks) -> bool:
    """Whether the client began a message at the connection's start, and no message of anybody's ever became whole."""
    facts = marks.facts
    began = facts.client.syn_ns != 0 and facts.client.records == 0 and facts.client.record_unfinished
    return began and not marks.hello_seen and facts.server.records == 0 and marks.is_whole()


def offered(facts: Facts) -> tuple[str, ...]:
    """What the client offered to resume: an id that only TLS 1.3's compatibility asks for is no offer."""
    hello = facts.client_hello
    if hello is None:
        return _OFFERS_NOTHING
    kinds = _OFFERS_NOTHING
    if hello.ticket_length > 0:
        kinds = _OFFERS_TICKET
    elif hello.session_id and hello.client_version < TLS13:
        kinds = _OFFERS_SESSION_ID
    return kinds + _OFFERS_PSK if offers_psk(hello) else kinds


def offers_psk(hello: ClientHello) -> bool:
    for _, age, _ in hello.psk_identities:  # noqa: SIM110
        if age != 0:
            return True
    return False


def _hello_retry(marks: Landmarks) -> bool | None:
    """Whether the server asked for another hello: it was seen, or its cookie was (RFC 8446 §4.2.2)."""
    hello = marks.facts.client_hello
    if marks.facts.hello_retry is not None:
        return True
    if hello is not None and hello.cookie and (not hello.dtls or _COOKIE in hello.profile.extensions):
        return True
    return False if marks.hello_seen else None


def any_fatal(marks: Landmarks) -> bool:
    """Whether a clear fatal alert other than close_notify was sent."""
    events = marks.events
    for i in marks.alerts:
        detail = events.detail(i)
        if detail != HIDDEN and detail >> 8 == 2 and detail & 0xFF != 0:
            return True
    return False


def _refused_in_clear(marks: Landmarks) -> bool:
    """Whether a side sent a clear fatal alert before anything encrypted: later alerts are encrypted too."""
    events = marks.events
    for i in marks.alerts:
        detail = events.detail(i)
        sender = marks.of(events.side(i))
        if detail == HIDDEN or detail >> 8 != 2 or detail & 0xFF == 0 or events.decrypted(i):
            continue
        if (sender.hidden == NEVER or sender.hidden > i) and (sender.data == NEVER or sender.data > i):
            return True
    return False


def _may_be_handshake(marks: Landmarks) -> bool:
    """Without the ServerHello: whether all data may be TLS 1.3's handshake, seen from its start or its middle."""
    facts, client, server = marks.facts, marks.client, marks.server
    hello = facts.client_hello
    if hello is not None and hello.client_version < TLS13:
        return False
    in_handshake = marks.hello_seen or client.change_cipher_spec != NEVER or server.change_cipher_spec != NEVER
    if not in_handshake or client.hidden != NEVER or server.hidden != NEVER:
        return False
    if client.data == NEVER and server.data == NEVER:
        return False
    most = HANDSHAKE_RECORDS
    return facts.client.data_records <= most[CLIENT] and facts.server.data_records <= most[SERVER]


def _closed(facts: Facts) -> bool:
    client, server = facts.client, facts.server
    unseen = client.fin_missing or server.fin_missing
    return bool(client.fin_ns or server.fin_ns or client.rst_ns or server.rst_ns or unseen)


def _judge_tls12(marks: Landmarks, verdict: Verdict) -> None:
    _kind_tls12(marks, verdict)
    _established_tls12(marks, verdict)


def _kind_tls12(marks: Landmarks, verdict: Verdict) -> None:
    client, server = marks.client, marks.server
    key_exchange_seen = (
        server.certificate != NEVER
        or server.key_exchange != NEVER
        or client.key_exchange != NEVER
        or client.certificate != NEVER
        or marks.server_hello_done != NEVER
    )
    if key_exchange_seen:
        verdict.handshake = "full"
    elif not marks.hello_seen or marks.is_unanswered():
        return
    elif marks.server_hello == NEVER or server.change_cipher_spec == NEVER or not marks.both_captured():
        verdict.unknown["handshake"] = marks.why_missing()
    elif marks.gap_before(SERVER, server.change_cipher_spec) or marks.gap_before(CLIENT, client.change_cipher_spec):
        verdict.unknown["handshake"] = marks.why_missing()
    elif client.change_cipher_spec == NEVER or server.change_cipher_spec < client.change_cipher_spec:
        verdict.handshake = "abbreviated"
        verdict.resumption = _mechanism_tls12(marks.facts)


def _mechanism_tls12(facts: Facts) -> str | None:
    """RFC 5077 §3.4: with a ticket the echoed session id only says that it was accepted."""
    asked, answered = facts.client_hello, facts.server_hello
    if asked is None or answered is None:
        return None
    if asked.ticket_length > 0:
        return "session_ticket"
    if asked.session_id and asked.session_id == answered.session_id:
        return "session_id"
    return None


def _established_tls12(marks: Landmarks, verdict: Verdict) -> None:
    """Both Finished seen; or data of the server, which comes only after both; or data of both."""
    client, server, events = marks.client, marks.server, marks.events
    both_finished = client.hidden != NEVER and server.hidden != NEVER
    if both_finished:
        verdict.established = not _refused_finished(marks)
        verdict.established_ns = events.ns(max(client.hidden, server.hidden)) if verdict.established else 0
    elif server.hidden != NEVER and client.gap != NEVER and verdict.handshake == "full":
        verdict.established = True  # the server sends Finished once it has checked the client's, which was lost
        verdict.established_ns = events.ns(server.hidden)
    elif server.data != NEVER and (client.data != NEVER or _data_follows_handshake(marks)):
        verdict.established = True
    elif marks.both_captured() and client.gap == NEVER and server.gap == NEVER:
        verdict.established = False
    elif marks.hello_seen and not (client.data != NEVER or server.data != NEVER):
        verdict.established = False if any_fatal(marks) or _is_unheard(marks.facts) else None
    if verdict.established and verdict.established_ns == 0 and marks.hello_seen:
        verdict.unknown["established_at"] = marks.why_missing()


def _is_unheard(facts: Facts) -> bool:
    """Whether the client had acknowledged nothing of the server's as it hung up: what is missing never reached it."""
    client, server = facts.client, facts.server
    ended = client.fin_ns != 0 or client.rst_ns != 0
    return ended and server.bytes > 0 and server.unacked_bytes >= server.bytes + server.missing_bytes


def _data_follows_handshake(marks: Landmarks) -> bool:
    """Whether the server's data can only come behind its ChangeCipherSpec, seen or not."""
    server = marks.server
    return server.change_cipher_spec != NEVER or not marks.hello_seen or server.gap != NEVER


def _refused_finished(marks: Landmarks) -> bool:
    """Whether the side that had the last Finished to check answered it with an alert, before any data."""
    client, server, events = marks.client, marks.server, marks.events
    judge_side = CLIENT if server.hidden > client.hidden else SERVER
    last = max(client.hidden, server.hidden)
    if client.data != NEVER or server.data != NEVER or not marks.alerts:
        return False
    alert = marks.alerts[0]
    return (
        alert == last + 1
        and events.side(alert) == judge_side
        and events.detail(alert) != HIDDEN
        and events.detail(alert) >> 8 == 2
    )


def _judge_tls13(marks: Landmarks, flights: Flights, verdict: Verdict) -> None:
    _kind_tls13(marks, verdict)
    verdict.early_data = _early_data(marks.facts, flights)
    _established_tls13(marks, flights, verdict)


def _kind_tls13(marks: Landmarks, verdict: Verdict) -> None:
    answered = marks.facts.server_hello
    if answered is None:
        return
    if answered.selected_psk < 0:
        verdict.handshake = "full"
    elif is_external(marks.facts):
        verdict.handshake = "full"
        verdict.external_psk = True
    else:
        verdict.handshake = "abbreviated"
        verdict.resumption = "psk"
        if marks.facts.client_hello is None:
            verdict.unknown["external_psk"] = marks.why_missing()


def _established_dtls13(marks: Landmarks, verdict: Verdict) -> None:
    """The epoch tells (RFC 9147 §6.1): the server answers the client's handshake records with one of no handshake."""
    events = marks.events
    client_handshake = NEVER
    for i in range(max(marks.server_hello, 0), events.count):
        if events.kind(i) == HANDSHAKE and events.detail(i) == HIDDEN and events.side(i) == CLIENT:
            client_handshake = i
        elif events.kind(i) == APPLICATION_DATA and events.side(i) == SERVER and client_handshake != NEVER:
            verdict.established = True
            verdict.established_ns = events.ns(client_handshake)
            return


def is_external(facts: Facts) -> bool:
    """RFC 8446 §4.2.11: identities established externally have an obfuscated_ticket_age of 0."""
    asked, answered = facts.client_hello, facts.server_hello
    if asked is None or answered is None or not 0 <= answered.selected_psk < len(asked.psk_identities):
        return False
    return asked.psk_identities[answered.selected_psk][1] == 0


def _early_data(facts: Facts, flights: Flights) -> str | None:
    """EndOfEarlyData is sent only if the server accepted (RFC 8446 §4.5)."""
    if not facts.early_data_offered:
        return None
    answered = facts.server_hello
    if facts.hello_retry is not None or (answered is not None and answered.selected_psk < 0):
        return "rejected"
    if flights.end_of_early_data:
        return "accepted"
    return "rejected" if flights.client_finished != NEVER and not flights.merged else "offered"


def _established_tls13(marks: Landmarks, flights: Flights, verdict: Verdict) -> None:
    """Established when the server's first record after the client's Finished is not an alert."""
    client, server = marks.facts.client, marks.facts.server
    if not marks.both_captured():
        server_goes_on = server.data_records > flights.server_records + TICKETS_AT_START
        verdict.established = True if flights.server_finished != NEVER and server_goes_on else None
        return
    if flights.client_finished == NEVER:
        lost = marks.client.gap != NEVER or marks.server.gap != NEVER
        goes_on = client.data_records > 2 and server.data_records > 6
        goes_on = goes_on or (_is_data(marks, marks.client.data) and _is_data(marks, marks.server.data))
        verdict.established = True if lost and goes_on else (None if lost else False)
        return
    answer = _first_server_record(marks, flights.client_finished)
    if answer == NEVER:
        client_end, server_end = _end_of(client), _end_of(server)
        if client_end is not None and (server_end is None or client_end <= server_end):
            verdict.established = True
        elif marks.server.gap == NEVER:
            hung_up = server_end is not None and not marks.facts.is_turned()
            verdict.established = False if hung_up or any_fatal(marks) else None
    elif _may_be_refusal(marks, flights, answer):
        is_sure = marks.is_whole() and not marks.facts.is_turned()
        verdict.established = False if is_sure and _is_refusal(marks, flights, answer) else None
    else:
        verdict.established = True
    if verdict.established:
        verdict.established_ns = marks.events.ns(flights.client_finished)


def _end_of(side: Side) -> tuple[int, int] | None:
    """When a side's FIN or RST came and in which frame, None without."""
    if side.fin_ns:
        return side.fin_ns, side.fin_frame
    return (side.rst_ns, side.rst_frame) if side.rst_ns else None


def _is_data(marks: Landmarks, i: int) -> bool:
    """Whether event `i` is application data for certain."""
    return i != NEVER and marks.events.decrypted(i)


def _first_server_record(marks: Landmarks, after: int) -> int:
    events = marks.events
    for i in range(after + 1, events.count):
        if events.side(i) == SERVER and events.kind(i) >= CHANGE_CIPHER_SPEC:
            return i
    return NEVER


def _may_be_refusal(marks: Landmarks, flights: Flights, answer: int) -> bool:
    """An alert as the server's first and last record, soon; before the client's goodbye, if the order can be told."""
    events = marks.events
    if events.kind(answer) == ALERT and events.decrypted(answer):
        return events.detail(answer) >> 8 == 2 and events.detail(answer) & 0xFF != 0
    if events.kind(answer) != APPLICATION_DATA:
        return events.kind(answer) == ALERT
    if not flights.is_alert(SERVER, events.length(answer)) or events.detail(answer) != 1:
        return False
    if _first_server_record(marks, answer) != NEVER or marks.is_silent(events.ns(answer - 1), events.ns(answer)):
        return False
    for i in range(flights.client_finished + 1, 0 if marks.facts.is_turned() else answer):
        if events.side(i) == CLIENT and (events.kind(i) in (FIN, RST) or _is_alert_like(marks, flights, i)):
            return False
    return True


def _is_refusal(marks: Landmarks, flights: Flights, answer: int) -> bool:
    """Whether what may be a refusal is one: its sender hung up, or somebody did and there is no request to answer."""
    facts = marks.facts
    server = facts.server
    if marks.events.kind(answer) == ALERT or server.fin_ns or server.rst_ns or server.fin_missing:
        return True
    asked = flights.merged or flights.client_finished != _last_client_data(marks)
    return not asked and _closed(facts)


def _last_client_data(marks: Landmarks) -> int:
    events = marks.events
    for i in range(events.count - 1, -1, -1):
        if events.side(i) == CLIENT and events.kind(i) == APPLICATION_DATA:
            return i
    return NEVER


def _is_alert_like(marks: Landmarks, flights: Flights, i: int) -> bool:
    """Whether event `i` is the client's last record and has an alert's length."""
    events, client = marks.events, marks.facts.client
    return (
        events.kind(i) == APPLICATION_DATA
        and flights.is_alert(CLIENT, events.length(i))
        and (client.last_record_ns, client.last_record_frame) == (events.ns(i), events.frame(i))
        and flights.is_alert(CLIENT, client.last_record_length)
    )
