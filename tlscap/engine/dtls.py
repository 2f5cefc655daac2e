"""DTLS 1.0 to 1.3 (RFC 6347, RFC 9147): what hellos, alerts and certificates tell, no more.

Datagrams are lost and repeated, so there is no stream: each record stands for itself, and a handshake
message is put together from the fragments that its header describes. A message that comes twice is
taken once, by its message_seq; so is a flight's end, which is in the clear no further than that it is there.

Encrypted records of DTLS 1.3 have a header of their own (RFC 9147 §4) that tells the epoch: 2 is the
handshake, 3 and later all else. With a connection ID (RFC 9146) only the ends know where a header ends,
so what is left of such a datagram counts as one record.
"""

from __future__ import annotations

from tlscap.engine.certificate_store import CertificateStore
from tlscap.engine.events import (
    ALERT,
    APPLICATION_DATA,
    CHANGE_CIPHER_SPEC,
    CLIENT,
    GAP,
    HANDSHAKE,
    HIDDEN,
    SERVER,
)
from tlscap.engine.facts import ROLES_HELLO, Facts, Side
from tlscap.engine.handshake import (
    CERTIFICATE,
    CLIENT_HELLO,
    HELLO_RETRY_REQUEST,
    SERVER_HELLO,
    SERVER_KEY_EXCHANGE,
    named_group,
)
from tlscap.engine.held import SEGMENT_OVERHEAD, Held
from tlscap.engine.hello import parse_client_hello, parse_server_hello
from tlscap.engine.limits import Limits
from tlscap.engine.versions import DTLS_1_3

RECORD_HEADER = 13
"""type, version, epoch, sequence_number, length (RFC 6347 §4.1)."""

HANDSHAKE_HEADER = 12
"""msg_type, length, message_seq, fragment_offset, fragment_length (RFC 6347 §4.2.2)."""

HELLO_VERIFY_REQUEST = 3

TLS12_CID = 25
"""Content type of an encrypted record with a connection ID, which stands before the length (RFC 9146 §4)."""

UNIFIED_CID, UNIFIED_LONG_NUMBER, UNIFIED_LENGTH, UNIFIED_EPOCH = 0x10, 0x08, 0x04, 0x03
"""Bits of the first byte of DTLS 1.3's unified header; the first three are 001 (RFC 9147 §4)."""

MAX_PARTS = 16
"""Messages of a side that are put together at once; each is at most `Limits.message_bytes`."""

MAX_PIECES = 512
"""Fragments of a message; 512 KB in datagrams of 1,400 bytes are 375."""

MAX_DONE = 64
"""Messages of a side of which it is known that they came, so that one which comes again is not told again; a
handshake has under 20. message_seq has 16 bits and the peer chooses it."""

_FATAL = 2  # the level of an alert (RFC 5246 §7.2)
_VERSIONS = (0xFEFF, 0xFEFD, 0x0100)
"""DTLS 1.0, 1.2 (1.3's records say so too), and OpenSSL's DTLS before the RFC."""


def is_record(data: memoryview, on_wire: int) -> bool:
    """Whether a datagram of `on_wire` bytes begins with a DTLS record that fits into it.

    Of it at least RECORD_HEADER bytes were captured; the rest may be cut off.
    """
    if data[0] < 20 or data[0] > 26 or ((data[1] << 8) | data[2]) not in _VERSIONS:
        return False
    length = (data[11] << 8) | data[12]
    return 0 < length <= on_wire - RECORD_HEADER


def is_hidden_record(data: memoryview) -> bool:
    """Whether a datagram of a known association begins with an encrypted record that is_record() cannot tell."""
    if data[0] >> 5 == 1:
        return True
    return data[0] == TLS12_CID and len(data) > RECORD_HEADER and ((data[1] << 8) | data[2]) in _VERSIONS


def starts_association(data: memoryview) -> bool:
    """Whether a record that is_record() is a clear hello: without one an association is not told from noise."""
    if data[0] != HANDSHAKE or data[3] | data[4] or len(data) < RECORD_HEADER + HANDSHAKE_HEADER:
        return False
    return data[13] in (CLIENT_HELLO, SERVER_HELLO, HELLO_VERIFY_REQUEST)


class Association:
    """One DTLS association; `first_sender` is taken for the client until a hello tells."""

    def __init__(
        self, limits: Limits, certificates: CertificateStore, held: Held, first_sender: bytes, ns: int, frame: int
    ) -> None:
        self.facts = Facts()
        self.facts.transport = 17
        self.facts.roles = ROLES_HELLO
        self.facts.start_ns = ns
        self.facts.first_frame = frame
        self.queued = False  # to leave
        self._client = first_sender
        self._certificates = certificates
        self.held = held
        self.facts.events.held = held
        self._message_bytes = limits.message_bytes
        self._parts: dict[tuple[int, int], Parts] = {}
        self._done: list[set[int]] = [set(), set()]
        self._roles_settled = False
        self._last_alert = [False, False]  # the side's last record is an alert
        self._fatal = False  # it is a fatal one, in the clear
        self._changed = [False, False]  # the side's ChangeCipherSpec was seen
        self._finished_length = [0, 0]  # of the side's first encrypted handshake record

    def datagram(
        self, sender: bytes, receiver: bytes, data: memoryview, on_wire: int, ttl: int, ns: int, frame: int
    ) -> None:
        """Takes one datagram of `on_wire` bytes, of which `data` was captured: record after record."""
        facts = self.facts
        facts.end_ns = ns
        facts.last_frame = frame
        if not self._roles_settled:
            self._settle(sender, receiver, data)
        side = CLIENT if sender == self._client else SERVER
        facts_side = facts.client if side == CLIENT else facts.server
        self._count(facts_side, on_wire, ttl, ns, frame)
        at = 0
        while at + RECORD_HEADER <= len(data) and is_record(data[at:], on_wire - at):
            end = at + RECORD_HEADER + ((data[at + 11] << 8) | data[at + 12])
            if end > len(data):
                break
            self._record(side, data[at:end], ns, frame)
            at = end
        while at < len(data) and is_hidden_record(data[at:]) and self._may_hide(data[at]):
            at += self._hidden_record(side, data[at:], ns, frame)
        if on_wire > len(data):
            facts_side.missing_bytes += on_wire - len(data)
            facts_side.cut_bytes += on_wire - len(data)
            facts.events.add(ns, frame, side, GAP, 0, on_wire - len(data))

    @property
    def is_closed(self) -> bool:
        """Whether both sides ended with an alert, or one with a fatal one; what is encrypted may be a warning."""
        return self._fatal or (self._last_alert[CLIENT] and self._last_alert[SERVER])

    def held_bytes(self) -> int:
        """What it holds of messages that are not whole, and of events beyond the usual, as `Held` counts them."""
        return sum(parts.held for parts in self._parts.values()) + self.facts.events.held_bytes()

    def give_up(self) -> None:
        """Gives up what it holds: all connections together hold too much (see `relief`)."""
        facts = self.facts
        detail = "all connections together held too much; what of this one could not be read yet was given up"
        facts.note(facts.end_ns, facts.last_frame, "buffers_given_up", detail)
        for side, number in list(self._parts):
            lost = self._parts[side, number].content_bytes
            self._drop((side, number))
            facts_side = facts.client if side == CLIENT else facts.server
            facts_side.missing_bytes += lost
            facts_side.cut_bytes += lost
            facts.events.add(facts.end_ns, facts.last_frame, side, GAP, 0, lost)
        facts.events.give_up(facts.end_ns, facts.last_frame)

    def finish(self, end: int) -> Facts:
        """The facts; the association is over. `end` is one of `facts.END_*`."""
        for key in list(self._parts):
            self._drop(key)
        self.facts.events.let_go()
        self.facts.end = end
        return self.facts

    def _settle(self, sender: bytes, receiver: bytes, data: memoryview) -> None:
        """Who is the client, by the first hello."""
        if len(data) < RECORD_HEADER + 1 or data[0] != HANDSHAKE:
            return
        self._client = sender if data[RECORD_HEADER] == CLIENT_HELLO else receiver
        self._roles_settled = True
        facts = self.facts
        server = receiver if self._client == sender else sender
        facts.client.ip, facts.client.port = self._client[:-2], int.from_bytes(self._client[-2:], "big")
        facts.server.ip, facts.server.port = server[:-2], int.from_bytes(server[-2:], "big")

    def _count(self, side: Side, size: int, ttl: int, ns: int, frame: int) -> None:
        side.packets += 1
        side.bytes += size
        side.first_ns = side.first_ns or ns
        side.last_ns = ns
        side.payload_ns = ns
        side.payload_frame = frame
        side.ttl_low = min(side.ttl_low, ttl)
        side.ttl_high = max(side.ttl_high, ttl)

    def _record(self, side: int, record: memoryview, ns: int, frame: int) -> None:
        """One record; epoch 0 is clear (RFC 6347 §4.1)."""
        kind = record[0]
        length = len(record) - RECORD_HEADER
        clear = not (record[3] | record[4])
        facts_side = self._counted(side, kind, length, ns, frame)
        if clear:
            self.facts.record_version = (record[1] << 8) | record[2]
        if kind == HANDSHAKE:
            if clear:
                self._fragments(side, record[RECORD_HEADER:], ns, frame)
            else:
                self._hidden_handshake(side, length, ns, frame)
        elif kind == ALERT:
            known = clear and length == 2
            detail = (record[RECORD_HEADER] << 8) | record[RECORD_HEADER + 1] if known else HIDDEN
            self._fatal = self._fatal or (known and record[RECORD_HEADER] == _FATAL)
            self.facts.events.add(ns, frame, side, ALERT, detail, length)
        elif kind == CHANGE_CIPHER_SPEC:
            if not self._changed[side]:
                self._changed[side] = True
                self.facts.events.add(ns, frame, side, CHANGE_CIPHER_SPEC, 0, length)
        elif kind == APPLICATION_DATA:
            self._data(side, facts_side, length, ns, frame)

    def _may_hide(self, first: int) -> bool:
        """Whether a record that begins so fits the version that was chosen, as far as that is known."""
        hello = self.facts.server_hello or self.facts.hello_retry
        return first == TLS12_CID or hello is None or hello.version == DTLS_1_3

    def _hidden_record(self, side: int, data: memoryview, ns: int, frame: int) -> int:
        """The record that is_hidden_record() at the start of `data`; gives the bytes that it takes."""
        flags = data[0]
        header, length = RECORD_HEADER, len(data) - RECORD_HEADER
        if flags != TLS12_CID:
            header = 1 + (2 if flags & UNIFIED_LONG_NUMBER else 1)
            length = max(0, len(data) - header)
            if flags & UNIFIED_LENGTH and not flags & UNIFIED_CID and length >= 2:
                length = min((data[header] << 8) | data[header + 1], length - 2)
                header += 2
        handshake = flags != TLS12_CID and flags & UNIFIED_EPOCH == 2
        facts_side = self._counted(side, HANDSHAKE if handshake else APPLICATION_DATA, length, ns, frame)
        if handshake:
            self.facts.events.add(ns, frame, side, HANDSHAKE, HIDDEN, length)
        else:
            self._data(side, facts_side, length, ns, frame)
        return header + length

    def _counted(self, side: int, kind: int, length: int, ns: int, frame: int) -> Side:
        """Counts a record, and gives the facts of the side that sent it."""
        facts_side = self.facts.client if side == CLIENT else self.facts.server
        facts_side.records += 1
        facts_side.last_record_kind, facts_side.last_record_length = kind, length
        facts_side.last_record_ns, facts_side.last_record_frame = ns, frame
        self._last_alert[side] = kind == ALERT
        return facts_side

    def _hidden_handshake(self, side: int, length: int, ns: int, frame: int) -> None:
        """An encrypted message of DTLS up to 1.2: Finished, or Finished again if it is as long as before.

        A flight is sent again until it is answered (RFC 6347 §4.2.4), each time with new record numbers.
        """
        if length == self._finished_length[side]:
            return
        self._finished_length[side] = self._finished_length[side] or length
        self.facts.events.add(ns, frame, side, HANDSHAKE, HIDDEN, length)

    def _data(self, side: int, facts_side: Side, length: int, ns: int, frame: int) -> None:
        facts_side.data_records += 1
        facts_side.data_bytes += length
        facts_side.data_ns, facts_side.data_frame = ns, frame
        self.facts.events.add_data(ns, frame, side, length, False)

    def _fragments(self, side: int, data: memoryview, ns: int, frame: int) -> None:
        """The handshake fragments of one record."""
        at = 0
        while at + HANDSHAKE_HEADER <= len(data):
            head = bytes(data[at : at + HANDSHAKE_HEADER])
            length = int.from_bytes(head[1:4], "big")
            number = int.from_bytes(head[4:6], "big")
            offset = int.from_bytes(head[6:9], "big")
            size = int.from_bytes(head[9:12], "big")
            at += HANDSHAKE_HEADER
            if at + size > len(data) or offset + size > length or length > self._message_bytes:
                self.facts.note(ns, frame, "malformed_dtls_fragment", "a handshake fragment does not fit its message")
                return
            self._fragment(side, head[0], number, length, offset, data[at : at + size], ns, frame)
            at += size

    def _fragment(
        self, side: int, kind: int, number: int, length: int, offset: int, data: memoryview, ns: int, frame: int
    ) -> None:
        if number in self._done[side]:
            return
        if len(data) == length:
            body = bytes(data)
        else:
            key = (side, number)
            if key not in self._parts and len(self._parts) >= MAX_PARTS:
                self._drop(next(iter(self._parts)))
            parts = self._parts.setdefault(key, Parts(length))
            before = parts.held
            whole = parts.add(length, offset, data)
            self.held.bytes += parts.held - before
            if not whole:
                return
            body = parts.content()
            self._drop(key)
        if len(self._done[side]) < MAX_DONE:
            self._done[side].add(number)
        self._message(side, kind, memoryview(body), ns, frame)

    def _drop(self, key: tuple[int, int]) -> None:
        self.held.bytes -= self._parts.pop(key).held

    def _message(self, side: int, kind: int, body: memoryview, ns: int, frame: int) -> None:
        facts = self.facts
        if kind == CLIENT_HELLO and facts.server_hello is None:
            if facts.client_hello is not None and facts.first_profile is None:
                facts.first_profile = facts.client_hello.profile
            facts.client_hello = parse_client_hello(body, True)
            facts.hello_ns = facts.hello_ns or ns
            facts.hello_frame = facts.hello_frame or frame
        elif kind == SERVER_HELLO and facts.server_hello is None:
            hello = parse_server_hello(body)
            if hello.hello_retry:
                facts.hello_retry = hello
                kind = HELLO_RETRY_REQUEST
            else:
                facts.server_hello = hello
        elif kind == CERTIFICATE:
            holder = facts.client if side == CLIENT else facts.server
            if holder.certificates is None:
                holder.certificate_length = len(body)
                holder.certificates = self._certificates.read(body, False, ns, frame).digests
        elif kind == SERVER_KEY_EXCHANGE:
            facts.key_exchange_group = named_group(body)
        facts.events.add(ns, frame, side, HANDSHAKE, kind, len(body))


class Parts:
    """A handshake message of which some fragments have come; it takes as many bytes as those, not as it claims."""

    def __init__(self, length: int) -> None:
        self.length = length
        self.content_bytes = 0
        self._pieces: dict[int, bytes] = {}  # by offset; they may overlap

    @property
    def held(self) -> int:
        """Bytes that the fragments take."""
        return self.content_bytes + SEGMENT_OVERHEAD * len(self._pieces)

    def add(self, length: int, offset: int, data: memoryview) -> bool:
        """Adds a fragment; True once the message is whole. A fragment of another length is ignored."""
        if length != self.length or offset + len(data) > length:
            return False
        known = self._pieces.get(offset, b"")
        if len(data) <= len(known) or len(self._pieces) >= MAX_PIECES or self.content_bytes > 2 * length:
            return False
        self.content_bytes += len(data) - len(known)
        self._pieces[offset] = bytes(data)
        return self.content_bytes >= self.length and len(self.content()) == self.length

    def content(self) -> bytes:
        """The message as far as it is there without a hole; where fragments overlap, the earlier bytes stay."""
        content = bytearray()
        for offset, piece in sorted(self._pieces.items()):
            if offset > len(content):
                break
            content += piece[len(content) - offset :]
        return bytes(content)
