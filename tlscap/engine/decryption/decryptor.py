"""The decryption of one connection: told of its handshake messages, asked to open its records.

The record layer has one for a connection if there are keys. `direction` is the stream's; who is the client
is the session's to say.
"""

from __future__ import annotations

from tlscap.engine.decryption.backlog import Backlog
from tlscap.engine.decryption.keys import Keys
from tlscap.engine.decryption.lane12 import Lane12
from tlscap.engine.decryption.lane13 import Lane13
from tlscap.engine.decryption.negotiation import Negotiation
from tlscap.engine.decryption.negotiations import Negotiations
from tlscap.engine.decryption.protection import is_available
from tlscap.engine.decryption.suites import Suite, suite_of
from tlscap.engine.events import CLIENT, SERVER
from tlscap.engine.handshake import CLIENT_HELLO, HELLO_REQUEST, SERVER_HELLO
from tlscap.engine.hello import ServerHello, parse_client_hello, parse_server_hello
from tlscap.engine.opener import WAITING
from tlscap.engine.record_teller import RecordTeller
from tlscap.engine.session import Session
from tlscap.engine.versions import TLS_1_3

_CHANGE_CIPHER_SPEC = 20
_RANDOM = slice(2, 34)  # of a ClientHello (RFC 5246 §7.4.1.2)
_RANDOM_BYTES = 32
_TLS13_SUITES = (0x1301, 0x1302, 0x1303, 0x1304, 0x1305)  # RFC 8446 §B.4
_SIDES = ("client", "server")


class Decryptor:
    """What is known of a connection's keys."""

    def __init__(self, session: Session, keys: Keys) -> None:
        self._session = session
        self._keys = keys
        self._random = b""  # of the first handshake's ClientHello
        self._last: Negotiation | None = None  # the first handshake's, before it is answered
        self.tellers: list[RecordTeller | None] = [None, None]  # by direction
        self._negotiations = Negotiations(keys, session.held)
        self._lanes: list[Lane12 | Lane13 | None] = [None, None]
        self._blind = 0  # encrypted records without a hello that would name the key
        self._at = (0, 0)  # ns and frame of the last record
        self._backlogs = (Backlog(session.held), Backlog(session.held))

    def wants(self, direction: int, kind: int, length: int) -> bool:
        """Whether a record that begins, and is not clear, is to be collected and shown to `open`."""
        lane = self._lanes[direction]
        if lane is None:
            self._blind += 1
            return False
        return len(self._backlogs[direction]) > 0 or lane.wants(kind)

    def is_encrypted(self, direction: int) -> bool:
        """Whether a ChangeCipherSpec is known to have come, captured or not (up to TLS 1.2)."""
        lane = self._lanes[direction]
        return isinstance(lane, Lane12) and lane.is_encrypted

    def open(
        self, direction: int, kind: int, version: int, sealed: bytes, ns: int, frame: int
    ) -> tuple[int, bytes] | None:
        """Content type and content of a record, but never application data; None if it stays closed.

        The type is WAITING if the record is kept until the other direction's hello has come.
        """
        self._at = (ns, frame)
        lane = self._lanes[direction]
        if isinstance(lane, Lane12):
            record = (kind, version, sealed, ns, frame)
            if self._backlogs[direction].keeps(lane.is_waiting, record):
                return WAITING, b""
        opened = None if lane is None else lane.open(kind, version, sealed)
        if lane is not None and opened is not None and opened[0] == _CHANGE_CIPHER_SPEC:
            lane.change_cipher_spec()
        return opened

    def change_cipher_spec(self, direction: int) -> None:
        """A ChangeCipherSpec that was clear, or could not be decrypted."""
        lane = self._lanes[direction]
        if lane is not None:
            lane.change_cipher_spec()

    def lose_record(self, direction: int, length: int) -> None:
        """Bytes of a record of `length` were not captured."""
        lane = self._lanes[direction]
        if lane is not None:
            lane.skip(length)

    def gap(self, direction: int, missing: int) -> None:
        """Whole records may have been lost, `missing` bytes in all."""
        lane = self._lanes[direction]
        if lane is not None:
            lane.gap(missing)

    def message(self, direction: int, kind: int, body: bytes, ns: int, decrypted: bool) -> None:
        """A whole handshake message, after the facts have taken what they need of it."""
        side = self._session.side_of(direction)
        if kind == CLIENT_HELLO and side == CLIENT:
            self._client_hello(direction, body, ns, decrypted)
        elif kind == SERVER_HELLO and side == SERVER:
            self._server_hello(direction, body, ns)
        lane = self._lanes[direction]
        if isinstance(lane, Lane13):
            if decrypted:
                lane.message(kind)
            return
        negotiation = self._last if lane is None else lane.negotiation
        if negotiation is not None and kind != HELLO_REQUEST:  # RFC 5246 §7.4.1.1
            negotiation.message(side, kind, body)
        if kind in (CLIENT_HELLO, SERVER_HELLO):
            self._drain(1 - direction)

    def finish(self) -> None:
        """The connection is over: what waits will never be decrypted. Notes what could not be."""
        for direction in (0, 1):
            self._drain(direction, to_the_end=True)
            self._backlogs[direction].forget()
        self._negotiations.forget_transcripts()
        note = self._session.facts.note
        lanes = [lane for lane in self._lanes if lane is not None]
        keyless = sum(lane.keyless for lane in lanes)
        unopened = sum(lane.unopened for lane in lanes)
        hello = self._session.facts.server_hello
        if keyless and hello is not None and not is_available(suite_of(hello.cipher)):
            sentence = f"its cipher suite cannot be decrypted here: {keyless} records stay encrypted"
            note(*self._at, "cipher_unsupported", sentence)
        elif keyless:
            sentence = f"no key in the key log is this connection's: {keyless} records stay encrypted"
            note(*self._at, "key_missing", sentence)
        elif self._blind and not lanes:
            sentence = f"the hellos that would name the key were not captured: {self._blind} records stay encrypted"
            note(self._session.facts.end_ns, self._session.facts.last_frame, "key_missing", sentence)
        if unopened and sum(lane.opened for lane in lanes) == 0:
            note(*self._at, "key_wrong", f"the key log's key opens none of this connection's {unopened} records")
        elif unopened:
            note(*self._at, "not_decrypted", f"{unopened} records are not what this connection's key encrypts")

    def held_bytes(self) -> int:
        """Bytes of records that wait and of transcripts."""
        return sum(backlog.bytes for backlog in self._backlogs) + self._negotiations.held_bytes()

    def give_up(self) -> None:
        """For want of room: what waits stays encrypted, and transcripts are forgotten."""
        for direction in (0, 1):
            self._drain(direction, to_the_end=True)
        self._negotiations.forget_transcripts()

    def _drain(self, direction: int, to_the_end: bool = False) -> None:
        """Reads the records that waited, until one has to wait again."""
        backlog, lane, teller = self._backlogs[direction], self._lanes[direction], self.tellers[direction]
        if not len(backlog) or teller is None or not isinstance(lane, Lane12):
            return
        self._session.facts.events.unsorted = True
        backlog.draining = True
        while len(backlog) and (to_the_end or not lane.is_waiting):
            teller.unseal(*backlog.take())
        backlog.draining = False

    def _client_hello(self, direction: int, body: bytes, ns: int, decrypted: bool) -> None:
        facts = self._session.facts
        if self._session.tls13 and self._session.server_hello_seen:
            return
        hello = facts.client_hello
        if decrypted or hello is None or hello.random != body[_RANDOM]:
            hello = parse_client_hello(memoryview(body))
        self._ask(direction, ns, body[_RANDOM], hello.ticket_key)
        if not decrypted and facts.early_data_offered and hello.client_version >= TLS_1_3:
            suites = _suites(_TLS13_SUITES)
            self._lanes[direction] = Lane13(CLIENT, self._keys, self._random, suites, early=True)

    def _ask(self, direction: int, ns: int, client_random: bytes, ticket_key: bytes) -> None:
        negotiation = self._negotiations.ask(ns, client_random, ticket_key)
        lane = self._lanes[direction]
        if lane is None:
            self._random = client_random
            self._last = negotiation
        elif isinstance(lane, Lane12):
            lane.negotiation = negotiation

    def _server_hello(self, direction: int, body: bytes, ns: int) -> None:
        facts = self._session.facts
        hello = facts.server_hello
        if hello is None:
            return
        if self._last is None:
            asked = facts.client_hello  # in SSLv2's format (RFC 5246 §E.2)
            if asked is None:
                return  # nothing names the key
            self._ask(1 - direction, facts.hello_ns, asked.random.rjust(_RANDOM_BYTES, b"\0"), b"")
        if hello.version == TLS_1_3:
            self._begin_tls13(direction, hello)
            return
        lane = self._lanes[direction]
        if isinstance(lane, Lane12):
            lane.negotiation = self._negotiations.answer(ns, parse_server_hello(memoryview(body)))
            return
        for way, side in ((direction, SERVER), (1 - direction, CLIENT)):
            lane = self._lanes[way] = Lane12(side)
            lane.negotiation = self._last
        if self._last is not None:
            self._last.answer(ns, hello)

    def _begin_tls13(self, direction: int, hello: ServerHello) -> None:
        suite = suite_of(hello.cipher)
        if suite is None or self._lanes[direction] is not None:
            return
        draft = 0 if hello.raw_version == TLS_1_3 else hello.raw_version & 0xFF
        self._lanes[direction] = Lane13(SERVER, self._keys, self._random, [suite], draft)
        client = self._lanes[1 - direction]
        if isinstance(client, Lane13):
            client.settle(suite, draft)
        else:
            self._lanes[1 - direction] = Lane13(CLIENT, self._keys, self._random, [suite], draft)


def _suites(codes: tuple[int, ...]) -> list[Suite]:
    return [suite for suite in map(suite_of, codes) if suite is not None]
