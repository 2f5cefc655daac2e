"""TLS handshake messages: put together from records, read once, and written into the facts.

A message may lie in one record, span many, or share one with others (RFC 8446 §5.1). A message that
lies whole in a packet is read where it lies; only one that spans packets is copied, up to
`Limits.message_bytes`. Whatever its order, a message becomes an event: we watch, we do not take part.
"""

from __future__ import annotations

from tlscap import octets
from tlscap.engine import sslv2
from tlscap.engine.buffer import Buffer
from tlscap.engine.client_hello import parse_client_hello_sslv2, read_client_hello
from tlscap.engine.events import CLIENT, DECRYPTED, HANDSHAKE, SERVER, Events
from tlscap.engine.facts import Side
from tlscap.engine.fields import digest
from tlscap.engine.server_hello import parse_hello_retry_request, read_server_hello
from tlscap.engine.session import Session
from tlscap.engine.versions import TLS_1_3, final_version

HELLO_REQUEST, CLIENT_HELLO, SERVER_HELLO, NEW_SESSION_TICKET, HELLO_RETRY_REQUEST = 0, 1, 2, 4, 6
CERTIFICATE, SERVER_KEY_EXCHANGE, CERTIFICATE_REQUEST, CLIENT_KEY_EXCHANGE, COMPRESSED_CERTIFICATE = 11, 12, 13, 16, 25
"""Handshake types (RFC 8446 §B.3, RFC 8879); 6 is also what a ServerHello that asks for a retry is noted as."""

KNOWN_TYPES = frozenset((0, 1, 2, 3, 4, 5, 6, 8, 11, 12, 13, 14, 15, 16, 20, 21, 22, 23, 24, 25, 67, 254))
"""Types that a clear message can have; what has another is encrypted, or no handshake at all."""

_TLS_1_3 = TLS_1_3
_KNOWN_BELOW_64 = sum(1 << kind for kind in KNOWN_TYPES if kind < 64)
_HEADER = 4
_HANDSHAKE = HANDSHAKE
_CLIENT = CLIENT
_SERVER = SERVER
_DECRYPTED = DECRYPTED
_CLIENT_HELLO = CLIENT_HELLO
_SERVER_HELLO = SERVER_HELLO
_CLIENT_KEY_EXCHANGE = CLIENT_KEY_EXCHANGE
_HELLO_REQUEST = HELLO_REQUEST
_HELLO_RETRY_REQUEST = HELLO_RETRY_REQUEST
_DRAFTS, _FIRST_DRAFT_WITH_NONCE = 0x7F00, 0x7F15  # of TLS 1.3
_NEW_SESSION_TICKET = NEW_SESSION_TICKET
_CERTIFICATE = CERTIFICATE
_COMPRESSED_CERTIFICATE = COMPRESSED_CERTIFICATE
_SERVER_KEY_EXCHANGE = SERVER_KEY_EXCHANGE
_FIXED_POINT_LENGTHS = {23: 65, 24: 97, 25: 133, 29: 32, 30: 56}
"""Length of the public value of a named group (RFC 8422 §5.4); it tells ECDHE's message from DHE's."""


class HandshakeReader:
    """The handshake messages of one direction."""

    def __init__(self, session: Session, direction: int) -> None:
        self.session = session
        self.direction = direction
        self.renew()

    def renew(self) -> None:
        """Forgets all: what follows is another connection's."""
        self.events: Events = self.session.facts.events
        self.pending: bytearray | None = None  # the start of a message that is not whole yet
        self.needed = 0  # bytes that the pending message has in all, header included; 0 not known
        self.skip = 0  # bytes of a message that is too large or has a hole, still to come
        self.mark = 0  # DECRYPTED while what is read was decrypted

    def is_idle(self) -> bool:
        """True between two messages."""
        return self.skip == 0 and self.pending is None

    def plausible(self, buffer: Buffer, at: int, end: int, record_length: int) -> bool:
        """Whether the record of `record_length` bytes at `at`, of which some are there, begins with a clear message.

        Asked where nothing else says whether records are encrypted. An explicit nonce often begins
        with zeros, so a HelloRequest must be the whole record.
        """
        if end - at < _HEADER:
            return at < end and buffer.data[at] == _CLIENT_HELLO
        kind = buffer.data[at]
        length = (buffer.data[at + 1] << 16) | (buffer.data[at + 2] << 8) | buffer.data[at + 3]
        if kind == _HELLO_REQUEST:
            return length == 0 and record_length == _HEADER
        if not is_known_type(kind) or length > self.session.message_bytes:
            return False
        if kind in (_CLIENT_HELLO, _SERVER_HELLO):
            return length >= 38 and (end - at < 6 or buffer.data[at + 4] == 3 or buffer.data[at + 4] == 0x7F)
        return length + _HEADER <= record_length or length > 256

    def feed(self, buffer: Buffer, at: int, end: int, ns: int, frame: int) -> None:
        """Takes the next bytes of the handshake stream of this direction, from clear records: `buffer.data[at:end]`."""
        while at < end:
            if self.skip > 0:
                taken = self.skip if self.skip < end - at else end - at
                self.skip -= taken
                at += taken
            elif self.pending is not None or end - at < _HEADER:
                at = self._continue_pending(buffer, at, end, ns, frame)
            else:
                length = (buffer.data[at + 1] << 16) | (buffer.data[at + 2] << 8) | buffer.data[at + 3]
                if length > self.session.message_bytes:
                    self._skip_large(buffer.data[at], length, ns, frame)
                    at += _HEADER
                elif at + _HEADER + length <= end:
                    self.message(buffer.data[at], buffer, at + _HEADER, at + _HEADER + length, ns, frame)
                    at += _HEADER + length
                else:
                    self.needed = _HEADER + length
                    self.pending = bytearray(octets.copied(buffer.data, at, end))
                    self.session.held.bytes += end - at
                    at = end

    def feed_decrypted(self, content: bytes, ns: int, frame: int) -> None:
        """The same, from a record that was decrypted."""
        self.mark = _DECRYPTED
        self.feed(Buffer(memoryview(content)), 0, len(content), ns, frame)
        self.mark = 0

    def lose(self, missing: int) -> None:
        """Takes note that `missing` bytes of the handshake stream were never captured."""
        if self.skip > 0:
            self.skip = max(0, self.skip - missing)
        elif self.needed > 0:
            left = self.needed - missing
            if self.pending is not None:
                left -= len(self.pending)
            self.drop_pending()
            self.skip = max(0, left)
        else:
            self.drop_pending()

    def drop_pending(self) -> None:
        """Forgets a message that will never be whole."""
        if self.pending is not None:
            self.session.held.bytes -= len(self.pending)
        self.pending = None
        self.needed = 0
        self.skip = 0

    def give_up(self) -> int:
        """Forgets what there is of a message and passes over its rest; how many bytes there were."""
        if self.pending is None or self.needed == 0:  # without its length, three bytes at most
            return 0
        lost = len(self.pending)
        self.lose(0)
        return lost

    def _continue_pending(self, buffer: Buffer, at: int, end: int, ns: int, frame: int) -> int:
        """Adds to the pending message what it lacks; gives the offset after what was taken."""
        pending = self.pending
        if pending is None:
            pending = bytearray()
            self.pending = pending
        if self.needed == 0:
            taken = min(_HEADER - len(pending), end - at)
            pending += octets.copied(buffer.data, at, at + taken)
            self.session.held.bytes += taken
            at += taken
            if len(pending) < _HEADER:
                return at
            length = (pending[1] << 16) | (pending[2] << 8) | pending[3]
            if length > self.session.message_bytes:
                kind = pending[0]
                self.drop_pending()
                self._skip_large(kind, length, ns, frame)
                return at
            self.needed = _HEADER + length
        taken = min(self.needed - len(pending), end - at)
        pending += octets.copied(buffer.data, at, at + taken)
        self.session.held.bytes += taken
        if len(pending) == self.needed:
            self.drop_pending()
            self.message(pending[0], Buffer(memoryview(pending)), _HEADER, len(pending), ns, frame)
        return at + taken

    def _skip_large(self, kind: int, length: int, ns: int, frame: int) -> None:
        self.skip = length
        self.events.add(ns, frame, self.session.side_of(self.direction) | self.mark, _HANDSHAKE, kind, length)
        self.session.facts.note(ns, frame, "message_too_large", f"a handshake message of {length} bytes was not read")

    def message(self, kind: int, buffer: Buffer, at: int, end: int, ns: int, frame: int) -> None:
        """Takes one whole message, whose body is `buffer.data[at:end]`: reads what is told from it, adds its event."""
        session = self.session
        if kind == _CLIENT_HELLO:
            session.settle_roles(self.direction, _CLIENT)
        elif kind == _SERVER_HELLO:
            session.settle_roles(self.direction, _SERVER)
        noted = kind
        if kind == _SERVER_HELLO:
            noted = self._server_hello(buffer, at, end, ns, frame)
        elif kind == _CLIENT_HELLO:
            self._client_hello(buffer, at, end, ns, frame)
        else:
            self._other(kind, buffer, at, end, ns, frame)
        self.events.add(ns, frame, session.side_of(self.direction) | self.mark, _HANDSHAKE, noted, end - at)
        if session.decryptor is not None:
            session.decryptor.message(self.direction, noted, octets.copied(buffer.data, at, end), ns, self.mark != 0)

    def sslv2_hello(self, body: memoryview, ns: int, frame: int) -> None:
        """Takes a ClientHello in SSLv2's format, without its two length bytes (RFC 5246 §E.2)."""
        session = self.session
        session.settle_roles(self.direction, _CLIENT)
        session.client_hello_seen = True
        facts = session.facts
        facts.client_hello = parse_client_hello_sslv2(body)
        facts.hello_ns = ns
        facts.hello_frame = frame
        self.events.add(ns, frame, session.side_of(self.direction), _HANDSHAKE, _CLIENT_HELLO, len(body))

    def sslv2_server_hello(self, length: int, ns: int, frame: int) -> None:
        """Takes note that the server answers in SSL 2.0."""
        session = self.session
        session.sslv2 = True
        session.server_hello_seen = True
        session.facts.server_hello = sslv2.server_hello()
        self.events.add(ns, frame, session.side_of(self.direction), _HANDSHAKE, _SERVER_HELLO, length)

    def sslv2_key(self, cipher: int, ns: int, frame: int) -> None:
        """Takes the client's choice of a cipher of SSL 2.0; 0 if the message is not there."""
        facts = self.session.facts
        if cipher > 0 and facts.server_hello is not None and facts.server_hello.cipher == 0:
            facts.server_hello.cipher = cipher
            self.events.add(ns, frame, self.session.side_of(self.direction), _HANDSHAKE, _CLIENT_KEY_EXCHANGE, 0)

    def _client_hello(self, buffer: Buffer, at: int, end: int, ns: int, frame: int) -> None:
        session = self.session
        facts = session.facts
        if session.server_hello_seen and not self._comes_late():
            return  # a renegotiation in the clear: its event says all that is told of it
        hello = read_client_hello(octets.copied(buffer.data, at, end))
        if hello.malformed:
            facts.note(ns, frame, "malformed_client_hello", hello.malformed)
        if facts.client_hello is not None and facts.first_profile is None:
            facts.first_profile = facts.client_hello.profile
        facts.client_hello = hello
        if hello.early_data:
            facts.early_data_offered = True
        if not session.client_hello_seen:
            facts.hello_ns = ns
            facts.hello_frame = frame
        session.client_hello_seen = True

    def _comes_late(self) -> bool:
        """Whether a ClientHello behind the ServerHello is the first handshake's: two clocks captured the two sides."""
        facts = self.session.facts
        if facts.client_hello is None:
            return facts.client.records == 0
        return facts.hello_retry is not None and facts.first_profile is None

    def _server_hello(self, buffer: Buffer, at: int, end: int, ns: int, frame: int) -> int:
        session = self.session
        facts = session.facts
        if session.server_hello_seen:
            return _SERVER_HELLO
        hello = read_server_hello(octets.copied(buffer.data, at, end))
        if hello.malformed:
            facts.note(ns, frame, "malformed_server_hello", hello.malformed)
        if hello.hello_retry:
            facts.hello_retry = hello
            session.tls13 = True
            return _HELLO_RETRY_REQUEST
        facts.server_hello = hello
        session.server_hello_seen = True
        asked = facts.client_hello
        if hello.downgrade and asked is not None and asked.client_version >= _TLS_1_3:
            sentence = "the server supports more than it agreed to with a client that offers TLS 1.3 (RFC 8446 §4.1.3)"
            facts.note(ns, frame, "downgrade_sentinel", sentence)
        session.tls13 = final_version(hello.version) == _TLS_1_3
        return _SERVER_HELLO

    def _other(self, kind: int, buffer: Buffer, at: int, end: int, ns: int, frame: int) -> None:
        session = self.session
        facts = session.facts
        if kind in (_CERTIFICATE, _COMPRESSED_CERTIFICATE):
            self._certificate(kind, session.side_of(self.direction), buffer, at, end, ns, frame)
        elif kind == _SERVER_KEY_EXCHANGE:
            if self.mark == 0:  # what the first handshake used
                facts.key_exchange_group = named_group(buffer.data[at:end])
        elif kind == _HELLO_RETRY_REQUEST:
            if not session.server_hello_seen:
                facts.hello_retry = parse_hello_retry_request(buffer.data[at:end]) or facts.hello_retry
        elif kind == _NEW_SESSION_TICKET:
            self._new_session_ticket(octets.copied(buffer.data, at, end), ns, frame)

    def _certificate(self, kind: int, sender: int, buffer: Buffer, at: int, end: int, ns: int, frame: int) -> None:
        """The first handshake's chain is the connection's; what is decrypted up to TLS 1.2 is of another."""
        session = self.session
        facts = session.facts
        side: Side = facts.server if sender == _SERVER else facts.client
        is_later = self.mark != 0 and (not session.tls13 or side.certificates is not None)
        if side.certificates is not None and not is_later:
            return
        store = session.certificates
        body = octets.copied(buffer.data, at, end)
        if kind == _COMPRESSED_CERTIFICATE:
            message = store.read_compressed(body, ns, frame)
        else:
            message = store.read(body, session.tls13, ns, frame)
        if message.malformed:
            facts.note(ns, frame, "malformed_certificate", message.malformed)
        if is_later:
            facts.keep_chain(ns, frame, sender, message.digests)
        else:
            side.certificate_length = len(body)
            side.certificates = message.digests

    def _new_session_ticket(self, body: bytes, ns: int, frame: int) -> None:
        """RFC 5077 §3.3: uint32 lifetime hint, opaque ticket<0..2^16-1>.

        RFC 8446 §4.6.1 has a uint32 age_add and a nonce<0..255> between them; before draft 21 there was no nonce.
        """
        size = len(body)
        at = 4
        if self.session.tls13:
            hello = self.session.facts.server_hello
            at = 8
            if hello is None or not _DRAFTS <= hello.raw_version < _FIRST_DRAFT_WITH_NONCE:
                at = 9 + body[8] if size > 8 else size
        length = (body[at] << 8) | body[at + 1] if at + 2 <= size else -1
        facts = self.session.facts
        if length < 0:
            facts.note(ns, frame, "malformed_new_session_ticket", f"only {size} bytes long")
            return
        at += 2
        if at + length > size:
            facts.note(ns, frame, "malformed_new_session_ticket", "the ticket ends beyond the message")
            return
        lifetime = body[0]
        lifetime = (lifetime << 24) | (body[1] << 16) | (body[2] << 8) | body[3]
        issued = b"" if length == 0 else digest(body, at, at + length)
        if self.mark != 0:
            facts.keep_ticket(ns, length, lifetime, issued)
        if self.mark == 0 or self.session.tls13:
            facts.ticket_lifetime_s = lifetime
            facts.ticket_length = length
            facts.ticket_issued = issued or facts.ticket_issued


def is_known_type(kind: int) -> bool:
    """Whether `kind` is one of KNOWN_TYPES."""
    if kind < 64:
        return (_KNOWN_BELOW_64 >> kind) & 1 == 1
    return kind in KNOWN_TYPES


def named_group(body: memoryview) -> int:
    """The named group of an ECDHE ServerKeyExchange (RFC 8422 §5.4), or 0 if it is none."""
    if len(body) < 5 or body[0] != 3:
        return 0
    group = (body[1] << 8) | body[2]
    length = body[3]
    if 4 + length > len(body):
        return 0
    return group if _FIXED_POINT_LENGTHS.get(group, length) == length else 0
