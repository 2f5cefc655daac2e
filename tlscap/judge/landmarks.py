"""Where the events of a connection stand that several judgements ask for: event indices.

Most connections of a capture took one of a few hundred courses: their events are the same but for times, frames
and lengths. What follows from the course alone, where its landmarks are and how it reads as a word, is worked out
once for each and looked up for all others.
"""

from __future__ import annotations

from tlscap import octets
from tlscap.engine.events import (
    ALERT,
    APPLICATION_DATA,
    CHANGE_CIPHER_SPEC,
    CLIENT,
    GAP,
    HANDSHAKE,
    HIDDEN,
    Events,
)
from tlscap.engine.facts import Facts, Side
from tlscap.engine.server_hello import ServerHello
from tlscap.engine.versions import DTLS_1_3
from tlscap.judge.thresholds import IDLE_NS

NEVER = -1
UNASKED = -2
"""In place of an event that nobody has looked for yet."""

HELLO_REQUEST, CLIENT_HELLO, SERVER_HELLO, NEW_SESSION_TICKET = 0, 1, 2, 4
END_OF_EARLY_DATA, HELLO_RETRY_REQUEST = 5, 6
CERTIFICATE, SERVER_KEY_EXCHANGE, CERTIFICATE_REQUEST, SERVER_HELLO_DONE = 11, 12, 13, 14
CERTIFICATE_VERIFY, CLIENT_KEY_EXCHANGE, FINISHED, COMPRESSED_CERTIFICATE = 15, 16, 20, 25

TLS13 = 0x0304

MAX_COURSES = 1024
"""Courses that are remembered, some 2 KB each. Peers can make up new ones without end; all are forgotten when there
are so many, and the usual ones are soon back."""

MAX_COURSE_EVENTS = 64
"""Events of a course that is remembered; longer ones hardly ever come twice."""

MAX_HISTORIES = 16
"""Histories that are remembered of one course: lengths, which peers choose, make them differ in TLS 1.3."""

# Typed in the .pxd; those above stay visible to other modules.
_NEVER, _UNASKED, _TLS13, _FINISHED = NEVER, UNASKED, TLS13, FINISHED
_CLIENT_HELLO, _SERVER_HELLO = CLIENT_HELLO, SERVER_HELLO
_CERTIFICATE, _COMPRESSED_CERTIFICATE = CERTIFICATE, COMPRESSED_CERTIFICATE
_SERVER_KEY_EXCHANGE, _CLIENT_KEY_EXCHANGE = SERVER_KEY_EXCHANGE, CLIENT_KEY_EXCHANGE
_CERTIFICATE_REQUEST, _SERVER_HELLO_DONE = CERTIFICATE_REQUEST, SERVER_HELLO_DONE
_MAX_COURSES, _MAX_COURSE_EVENTS, _MAX_HISTORIES = MAX_COURSES, MAX_COURSE_EVENTS, MAX_HISTORIES
_WORD_BYTES = 8


class Landmarks:
    """Event indices of one connection; NEVER where there is none."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.events: Events = self.facts.events
        self.tls13 = False
        self.dtls13 = False
        self._read_answer(self.facts.server_hello, self.facts.hello_retry)
        course = self.course = _courses.of(self.events, self.tls13, self.dtls13)
        self.client = course.client
        self.server = course.server
        self.client_hello = course.client_hello
        self.server_hello = course.server_hello
        self.certificate_request = course.certificate_request
        self.server_hello_done = course.server_hello_done
        self.alerts = course.alerts
        self.hello_seen = self.client_hello != _NEVER or self.server_hello != _NEVER
        self.asked: list[tuple[int, int]] | None = None  # where `is_silent` puts down what it was asked in vain

    def of(self, side: int) -> Passage:
        return self.client if side == CLIENT else self.server

    def side(self, side: int) -> Side:
        return self.facts.client if side == CLIENT else self.facts.server

    def both_captured(self) -> bool:
        """Whether packets of both sides are in the capture."""
        return self.facts.client.packets > 0 and self.facts.server.packets > 0

    def is_silent(self, start_ns: int, end_ns: int) -> bool:
        """Whether two instants lie so far apart that nothing was under way; whoever wants to know asks here."""
        if end_ns - start_ns >= IDLE_NS:
            return True
        if self.asked is not None:
            self.asked.append((start_ns, end_ns))
        return False

    def gap_before(self, side: int, index: int) -> bool:
        """Whether bytes of that side are missing before event `index`."""
        gap = self.of(side).gap
        return gap != _NEVER and (index == _NEVER or gap < index)

    def is_whole(self) -> bool:
        """Whether both directions were captured without a gap."""
        facts = self.facts
        return self.both_captured() and facts.client.missing_bytes == 0 and facts.server.missing_bytes == 0

    def is_unanswered(self) -> bool:
        """Whether no ServerHello came, as far as bytes tell: what it would have said is then not there, not unknown."""
        return self.client_hello != _NEVER and self.facts.server_hello is None and self.is_whole()

    def why_missing(self) -> str:
        """Why something is not in the capture, in the words of the column `unknown`."""
        if not self.both_captured():
            return "one_sided"
        client, server = self.facts.client, self.facts.server
        cut = client.cut_bytes + server.cut_bytes
        return "cut" if cut > 0 and cut == client.missing_bytes + server.missing_bytes else "not_captured"

    def gap_between(self, start: int, stop: int) -> bool:
        """Whether bytes are missing among the events from index `start` up to, not including, `stop`."""
        for i in range(start, stop):  # noqa: SIM110
            if self.events.kind(i) == GAP:
                return True
        return False

    def data_between(self, start: int, stop: int) -> bool:
        """Whether there is application data among the events from index `start` up to, not including, `stop`."""
        for i in range(start, stop):  # noqa: SIM110
            if self.events.kind(i) == APPLICATION_DATA:
                return True
        return False

    def _read_answer(self, hello: ServerHello | None, retry: ServerHello | None) -> None:
        if hello is not None:
            self.tls13 = hello.version == _TLS13
            self.dtls13 = hello.version == DTLS_1_3
        elif retry is not None:
            self.tls13 = True
            self.dtls13 = retry.version == DTLS_1_3


class Passage:
    """Event indices of one side; NEVER where there is none."""

    __slots__ = ("certificate", "change_cipher_spec", "data", "finished", "gap", "hidden", "key_exchange", "reads")

    def __init__(self) -> None:
        self.change_cipher_spec = _NEVER  # the first
        self.hidden = _NEVER  # the first encrypted handshake record after it: Finished
        self.finished = _NEVER  # the first Finished that was decrypted
        self.reads = False  # the last record was decrypted: nothing of this side has to be inferred
        self.data = _NEVER  # the first application data record
        self.certificate = _NEVER
        self.key_exchange = _NEVER
        self.gap = _NEVER  # the first


class Course:
    """Event indices of a course; NEVER where there is none; they are the same for all connections that took it."""

    __slots__ = (
        "_histories", "_latest", "_latest_key", "alerts", "certificate_request", "client", "client_hello", "server",
        "server_hello", "server_hello_done", "start", "tls13",
    )  # fmt: skip

    def __init__(self, events: Events, tls13: bool) -> None:
        self.tls13 = tls13
        self.client = Passage()
        self.server = Passage()
        self.client_hello = _NEVER
        self.server_hello = _NEVER
        self.certificate_request = _NEVER
        self.server_hello_done = _NEVER
        self.alerts: list[int] = []
        self.start = _UNASKED  # where renegotiations would begin, see `tlscap.judge.renegotiation`
        self._histories: dict[int, str] = {}
        self._latest: str | None = None  # that was asked for; the next one is most likely the same
        self._latest_key = _UNASKED
        for i in range(events.count):
            self._place(events, i)

    def history(self, key: int) -> str | None:
        """The history that was remembered under a number."""
        if key != self._latest_key:
            self._latest_key = key
            self._latest = self._histories.get(key)
        return self._latest

    def remember(self, key: int, history: str) -> None:
        """Remembers the history of a course under a number that says all it depends on besides."""
        if len(self._histories) < _MAX_HISTORIES:
            self._histories[key] = history
            self._latest_key, self._latest = key, history

    def _place(self, events: Events, i: int) -> None:
        kind = events.kind(i)
        passage = self.client if events.side(i) == CLIENT else self.server
        if kind >= CHANGE_CIPHER_SPEC:
            passage.reads = events.decrypted(i)
        if kind == HANDSHAKE and events.decrypted(i) and not self.tls13:
            self._place_later_message(i, events.detail(i), passage)
        elif kind == HANDSHAKE:
            self._place_message(events, i, events.detail(i), passage)
        elif kind == CHANGE_CIPHER_SPEC:
            if passage.change_cipher_spec == _NEVER:
                passage.change_cipher_spec = i
        elif kind == APPLICATION_DATA:
            if passage.data == _NEVER:
                passage.data = i
        elif kind == ALERT:
            self.alerts.append(i)
        elif kind == GAP and passage.gap == _NEVER:
            passage.gap = i

    def _place_later_message(self, i: int, kind: int, passage: Passage) -> None:
        """What is decrypted up to TLS 1.2 belongs, but for the first Finished, to a renegotiation."""
        if kind == _FINISHED and passage.change_cipher_spec != _NEVER:
            passage.finished = first(passage.finished, i)
            passage.hidden = first(passage.hidden, i)

    def _place_message(self, events: Events, i: int, kind: int, passage: Passage) -> None:
        if kind == HIDDEN:
            if passage.hidden == _NEVER and passage.change_cipher_spec != _NEVER:
                passage.hidden = i
        elif kind in (_CERTIFICATE, _COMPRESSED_CERTIFICATE):
            passage.certificate = first(passage.certificate, i)
        elif kind in (_SERVER_KEY_EXCHANGE, _CLIENT_KEY_EXCHANGE):
            passage.key_exchange = first(passage.key_exchange, i)
        elif kind == _CLIENT_HELLO:
            self.client_hello = first(self.client_hello, i)
        elif kind == _SERVER_HELLO:
            self.server_hello = first(self.server_hello, i)
        elif kind == _FINISHED:
            if events.decrypted(i):
                passage.finished = first(passage.finished, i)
        elif kind == _CERTIFICATE_REQUEST:
            self.certificate_request = first(self.certificate_request, i)
        elif kind == _SERVER_HELLO_DONE:
            self.server_hello_done = first(self.server_hello_done, i)


def first(known: int, index: int) -> int:
    """`known`, unless it is NEVER."""
    return index if known == _NEVER else known


class Courses:
    """All courses that are remembered, by the numbers that say what their events are."""

    __slots__ = ("_key", "_known", "_words")

    def __init__(self) -> None:
        self._known: dict[bytes, Course] = {}
        self._key = bytearray(_WORD_BYTES * (_MAX_COURSE_EVENTS + 1))
        self._words = memoryview(self._key).cast("q")

    def of(self, events: Events, tls13: bool, dtls13: bool) -> Course:
        """The course that these events took, with a ServerHello of that version."""
        count = events.count
        if count > _MAX_COURSE_EVENTS:
            return Course(events, tls13)
        for i in range(count):
            self._words[i] = events.word(i)
        self._words[count] = tls13 | dtls13 << 1
        key = octets.head(self._key, _WORD_BYTES * (count + 1))
        course = self._known.get(key)
        if course is None:
            if len(self._known) >= _MAX_COURSES:
                self._known.clear()
            course = self._known[key] = Course(events, tls13)
        return course


_courses = Courses()
