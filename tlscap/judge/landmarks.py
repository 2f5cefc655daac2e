"""Where the events of a connection stand that several judgements ask for: one pass, event indices."""

from __future__ import annotations

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
from tlscap.engine.versions import DTLS_1_3

NEVER = -1

HELLO_REQUEST, CLIENT_HELLO, SERVER_HELLO, NEW_SESSION_TICKET = 0, 1, 2, 4
END_OF_EARLY_DATA, HELLO_RETRY_REQUEST = 5, 6
CERTIFICATE, SERVER_KEY_EXCHANGE, CERTIFICATE_REQUEST, SERVER_HELLO_DONE = 11, 12, 13, 14
CERTIFICATE_VERIFY, CLIENT_KEY_EXCHANGE, FINISHED, COMPRESSED_CERTIFICATE = 15, 16, 20, 25

TLS13 = 0x0304


class Passage:
    """Event indices of one side; NEVER where there is none."""

    __slots__ = ("certificate", "change_cipher_spec", "data", "finished", "gap", "hidden", "key_exchange", "reads")

    def __init__(self) -> None:
        self.change_cipher_spec = NEVER  # the first
        self.hidden = NEVER  # the first encrypted handshake record after it: Finished
        self.finished = NEVER  # the first Finished that was decrypted
        self.reads = False  # the last record was decrypted: nothing of this side has to be inferred
        self.data = NEVER  # the first application data record
        self.certificate = NEVER
        self.key_exchange = NEVER
        self.gap = NEVER  # the first


class Landmarks:
    """Event indices of one connection; NEVER where there is none."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.events: Events = facts.events
        self.client = Passage()
        self.server = Passage()
        self.client_hello = NEVER
        self.server_hello = NEVER
        self.certificate_request = NEVER
        self.server_hello_done = NEVER
        self.alerts: list[int] = []
        self._is_tls13 = self.tls13
        for i in range(self.events.count):
            self._place(i)

    @property
    def tls13(self) -> bool:
        hello = self.facts.server_hello
        return hello.version == TLS13 if hello is not None else self.facts.hello_retry is not None

    @property
    def dtls13(self) -> bool:
        hello = self.facts.server_hello or self.facts.hello_retry
        return hello is not None and hello.version == DTLS_1_3

    @property
    def hello_seen(self) -> bool:
        return self.client_hello != NEVER or self.server_hello != NEVER

    def of(self, side: int) -> Passage:
        return self.client if side == CLIENT else self.server

    def side(self, side: int) -> Side:
        return self.facts.client if side == CLIENT else self.facts.server

    def both_captured(self) -> bool:
        """Whether packets of both sides are in the capture."""
        return self.facts.client.packets > 0 and self.facts.server.packets > 0

    def gap_before(self, side: int, index: int) -> bool:
        """Whether bytes of that side are missing before event `index`."""
        gap = self.of(side).gap
        return gap != NEVER and (index == NEVER or gap < index)

    def is_whole(self) -> bool:
        """Whether both directions were captured without a gap."""
        facts = self.facts
        return self.both_captured() and facts.client.missing_bytes == 0 and facts.server.missing_bytes == 0

    def is_unanswered(self) -> bool:
        """Whether no ServerHello came, as far as bytes tell: what it would have said is then not there, not unknown."""
        return self.client_hello != NEVER and self.facts.server_hello is None and self.is_whole()

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

    def _place(self, i: int) -> None:
        events = self.events
        kind = events.kind(i)
        passage = self.of(events.side(i))
        if kind >= CHANGE_CIPHER_SPEC:
            passage.reads = events.decrypted(i)
        if kind == HANDSHAKE and events.decrypted(i) and not self._is_tls13:
            self._place_later_message(i, events.detail(i), passage)
        elif kind == HANDSHAKE:
            self._place_message(i, events.detail(i), passage)
        elif kind == CHANGE_CIPHER_SPEC:
            if passage.change_cipher_spec == NEVER:
                passage.change_cipher_spec = i
        elif kind == APPLICATION_DATA:
            if passage.data == NEVER:
                passage.data = i
        elif kind == ALERT:
            self.alerts.append(i)
        elif kind == GAP and passage.gap == NEVER:
            passage.gap = i

    def _place_later_message(self, i: int, kind: int, passage: Passage) -> None:
        """What is decrypted up to TLS 1.2 belongs, but for the first Finished, to a renegotiation."""
        if kind == FINISHED and passage.change_cipher_spec != NEVER:
            passage.finished = first(passage.finished, i)
            passage.hidden = first(passage.hidden, i)

    def _place_message(self, i: int, kind: int, passage: Passage) -> None:
        if kind == HIDDEN:
            if passage.hidden == NEVER and passage.change_cipher_spec != NEVER:
                passage.hidden = i
        elif kind in (CERTIFICATE, COMPRESSED_CERTIFICATE):
            passage.certificate = first(passage.certificate, i)
        elif kind in (SERVER_KEY_EXCHANGE, CLIENT_KEY_EXCHANGE):
            passage.key_exchange = first(passage.key_exchange, i)
        elif kind == CLIENT_HELLO:
            self.client_hello = first(self.client_hello, i)
        elif kind == SERVER_HELLO:
            self.server_hello = first(self.server_hello, i)
        elif kind == FINISHED:
            if self.events.decrypted(i):
                passage.finished = first(passage.finished, i)
        elif kind == CERTIFICATE_REQUEST:
            self.certificate_request = first(self.certificate_request, i)
        elif kind == SERVER_HELLO_DONE:
            self.server_hello_done = first(self.server_hello_done, i)


def first(known: int, index: int) -> int:
    """`known`, unless it is NEVER."""
    return index if known == NEVER else known
