"""TLS records of one direction: found by content, followed over segments, found again after a gap.

A direction is searched until TLS shows, then read record by record; when bytes are missing and the
next boundary is no longer known, it is lost until a plausible record header turns up again:

    SEARCHING --a hello, or records in mid-stream--> READING <--plausible header-- LOST
        \\--too much plaintext--> PLAIN                  \\--gap or nonsense--> LOST

A gap inside a record costs that record's content and nothing else, because its length is known.
Application data is counted and never looked at.
"""

from __future__ import annotations

from tlscap import octets
from tlscap.engine import sniff, sslv2
from tlscap.engine.buffer import Buffer
from tlscap.engine.events import ALERT, CHANGE_CIPHER_SPEC, GAP, HANDSHAKE, HIDDEN
from tlscap.engine.facts import Side
from tlscap.engine.handshake import is_known_type
from tlscap.engine.limits import MAX_RECORD, PLAIN_HEAD
from tlscap.engine.record_teller import RecordTeller
from tlscap.engine.session import Session
from tlscap.engine.sniff import MORE, NOTHING, PROXY_HEADER, SSLV2_HELLO, TLS

SEARCHING, READING, LOST, PLAIN = 0, 1, 2, 3

_SEARCHING = SEARCHING
_READING = READING
_LOST = LOST
_PLAIN = PLAIN
_HEADER = 5
_HELLO_VERSION = 0x0301
_MAX_RECORD = MAX_RECORD
_CCS = CHANGE_CIPHER_SPEC
_ALERT = ALERT
_HANDSHAKE = HANDSHAKE
_HIDDEN = HIDDEN
_GAP = GAP
_PLAIN_HEAD = PLAIN_HEAD
_HEAD_ENOUGH = 64  # bytes after which sniff never asks for more
_HEAD_MOST = 1024  # a PROXY header that is longer than this is none
_NOTHING, _MORE, _TLS, _SSLV2_HELLO, _PROXY_HEADER = NOTHING, MORE, TLS, SSLV2_HELLO, PROXY_HEADER
_OPENING = 6  # bytes of a handshake record after which it is told whether it is clear

# What the content of the record at hand is.
_OPAQUE = 0  # encrypted, or of no interest
_CLEAR = 1
_TENTATIVE = 2  # a handshake record of which the first bytes will tell
_SEALED = 3  # encrypted, and kept until it is whole, to be decrypted


class RecordReader(RecordTeller):
    """The record layer of one direction of a connection."""

    def __init__(self, session: Session, direction: int, side: Side, mid_stream: bool) -> None:
        super().__init__(session, direction)
        self.renew(side, mid_stream)

    def renew(self, side: Side, mid_stream: bool) -> None:
        """Forgets all: what follows is another connection's."""
        self.renew_teller(side, mid_stream)
        self.mode = SEARCHING
        self.head = b""  # bytes that may be the start of TLS, or of a record header
        self.foretold = -1  # bytes until the next header, if what looked like one in mid-stream was one
        self.foretold_version = 0
        self.plain_head = b""  # the first bytes of a plaintext start
        self.began_plain = False  # the stream's own start was plaintext, before any TLS of the connection
        self.kind = 0  # content type of the record at hand
        self.length = 0
        self.remaining = 0
        self.header_version = 0  # of the header at hand, which may turn out to be none
        self.version = 0  # of the last record
        self.content = _OPAQUE
        self.opening = b""  # the first bytes of a tentative record, until they are enough
        self.first = 0  # the first two content bytes of a short record: an alert's level and description
        self.first_count = 0
        self.sealed: bytearray | None = None  # what there is of a record that is to be decrypted

    def feed(self, buffer: Buffer, at: int, end: int, ns: int, frame: int) -> None:
        """Takes the next bytes of the stream, in order: `buffer.data[at:end]`."""
        if self.remaining > end - at and self.content == _OPAQUE:
            self.remaining -= end - at  # most packets of a download lie inside of a record
        elif self.mode == _READING:
            self._read(buffer, at, end, ns, frame)
        elif self.mode == _LOST:
            self._find_again(buffer, at, end, ns, frame)
        elif self.mode == _SEARCHING:
            self._search(buffer, at, end, ns, frame)
        else:
            self.side.plain_bytes += end - at

    def gap(self, missing: int, ns: int, frame: int) -> None:
        """Takes note that the next `missing` bytes of the stream were never captured."""
        if self.session.found:
            self.events.add(ns, frame, self.session.side_of(self.direction), _GAP, 0, missing)
        if self.mode == _SEARCHING:
            self.mid_stream = True
            self._keep_head(b"")
        elif self.mode == _READING:
            if self.remaining >= missing and len(self.head) == 0:
                self._lose_content(missing, ns, frame)
            else:
                self._lose(ns, frame)
        if self.decryptor is not None and self.mode == _LOST:
            self.decryptor.gap(self.direction, missing)

    def at_boundary(self) -> bool:
        """Whether the next byte begins a record, or TLS at all."""
        if self.mode == _READING:
            return self.remaining == 0 and len(self.head) == 0
        return self.mode == _SEARCHING and self.side.plain_bytes == 0 and len(self.head) == 0

    def finish(self) -> None:
        """The stream is over: what is unfinished stays so."""
        self.side.record_unfinished = self.remaining > 0 or (self.mode == _READING and len(self.head) > 0)

    def let_go(self) -> None:
        """The connection is over: what is held will not be read any more."""
        self.handshake.drop_pending()
        self._drop_sealed()
        if self.mode == _SEARCHING:
            self._keep_head(b"")

    def held_bytes(self) -> int:
        """What it holds of bytes that cannot be read yet, as `Held` counts them."""
        held = len(self.head) if self.mode == _SEARCHING else 0
        if self.handshake.pending is not None:
            held += len(self.handshake.pending)
        if self.sealed is not None:
            held += len(self.sealed)
        return held

    def give_up(self, ns: int, frame: int) -> int:
        """Forgets what it holds, as if it had never been captured; how many bytes of clear messages that were."""
        lost = 0
        if self.mode == _SEARCHING and len(self.head) > 0:
            lost = len(self.head)
            self.gap(0, ns, frame)
        if self.sealed is not None:
            self._lose_sealed()
        clear = self.handshake.give_up()
        if clear > 0:
            self.events.add(ns, frame, self.session.side_of(self.direction), _GAP, 0, clear)
        return lost + clear

    def _search(self, buffer: Buffer, at: int, end: int, ns: int, frame: int) -> None:
        """Looks for the start of TLS at the start of what a packet brought, or of what the ones before left open."""
        if len(self.head) > 0:
            before = self.head
            joined = Buffer(memoryview(before + octets.copied(buffer.data, at, end)))
            self._keep_head(b"")
            if sniff.start_of_tls(joined.data, self.mid_stream, self.session.found) != _NOTHING:
                buffer = joined
                end = len(before) + end - at
                at = 0
            else:
                self._plain(Buffer(memoryview(before)), 0, len(before))
        found = sniff.start_of_tls(buffer.data[at:end], self.mid_stream, self.session.found)
        if found == _MORE:
            if end - at < _HEAD_MOST:
                self._keep_head(octets.copied(buffer.data, at, end))
                return
            found = _NOTHING
        if found == _TLS:
            self._start(buffer, at, end, ns, frame)
        elif found == _SSLV2_HELLO:
            self._sslv2(buffer, at, end, ns, frame)
        elif found == _PROXY_HEADER:
            self._proxy_header(buffer, at, end, ns, frame)
        elif self.session.found and sslv2.is_server_hello(buffer.data[at:end]):
            self._sslv2_answer(buffer, at, ns, frame)
        elif self.mid_stream:
            self._search_within(buffer, at, end, ns, frame)
        else:
            self._plain(buffer, at, end)

    def _search_within(self, buffer: Buffer, start: int, end: int, ns: int, frame: int) -> None:
        """Looks in mid-stream for records that are longer than packets: each header tells where the next one is.

        What looks like a header is noise as often as not; two in line are none.
        """
        data = buffer.data[start:end]
        size = end - start
        at = self.foretold
        self.foretold = -1
        if at + _HEADER > size:
            self._plain(buffer, start, end)
            if at >= size:
                self.foretold = at - size  # else the header is split over packets, and another must do
            return
        if at >= 0 and sniff.is_header(data, at) and ((data[at + 1] << 8) | data[at + 2]) == self.foretold_version:
            self._plain(buffer, start, start + at)
            self._start(buffer, start + at, end, ns, frame)
            return
        self._plain(buffer, start, end)
        at = sniff.data_record(data, 0)
        if at >= 0:
            ahead = at + _HEADER + ((data[at + 3] << 8) | data[at + 4]) - size
            if ahead >= 0:
                self.foretold = ahead
                self.foretold_version = (data[at + 1] << 8) | data[at + 2]

    def _start(self, buffer: Buffer, at: int, end: int, ns: int, frame: int) -> None:
        self.mode = _READING
        self.session.found = True
        self._read(buffer, at, end, ns, frame)

    def _keep_head(self, head: bytes) -> None:
        """Keeps what may be the start of TLS, in place of what was kept before."""
        self.session.held.bytes += len(head) - len(self.head)
        self.head = head

    def _drop_sealed(self) -> None:
        if self.sealed is not None:
            self.session.held.bytes -= len(self.sealed)
            self.sealed = None

    def _plain(self, buffer: Buffer, at: int, end: int) -> None:
        side = self.side
        side.plain_bytes += end - at
        if not self.mid_stream and not self.session.found:
            self.began_plain = True
        room = _PLAIN_HEAD - len(self.plain_head)
        if room > 0:
            self.plain_head += octets.copied(buffer.data, at, end if end - at < room else at + room)
        if side.plain_bytes > self.session.search_bytes:
            self.mode = _PLAIN

    def _proxy_header(self, buffer: Buffer, at: int, end: int, ns: int, frame: int) -> None:
        """The PROXY protocol's header may stand in one packet with the hello behind it."""
        length = sniff.proxy_header_length(buffer.data[at:end])
        self._plain(buffer, at, at + length)
        if at + length < end:
            self._search(buffer, at + length, end, ns, frame)

    def _sslv2(self, buffer: Buffer, at: int, end: int, ns: int, frame: int) -> None:
        length = ((buffer.data[at] & 0x7F) << 8) | buffer.data[at + 1]
        if at + 2 + length > end:
            self._keep_head(octets.copied(buffer.data, at, end))
            return
        self.session.found = True
        self.mode = _READING
        side = self.side
        side.records += 1
        self.remember_last(_HANDSHAKE, length, ns, frame)
        self.handshake.sslv2_hello(buffer.data[at + 2 : at + 2 + length], ns, frame)
        if at + 2 + length < end:
            self._read(buffer, at + 2 + length, end, ns, frame)

    def _sslv2_answer(self, buffer: Buffer, at: int, ns: int, frame: int) -> None:
        """The server took SSL 2.0: nothing that it sends is a record of TLS."""
        self.mode = _PLAIN
        self.handshake.sslv2_server_hello(((buffer.data[at] & 0x7F) << 8) | buffer.data[at + 1], ns, frame)

    def _read(self, buffer: Buffer, at: int, end: int, ns: int, frame: int) -> None:
        while at < end:
            if self.remaining == 0:
                if len(self.head) > 0 or end - at < _HEADER:
                    at = self._header_in_pieces(buffer, at, end, ns, frame)
                    if self.mode != _READING:
                        self._find_again(buffer, at, end, ns, frame)
                        return
                    continue
                self.kind = buffer.data[at]
                self.header_version = (buffer.data[at + 1] << 8) | buffer.data[at + 2]
                self.length = (buffer.data[at + 3] << 8) | buffer.data[at + 4]
                if not self._plausible():
                    self._stray(buffer, at, end, ns, frame)
                    return
                at += _HEADER
                self._open()
                if self.length == 0:
                    self._close(ns, frame)
                    continue
            taken = self.remaining
            if taken > end - at:
                taken = end - at
            if self.content != _OPAQUE and taken > 0:
                self._content(buffer, at, at + taken, ns, frame)
            at += taken
            self.remaining -= taken
            if self.remaining == 0:
                self._close(ns, frame)

    def _header_in_pieces(self, buffer: Buffer, at: int, end: int, ns: int, frame: int) -> int:
        """Puts a record header together that is split over packets; gives the offset after what was taken."""
        taken = _HEADER - len(self.head)
        if taken > end - at:
            taken = end - at
        head = self.head + octets.copied(buffer.data, at, at + taken)
        at += taken
        if len(head) < _HEADER:
            self.head = head
            return at
        self.head = b""
        self.kind = head[0]
        self.header_version = (head[1] << 8) | head[2]
        self.length = (head[3] << 8) | head[4]
        if not self._plausible():
            self._note_stray(ns, frame)
            self._lose(ns, frame)
            return at
        self._open()
        if self.length == 0:
            self._close(ns, frame)
        return at

    def _plausible(self) -> bool:
        """Whether kind, version and length can be a record's (RFC 8446 §5.1)."""
        return 20 <= self.kind <= 24 and (self.header_version >> 8) == 3 and self.length <= _MAX_RECORD

    def _stray(self, buffer: Buffer, at: int, end: int, ns: int, frame: int) -> None:
        """What should be a record header is none."""
        if self.session.sslv2:
            self.mode = _PLAIN
            self.handshake.sslv2_key(sslv2.chosen_cipher(buffer.data[at:end]), ns, frame)
            return
        self._note_stray(ns, frame)
        self._lose(ns, frame)
        self._find_again(buffer, at, end, ns, frame)

    def _note_stray(self, ns: int, frame: int) -> None:
        what = f"type {self.kind}, version 0x{self.header_version:04x}, length {self.length}"
        self.session.facts.note(ns, frame, "not_a_record", f"bytes that are no TLS record header: {what}")

    def _lose(self, ns: int, frame: int) -> None:
        self.mode = _LOST
        self.mid_stream = True  # a ChangeCipherSpec may have been lost
        self.remaining = 0
        self.head = b""
        self.opening = b""
        self.handshake.drop_pending()
        if self.decryptor is not None:
            self._drop_sealed()
            self.decryptor.gap(self.direction, 0)

    def _find_again(self, buffer: Buffer, start: int, end: int, ns: int, frame: int) -> None:
        """Looks for the next plausible record boundary in what a packet brought.

        Records have one version, but those before the ServerHello may have an older one (RFC 8446 §5.1).
        """
        at = sniff.next_record(buffer.data[start:end], self.version if self.version > _HELLO_VERSION else 0)
        if at >= 0:
            self.mode = _READING
            self.session.facts.note(ns, frame, "record_boundary_found", f"reading goes on {at} bytes into this packet")
            self._read(buffer, start + at, end, ns, frame)

    def _lose_content(self, missing: int, ns: int, frame: int) -> None:
        if self.remaining == 0:
            self._lose(ns, frame)  # whole records may lie in the gap
            return
        if len(self.opening) > 0:
            self.opening = b""
            self.content = _OPAQUE
        if self.content == _SEALED:
            self._lose_sealed()
        if self.kind == _HANDSHAKE and self.content != _OPAQUE:
            self.handshake.lose(missing)
        self.remaining -= missing
        if self.remaining == 0:
            self._close(ns, frame)

    def _open(self) -> None:
        self.version = self.header_version
        self.remaining = self.length
        self.first_count = 0
        if self.kind == _HANDSHAKE:
            self.content = self._handshake_content()
        elif self.kind == _ALERT and self.length == 2:
            self.content = _CLEAR
        else:
            self.content = _OPAQUE
        if self.decryptor is not None and self.content != _CLEAR and not (self.kind == _CCS and self.length == 1):
            known = self.content == _OPAQUE or self.decryptor.is_encrypted(self.direction)
            if known and self.decryptor.wants(self.direction, self.kind, self.length):
                self.content = _SEALED

    def _handshake_content(self) -> int:
        """Whether the handshake record that begins here can be read.

        In TLS 1.3 only hellos have this content type, also after the ChangeCipherSpec that is sent for
        compatibility (RFC 8446 §D.4). Where a message begins, its first bytes must tell whether it is clear.
        """
        session = self.session
        if self.encrypted and session.server_hello_seen and not session.tls13:
            return _OPAQUE
        return _TENTATIVE if self.handshake.is_idle() else _CLEAR

    def _content(self, buffer: Buffer, at: int, end: int, ns: int, frame: int) -> None:
        if self.content == _SEALED:
            if self.sealed is None:
                self.sealed = bytearray()
            self.sealed += octets.copied(buffer.data, at, end)
            self.session.held.bytes += end - at
        elif self.kind == _HANDSHAKE:
            if self.content == _TENTATIVE:
                self._judge_opening(buffer, at, end, ns, frame)
            else:
                self.handshake.feed(buffer, at, end, ns, frame)
        else:
            for i in range(at, end):
                self.first = ((self.first << 8) | buffer.data[i]) & 0xFFFF
                self.first_count += 1

    def _judge_opening(self, buffer: Buffer, at: int, end: int, ns: int, frame: int) -> None:
        """Reads a handshake record, or does not, once enough of it is there to tell whether it is clear.

        Where all was captured and no ChangeCipherSpec came, it is, however small its pieces.
        """
        if not self.encrypted and not self.mid_stream:
            if is_known_type(buffer.data[at]):
                self.content = _CLEAR
                self.handshake.feed(buffer, at, end, ns, frame)
            else:
                self.content = _OPAQUE
            return
        if len(self.opening) > 0 or (end - at < _OPENING and end - at < self.length):
            opening = self.opening + octets.copied(buffer.data, at, end)
            if len(opening) < _OPENING and len(opening) < self.length:
                self.opening = opening
                return
            self.opening = b""
            buffer = Buffer(memoryview(opening))
            at = 0
            end = len(opening)
        if self.handshake.plausible(buffer, at, end, self.length):
            self.content = _CLEAR
            self.handshake.feed(buffer, at, end, ns, frame)
        else:
            self.content = _OPAQUE

    def _close(self, ns: int, frame: int) -> None:
        """The record at hand is whole: count it and add its event."""
        if self.content == _SEALED:
            sealed = b"" if self.sealed is None else bytes(self.sealed)
            self._drop_sealed()
            self.unseal(self.kind, self.version, sealed, ns, frame)
            return
        known = self.content == _CLEAR and self.first_count == 2
        alert = self.first if known else _HIDDEN
        self.tell(self.kind, self.version, self.length, alert, self.content == _OPAQUE, ns, frame)

    def _lose_sealed(self) -> None:
        """Bytes of a record that was to be decrypted are missing."""
        self.content = _OPAQUE
        self._drop_sealed()
        self.handshake.drop_pending()
        if self.decryptor is not None:
            self.decryptor.lose_record(self.direction, self.length)
