"""The gist of a connection: all that the judge may know of it but for how long, when and in which frames, as numbers.

Connections of one gist get one verdict, each with its own instants and frames (see `precedents`). So that none is
judged by what its gist leaves out, a verdict for many is passed on facts that were made of the gist alone (see
`retelling`). What the judge is to know of a connection has to stand in both files; what it asks of numbers that
hardly ever are the same twice, such as how long a silence was, is asked here, and the gist has the answer.

Words of 64 bits: the hellos, their versions, of client and server flags and packets, then one for each event. A packet
is an instant with its frame, counted from 1 in the order of events; 0 is one that never came.

A connection has no gist if it is not plain: bytes were lost, packets came in an order that had to be guessed, there
are too many events. It is judged by itself. The gist of one that is `restless` does not tell all: packets came one soon
after the other, and between some of them so long a time passed nevertheless that it would be a silence.
"""

from __future__ import annotations

from tlscap.engine.client_hello import ClientHello
from tlscap.engine.events import APPLICATION_DATA, HANDSHAKE, Events
from tlscap.engine.facts import END_OPEN, Facts, Side
from tlscap.engine.server_hello import ServerHello
from tlscap.judge.ending import has_strange_ttl
from tlscap.judge.flights import finished_record, overhead_of
from tlscap.judge.handshake import is_external, offers_psk
from tlscap.judge.landmarks import SERVER_HELLO, TLS13
from tlscap.judge.thresholds import (
    ALERT_BYTES,
    END_OF_EARLY_DATA_BYTES,
    IDLE_NS,
    PADDING,
    UNANSWERED_RETRANSMISSIONS,
)
from tlscap.judge.words import (
    ACKNOWLEDGED,
    AFTER_RST,
    AFTER_SILENCE,
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
    FIRST_SERVER_LENGTH,
    HEAD_WORDS,
    IN_WINDOW,
    LAST_KIND,
    LAST_LENGTH,
    LAST_PACKET,
    LEFT,
    LONG_RECORD,
    MAX_FLIGHT_RECORDS,
    MOST_OF_RUN,
    MOST_RECORDS,
    MOST_UNACKED,
    OFFERS_PSK,
    OFFERS_TICKET,
    OTHER_CLIENT_LENGTH,
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

MAX_EVENTS = 64
"""Events of a connection that has a gist; those of longer ones hardly ever are the same twice."""

# Typed in the .pxd; those above stay visible to other modules.
_MAX_EVENTS = MAX_EVENTS
_TLS13, _TCP = TLS13, 6
_MIX, _ALL = 0x9E3779B97F4A7C15, 0xFFFFFFFFFFFFFFFF  # 2 ** 64 by the golden ratio
_RUN_MASK = (1 << 34) - (1 << 16)
_WORD_BYTES = 8
_STRIDE = 4


class Gist:
    """The gist of one connection at a time; `words` has `count` of them."""

    __slots__ = (
        "_client_records", "_finished", "_firsts", "_has_lengths", "_overhead", "_packet_count", "_seen_answer",
        "_server_length", "_server_told", "bytes", "count", "mark", "restless", "words",
    )  # fmt: skip

    def __init__(self) -> None:
        self.bytes = bytearray(_WORD_BYTES * (HEAD_WORDS + _MAX_EVENTS))
        self.words = memoryview(self.bytes).cast("q")
        self.count = 0
        self.restless = False
        self.mark = 0  # 64 bits made of the words; those of another gist may be the same
        self._firsts = memoryview(bytearray(_WORD_BYTES * _MAX_EVENTS)).cast("q")
        self._packet_count = 0
        self._has_lengths = False
        self._overhead = 0
        self._finished = 0
        self._seen_answer = False
        self._client_records = 0
        self._server_length = 0
        self._server_told = 0

    def take(self, facts: Facts) -> bool:
        """Takes the gist of a connection, if it has one."""
        client, server, events = facts.client, facts.server, facts.events
        if events.count > _MAX_EVENTS or events.count == 0 or events.cut != 0 or facts.transport != _TCP:
            return False
        if facts.went_back or not _is_plain(client, server) or not _is_plain(server, client):
            return False
        if facts.client_hello is not None and facts.client_hello.dtls:
            return False
        self._measure(facts.server_hello)
        if not self._take_events(events):
            return False
        client_packets, server_packets = self._packets(events, client), self._packets(events, server)
        if client_packets < 0 or server_packets < 0:
            return False
        self.words[0] = _hellos(facts)
        self.words[1] = _versions(facts)
        self.words[2] = self._flags(client)
        self.words[3] = client_packets
        self.words[4] = self._flags(server)
        self.words[5] = server_packets
        self.count = HEAD_WORDS + events.count
        self.mark = self._mark()
        return True

    def _mark(self) -> int:
        mark = self.count
        for i in range(self.count):
            mark = ((mark ^ (self.words[i] & _ALL)) * _MIX) & _ALL
            mark ^= mark >> 32
        return mark

    def first_of(self, packet: int) -> int:
        """The first event of a packet."""
        return self._firsts[packet - 1]

    def _measure(self, answer: ServerHello | None) -> None:
        """Lengths say something only of records that TLS 1.3 may have encrypted."""
        self._has_lengths = answer is None or answer.version == _TLS13
        cipher = 0 if answer is None else answer.cipher
        self._overhead = overhead_of(cipher)
        self._finished = finished_record(cipher)
        self._seen_answer = False
        self._client_records = 0
        self._server_length = 0
        self._server_told = FIRST_SERVER_LENGTH

    def _take_events(self, events: Events) -> bool:
        """The events with the packets that brought them; their numbers are read where they lie, which is faster."""
        cells = events._cells
        ns, frame = cells[0], cells[1]
        if ns <= 0:
            return False
        self._firsts[0] = 0
        packets, restless_ns = 1, 0
        self.restless = False
        for i in range(events.count):
            at = i * _STRIDE
            step_ns = cells[at] - ns
            step = SAME_PACKET
            if step_ns != 0 or cells[at + 1] != frame:
                if step_ns < 0 or cells[at + 1] <= frame:
                    return False
                step = SAME_TIME if step_ns == 0 else SOON if step_ns < IDLE_NS else AFTER_SILENCE
                restless_ns = 0 if step == AFTER_SILENCE else restless_ns + step_ns
                if restless_ns >= IDLE_NS:
                    self.restless = True
                ns, frame = cells[at], cells[at + 1]
                self._firsts[packets] = i
                packets += 1
            self.words[HEAD_WORDS + i] = self._event(cells[at + 2], cells[at + 3]) | step << STEP
        self._packet_count = packets
        return True

    def _event(self, word: int, length: int) -> int:
        kind, detail = word >> 16 & 0xFFFF, word & 0xFFFF
        if kind == APPLICATION_DATA:
            if detail > MOST_OF_RUN:
                word = word & _RUN_MASK | MOST_OF_RUN
            if self._has_lengths:
                told = self._server_record(length) if word >> 32 & 1 else self._client_record(length)
                return word | told << EVENT_LENGTH
        elif kind == HANDSHAKE and detail == SERVER_HELLO:
            self._seen_answer = True
        return word

    def _is_special(self, length: int) -> bool:
        """Whether a record of that length may be an alert, EndOfEarlyData or Finished."""
        more = length - self._overhead
        if more in (ALERT_BYTES, ALERT_BYTES + PADDING, END_OF_EARLY_DATA_BYTES):
            return True
        return length in (self._finished, self._finished + PADDING)

    def _client_record(self, length: int) -> int:
        """A length as it is in the client's flight; behind it what is not special is like all others."""
        if self._seen_answer and self._client_records < MAX_FLIGHT_RECORDS:
            self._client_records += 1
            if length in (self._finished, self._finished + PADDING):
                self._client_records = MAX_FLIGHT_RECORDS
            return length if length < LONG_RECORD else LONG_RECORD
        return length if self._is_special(length) else OTHER_CLIENT_LENGTH

    def _server_record(self, length: int) -> int:
        if self._is_special(length):
            self._server_length = length
            return length
        if length != self._server_length:
            self._server_length = length
            self._server_told += 1
        return self._server_told

    def _packets(self, events: Events, side: Side) -> int:
        """The packets that ended a side, or brought its last records; negative if one has no event."""
        fin = self._packet(events, side.fin_ns, side.fin_frame)
        rst = self._packet(events, side.rst_ns, side.rst_frame)
        data = self._packet(events, side.data_ns, side.data_frame)
        before = self._packet(events, side.data_ns_before, side.data_frame_before)
        last = self._packet(events, side.last_record_ns, side.last_record_frame)
        if fin < 0 or rst < 0 or data < 0 or before < 0 or last < 0:
            return -1
        return (
            fin << FIN_PACKET | rst << RST_PACKET | data << DATA_PACKET | before << DATA_BEFORE_PACKET
            | last << LAST_PACKET
        )  # fmt: skip

    def _packet(self, events: Events, ns: int, frame: int) -> int:
        if ns == 0 and frame == 0:
            return 0
        cells = events._cells
        for k in range(self._packet_count - 1, -1, -1):
            at = self._firsts[k] * _STRIDE
            if cells[at + 1] == frame and cells[at] == ns:
                return k + 1
        return -1

    def _flags(self, side: Side) -> int:
        flags = (
            (side.packets > 0) << PACKETS
            | (side.bytes > 0) << BYTES
            | (side.records > 0) << RECORDS
            | (side.syn_ns != 0) << SYN
            | (side.payload_ns != 0) << PAYLOAD
            | side.acknowledged << ACKNOWLEDGED
            | side.record_unfinished << UNFINISHED
        )
        if side.certificates is not None:
            flags |= 1 << CHAIN_SEEN
            if len(side.certificates) > 0:
                flags |= 1 << CHAIN
        if side.rst_ns != 0:
            flags |= (
                has_strange_ttl(side) << STRANGE_TTL
                | side.rst_in_window << IN_WINDOW
                | (side.packets_after_rst > 0) << AFTER_RST
                | side.unseen_before_rst << UNSEEN
            )
        if 0 < side.bytes <= side.unacked_bytes:
            flags |= 1 << UNHEARD
        records = side.data_records if side.data_records < MOST_RECORDS else MOST_RECORDS
        length = 0
        if self._has_lengths:
            length = side.last_record_length if self._is_special(side.last_record_length) else OTHER_CLIENT_LENGTH
        return (
            flags
            | side.last_record_kind << LAST_KIND
            | length << LAST_LENGTH
            | _times_unacked(side) << UNACKED
            | records << DATA_RECORDS
        )


def _is_plain(side: Side, other: Side) -> bool:
    """Whether nothing of a side was lost, guessed or resent, and no reset of it disbelieved."""
    if side.missing_bytes != 0 or side.fin_missing or side.behind_acknowledgment != 0:
        return False
    if side.retransmissions_unanswered >= UNANSWERED_RETRANSMISSIONS:
        return False
    if side.rst_ns == 0:
        return True
    payload_ns = side.payload_ns if side.payload_ns < other.payload_ns else other.payload_ns
    return payload_ns - side.rst_ns < IDLE_NS


def _hellos(facts: Facts) -> int:
    asked, answered = facts.client_hello, facts.server_hello
    word = facts.early_data_offered << EARLY_DATA | (facts.end != END_OPEN) << LEFT | (facts.hello_ns != 0) << TIMED
    if facts.hello_retry is not None:
        word |= 1 << RETRY_SEEN
    if asked is not None:
        word |= 1 << CLIENT_HELLO_SEEN | _client_hello(asked)
    if answered is None:
        word |= facts.record_version << RECORD_VERSION
    else:
        word |= 1 << SERVER_HELLO_SEEN | answered.renegotiation_info << SERVER_SECURE
        if answered.selected_psk >= 0:
            word |= 1 << SELECTED | is_external(facts) << EXTERNAL
        if asked is not None and asked.session_id == answered.session_id:
            word |= 1 << ECHOED
    return word


def _client_hello(hello: ClientHello) -> int:
    return (
        offers_psk(hello) << OFFERS_PSK
        | (hello.ticket_length > 0) << OFFERS_TICKET
        | (len(hello.session_id) > 0) << SESSION_ID
        | (hello.client_version < _TLS13) << BEFORE_TLS13
        | hello.cookie << COOKIE
        | (hello.profile.renegotiation_info or hello.profile.scsv) << CLIENT_SECURE
    )


def _versions(facts: Facts) -> int:
    answer = facts.server_hello if facts.server_hello is not None else facts.hello_retry
    if answer is None:
        return 0
    return answer.raw_version | answer.version << VERSION_BITS | answer.cipher << 2 * VERSION_BITS


def _times_unacked(side: Side) -> int:
    """How often the side's last record can be taken from what was not acknowledged, with two bytes left; 1 is never."""
    unacked = side.unacked_bytes
    if unacked < 2:
        return 0
    times = (unacked - 2) // (RECORD_HEADER + side.last_record_length) + 1
    return times if times < MOST_UNACKED else MOST_UNACKED
