"""Facts made of a gist, for the judge to pass a verdict on that holds for all connections of that gist.

What the gist does not tell is as it is in facts that nothing was put into. Instants are packets' own: see `instants`.
"""

from __future__ import annotations

from tlscap.engine.client_hello import ClientHello
from tlscap.engine.events import Events
from tlscap.engine.facts import END_CLOSED, Facts, Side
from tlscap.engine.profile import ClientProfile
from tlscap.engine.server_hello import ServerHello
from tlscap.judge.landmarks import TLS13
from tlscap.judge.thresholds import IDLE_NS
from tlscap.judge.words import (
    ACKNOWLEDGED,
    AFTER_RST,
    BEFORE_TLS13,
    BYTES,
    CHAIN,
    CHAIN_SEEN,
    CLIENT_HELLO_SEEN,
    CLIENT_SECURE,
    COOKIE,
    DATA_BEFORE_PACKET,
    DATA_PACKET,
    DATA_RECORDS,
    EARLY_DATA,
    ECHOED,
    EVENT_LENGTH,
    EXTERNAL,
    FIN_PACKET,
    HEAD_WORDS,
    IN_WINDOW,
    LAST_KIND,
    LAST_LENGTH,
    LAST_PACKET,
    LEFT,
    OFFERS_PSK,
    OFFERS_TICKET,
    PACKETS,
    PAYLOAD,
    RECORD_HEADER,
    RECORD_VERSION,
    RECORDS,
    RETRY_SEEN,
    RST_PACKET,
    SAME_PACKET,
    SAME_TIME,
    SELECTED,
    SERVER_HELLO_SEEN,
    SERVER_SECURE,
    SESSION_ID,
    SOON,
    STEP,
    STRANGE_TTL,
    SYN,
    TIMED,
    UNACKED,
    UNFINISHED,
    UNHEARD,
    UNSEEN,
    VERSION_BITS,
)

_BEGIN_NS, _SOON_NS, _SILENCE_NS = 1_000 * IDLE_NS, 1_000, 10 * IDLE_NS
_TLS13, _TLS12 = TLS13, TLS13 - 1
_TICKET, _EXTERNAL = (1, 1, b""), (1, 0, b"")  # PSK identities: one has an age, one has none
_TTL, _OTHER_TTL = 64, 32
_SOME_BYTES = 1000
_CHAIN = (b"\0" * 32,)
_SECURE = ClientProfile(ClientHello().profile.outline)
_SECURE.scsv = True


def retold(words: list[int], at: list[int]) -> Facts:
    """The facts that a gist tells; a packet's number in it is its frame, and `at` are their `instants`."""
    facts = Facts()
    _tell_events(facts.events, words, at)
    _tell_side(facts.client, words[2], words[3], at)
    _tell_side(facts.server, words[4], words[5], at)
    hellos = words[0]
    facts.early_data_offered = _says(hellos, EARLY_DATA)
    facts.record_version = hellos >> RECORD_VERSION
    if _says(hellos, LEFT):
        facts.end = END_CLOSED
    if _says(hellos, TIMED):
        facts.hello_ns = at[0]
    if _says(hellos, CLIENT_HELLO_SEEN):
        facts.client_hello = _client_hello(hellos)
    if _says(hellos, SERVER_HELLO_SEEN):
        facts.server_hello = _server_hello(hellos, words[1])
        _tell_psk(facts.client_hello, facts.server_hello, hellos)
    if _says(hellos, RETRY_SEEN):
        facts.hello_retry = _server_hello(hellos, words[1])
    return facts


def instants(words: list[int]) -> list[int]:
    """An instant for each packet, as far from the last one as the gist tells: none, soon, or behind a silence."""
    ns = _BEGIN_NS
    found = [ns]
    for i in range(HEAD_WORDS, len(words)):
        word = words[i]
        step = word >> STEP & 3
        if step == SAME_PACKET:
            continue
        if step != SAME_TIME:
            ns += _SOON_NS if step == SOON else _SILENCE_NS
        found.append(ns)
    return found


def _tell_events(events: Events, words: list[int], at: list[int]) -> None:
    packet = 1
    for i in range(HEAD_WORDS, len(words)):
        word = words[i]
        if word >> STEP & 3 != SAME_PACKET:
            packet += 1
        side, kind, detail = word >> 32 & 3, word >> 16 & 0xFFFF, word & 0xFFFF
        events.add(at[packet - 1], packet, side, kind, detail, word >> EVENT_LENGTH)


def _tell_side(side: Side, flags: int, packets: int, at: list[int]) -> None:
    side.fin_frame = packets >> FIN_PACKET & 0xFF
    side.fin_ns = _instant(side.fin_frame, at)
    side.rst_frame = packets >> RST_PACKET & 0xFF
    side.rst_ns = _instant(side.rst_frame, at)
    side.data_frame = packets >> DATA_PACKET & 0xFF
    side.data_ns = _instant(side.data_frame, at)
    side.data_frame_before = packets >> DATA_BEFORE_PACKET & 0xFF
    side.data_ns_before = _instant(side.data_frame_before, at)
    side.last_record_frame = packets >> LAST_PACKET & 0xFF
    side.last_record_ns = _instant(side.last_record_frame, at)
    side.last_record_kind = flags >> LAST_KIND & 0xFF
    side.last_record_length = flags >> LAST_LENGTH & 0xFFF
    side.packets, side.records = _says(flags, PACKETS), _says(flags, RECORDS)
    side.data_records = flags >> DATA_RECORDS
    side.syn_ns, side.payload_ns = _says(flags, SYN), _says(flags, PAYLOAD)
    side.acknowledged, side.record_unfinished = _says(flags, ACKNOWLEDGED), _says(flags, UNFINISHED)
    if _says(flags, CHAIN_SEEN):
        side.certificates = _CHAIN if _says(flags, CHAIN) else ()
    side.ttl_low = side.ttl_high = _TTL
    side.rst_ttl = _OTHER_TTL if _says(flags, STRANGE_TTL) else _TTL
    side.rst_in_window = not side.rst_ns or _says(flags, IN_WINDOW)
    side.packets_after_rst = _says(flags, AFTER_RST)
    side.unseen_before_rst = _says(flags, UNSEEN)
    _tell_unacknowledged(side, flags)


def _tell_unacknowledged(side: Side, flags: int) -> None:
    times = flags >> UNACKED & 0xFF
    if times:
        side.unacked_bytes = 2 + (times - 1) * (RECORD_HEADER + side.last_record_length)
    if _says(flags, UNHEARD):
        side.unacked_bytes = side.bytes = side.unacked_bytes or 1
    elif _says(flags, BYTES):
        side.bytes = _SOME_BYTES + side.unacked_bytes


def _client_hello(hellos: int) -> ClientHello:
    hello = ClientHello()
    hello.client_version = _TLS12 if _says(hellos, BEFORE_TLS13) else _TLS13
    hello.ticket_length = 1 if _says(hellos, OFFERS_TICKET) else -1
    hello.session_id = b"\1" if _says(hellos, SESSION_ID) else b""
    hello.cookie = _says(hellos, COOKIE)
    if _says(hellos, OFFERS_PSK):
        hello.psk_identities = (_TICKET,)
    if _says(hellos, CLIENT_SECURE):
        hello.profile = _SECURE
    return hello


def _server_hello(hellos: int, versions: int) -> ServerHello:
    hello = ServerHello()
    hello.raw_version = versions & 0xFFFF
    hello.version = versions >> VERSION_BITS & 0xFFFF
    hello.cipher = versions >> 2 * VERSION_BITS
    hello.renegotiation_info = _says(hellos, SERVER_SECURE)
    told = b"\1" if _says(hellos, SESSION_ID) else b""
    hello.session_id = told if _says(hellos, ECHOED) else b"\2"
    return hello


def _tell_psk(asked: ClientHello | None, answered: ServerHello, hellos: int) -> None:
    """Which identity the server selected: one from elsewhere, the client's ticket, or none that is there."""
    if not _says(hellos, SELECTED):
        return
    answered.selected_psk = 0
    if asked is not None and _says(hellos, EXTERNAL):
        asked.psk_identities = (_EXTERNAL, *asked.psk_identities)


def _instant(packet: int, at: list[int]) -> int:
    """When a packet came, 0 if it never did."""
    return at[packet - 1] if packet else 0


def _says(word: int, bit: int) -> bool:
    return word >> bit & 1 == 1
