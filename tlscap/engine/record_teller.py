"""What whole records of one direction say: they are counted, and told as events.

Whoever finds the records says when one is over; a record that is to be decrypted is opened here.
"""

from __future__ import annotations

from tlscap.engine.events import (
    ALERT,
    APPLICATION_DATA,
    CHANGE_CIPHER_SPEC,
    DECRYPTED,
    HANDSHAKE,
    HEARTBEAT,
    HIDDEN,
    MAX_SINGLE_DATA,
    SERVER,
    Events,
)
from tlscap.engine.facts import Side
from tlscap.engine.handshake import HandshakeReader
from tlscap.engine.opener import WAITING, Opener
from tlscap.engine.session import Session

_CCS = CHANGE_CIPHER_SPEC
_ALERT = ALERT
_HANDSHAKE = HANDSHAKE
_DATA = APPLICATION_DATA
_HEARTBEAT = HEARTBEAT
_HIDDEN = HIDDEN
_SERVER = SERVER
_DECRYPTED = DECRYPTED
_MAX_SINGLE_DATA = MAX_SINGLE_DATA
_WAITING = WAITING


class RecordTeller:
    """The records of one direction of a connection, once they are whole."""

    def __init__(self, session: Session, direction: int) -> None:
        self.session = session
        self.direction = direction
        self.handshake = HandshakeReader(session, direction)

    def renew_teller(self, side: Side, mid_stream: bool) -> None:
        """Forgets all: what follows is another connection's."""
        self.side = side
        self.events: Events = self.session.facts.events
        self.handshake.renew()
        self.decryptor: Opener | None = self.session.decryptor
        if self.decryptor is not None:
            self.decryptor.tellers[self.direction] = self
        self.mid_stream = mid_stream  # the start of the stream, or of what is read now, is not in the capture
        self.encrypted = False  # this direction has sent its ChangeCipherSpec (up to TLS 1.2)
        self.singles = 0  # data records that got an event of their own

    def tell(self, kind: int, version: int, length: int, alert: int, opaque: bool, ns: int, frame: int) -> None:
        """Counts a record and adds its event, as it is on the wire; `alert` is what an alert says, or HIDDEN."""
        self.side.records += 1
        if kind == _DATA:
            self._data(length, ns, frame, self.session.side_of(self.direction))
        else:
            side = self.session.side_of(self.direction)
            if kind == _HANDSHAKE:
                if opaque:
                    self.events.add(ns, frame, side, kind, _HIDDEN, length)
            elif kind == _ALERT:
                self.events.add(ns, frame, side, kind, alert, length)
            elif kind == _CCS:
                self.events.add(ns, frame, side, kind, 0 if length == 1 else _HIDDEN, length)
                self.encrypted = True
                self.handshake.drop_pending()
                if self.decryptor is not None:
                    self.decryptor.change_cipher_spec(self.direction)
            else:
                self._heartbeat(side, length, ns, frame)
        if not self.encrypted and (kind != _HANDSHAKE or self.session.side_of(self.direction) == _SERVER):
            # A ClientHello's says nothing (RFC 8446 §5.1), nor does an alert that refuses one.
            if kind != _ALERT or self.session.server_hello_seen:
                self.session.facts.record_version = version
        self.remember_last(kind, length, ns, frame)

    def unseal(self, kind: int, version: int, sealed: bytes, ns: int, frame: int) -> None:
        """Counts an encrypted record as what it turns out to be; application data is not given out.

        The decryptor may keep it until the other side's hello has come, and then calls this again.
        """
        decryptor = self.decryptor
        assert decryptor is not None
        length = len(sealed)
        opened = decryptor.open(self.direction, kind, version, sealed, ns, frame)
        if opened is None:
            if kind != _DATA:
                self.handshake.drop_pending()
            self.tell(kind, version, length, _HIDDEN, True, ns, frame)
            return
        kind, content = opened
        if kind == _WAITING:
            return
        side = self.session.side_of(self.direction) | _DECRYPTED
        self.side.records += 1
        if kind == _HANDSHAKE:
            self.handshake.feed_decrypted(content, ns, frame)
        elif kind == _ALERT and len(content) == 2:
            self.events.add(ns, frame, side, kind, (content[0] << 8) | content[1], length)
        elif kind == _CCS:
            self.events.add(ns, frame, side, kind, 0, length)
            self.handshake.drop_pending()
        elif kind == _DATA:
            self._data(length, ns, frame, side)
        else:
            self.events.add(ns, frame, side, kind, _HIDDEN if kind == _ALERT else 0, length)
        self.remember_last(kind, length, ns, frame)

    def _heartbeat(self, side: int, length: int, ns: int, frame: int) -> None:
        """RFC 6520 §4 forbids it before the handshake is over; CVE-2014-0160 is asked for that way."""
        self.events.add(ns, frame, side, _HEARTBEAT, 0, length)
        if not self.encrypted and not self.mid_stream and not self.session.tls13:
            self.session.facts.note(ns, frame, "heartbeat_in_clear", f"a heartbeat of {length} bytes before encryption")

    def remember_last(self, kind: int, length: int, ns: int, frame: int) -> None:
        """The last record, whole or not, is of this kind and length."""
        side = self.side
        side.last_record_kind = kind
        side.last_record_length = length
        side.last_record_ns = ns
        side.last_record_frame = frame

    def _data(self, length: int, ns: int, frame: int, sender: int) -> None:
        side = self.side
        side.data_records += 1
        side.data_bytes += length
        side.data_ns_before = side.data_ns
        side.data_frame_before = side.data_frame
        side.data_ns = ns
        side.data_frame = frame
        single = self.singles < _MAX_SINGLE_DATA
        if single:
            self.singles += 1
        self.events.add_data(ns, frame, sender, length, single)
