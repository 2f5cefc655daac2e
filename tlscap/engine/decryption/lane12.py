"""One direction up to TLS 1.2: clear until its ChangeCipherSpec, then under one negotiation's keys after another.

    CLEAR ──ChangeCipherSpec──> NEGOTIATED 1 ──ChangeCipherSpec──> NEGOTIATED 2 ...

A negotiation is what the hellos in the clear, or those of a renegotiation, agreed on; its keys take
effect in a direction with that direction's ChangeCipherSpec. Where that was not captured, a record that
the old keys do not open is tried with the new ones.
"""

from __future__ import annotations

import zlib

from tlscap.engine.decryption.lane import Lane
from tlscap.engine.decryption.negotiation import Negotiation
from tlscap.engine.decryption.protection import Opened, Protection

MAX_INFLATED = (1 << 14) + 1024
"""Bytes that a compressed record may hold (RFC 3749 §2); a peer could send more."""

_CHANGE_CIPHER_SPEC, _ALERT, _HANDSHAKE, _DATA = 20, 21, 22, 23
_DEFLATE = 1


class Lane12(Lane):
    """`side` is 0 for what the client writes, 1 for the server; `negotiation` the last one of which its hello came."""

    def __init__(self, side: int) -> None:
        super().__init__(side)
        self.negotiation: Negotiation | None = None
        self._inforce: Negotiation | None = None
        self._protection: Protection | None = None
        self._looked_at = -1  # the generation of the keys when they were last looked for
        self._inflate: object | None = None

    @property
    def is_encrypted(self) -> bool:
        return self._inforce is not None

    @property
    def is_waiting(self) -> bool:
        """Whether the keys in force are known only when the other side's hello has come."""
        return self._inforce is not None and not self._inforce.is_complete

    def change_cipher_spec(self) -> None:
        if self.negotiation is not None:
            self._change_to(self.negotiation)

    def wants(self, kind: int) -> bool:
        """Whether a record is to be shown whole; counts it if not."""
        if self._inforce is None and self.negotiation is not None and self._search.span > 1:
            self._change_in_gap(self.negotiation)
        if self._inforce is None:
            return False
        protection = self._ready()
        if protection is None:
            return kind in (_ALERT, _HANDSHAKE) or self.is_waiting
        if kind in (_CHANGE_CIPHER_SPEC, _ALERT, _HANDSHAKE) or protection.chained or self._inflate is not None:
            return True
        self._search.passed()
        return False

    def open(self, kind: int, version: int, sealed: bytes) -> tuple[int, bytes] | None:
        """Type and content of a record; None of application data, and of what cannot be decrypted."""
        protection = self._ready()
        search = self._search
        if protection is None:
            self.keyless += 1
            search.passed()
            return None
        if search.is_over:
            search.failed()
            return None
        if kind == _DATA and self._inflate is None:
            protection.skip(len(sealed), sealed)
            search.passed()
            return None
        opened = protection.open(kind, version, sealed, search.seq, search.span)
        if opened is None and search.span > 1:
            opened = self._try_next(kind, version, sealed)
        if opened is None:
            search.failed()
            return None
        search.found(opened[2])
        return self._inflated(opened)

    def skip(self, length: int) -> None:
        """A record of `length` bytes went by of which not all was captured."""
        self._search.passed()
        if self._protection is not None:
            self._protection.skip(length, b"")

    def gap(self, missing: int) -> None:
        self._search.gap(missing)
        if self._protection is not None:
            self._protection.skip(0, b"")

    def _ready(self) -> Protection | None:
        """The keys in force, looked for again when there are new ones."""
        negotiation = self._inforce
        if self._protection is not None or negotiation is None or not negotiation.is_complete:
            return self._protection
        if self._looked_at != negotiation.keys.generation:
            self._looked_at = negotiation.keys.generation
            self._protection = negotiation.protection(self._side)
        return self._protection

    def _change_to(self, negotiation: Negotiation) -> None:
        self._inforce = negotiation
        self._protection = None
        self._looked_at = -1
        self._search.restart()
        self._inflate = zlib.decompressobj() if negotiation.compression == _DEFLATE else None

    def _change_in_gap(self, negotiation: Negotiation) -> None:
        """What is not clear came behind a ChangeCipherSpec, which was not captured, nor how many records since."""
        span = self._search.span
        self._change_to(negotiation)
        self._search.span = span

    def _try_next(self, kind: int, version: int, sealed: bytes) -> Opened | None:
        """The record under the keys of the newest negotiation, whose ChangeCipherSpec may be in the gap."""
        negotiation = self.negotiation
        if negotiation is None or negotiation is self._inforce or not negotiation.is_complete:
            return None
        protection = negotiation.protection(self._side)
        opened = None if protection is None else protection.open(kind, version, sealed, 0, self._search.span)
        if opened is not None:
            self._change_to(negotiation)
            self._protection = protection
        return opened

    def _inflated(self, opened: Opened) -> tuple[int, bytes] | None:
        kind, content, _ = opened
        if self._inflate is not None:
            try:
                content = self._inflate.decompress(content, MAX_INFLATED)  # type: ignore[attr-defined]
            except zlib.error:
                return None
        return None if kind == _DATA else (kind, content)
