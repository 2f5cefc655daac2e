"""One direction of TLS 1.3: one traffic secret after another (RFC 8446 §7).

    client  [EARLY ──EndOfEarlyData──>] HANDSHAKE ──Finished──> TRAFFIC 0 ──KeyUpdate──> TRAFFIC 1 ...
    server                              HANDSHAKE ──Finished──> TRAFFIC 0 ──KeyUpdate──> TRAFFIC 1 ...

The message that ends a secret's time may be in a gap, and early data that the server rejects has no
EndOfEarlyData: a record that is not the current secret's is tried with those that may follow.
"""

from __future__ import annotations

from tlscap.engine.decryption.keys import EARLY, HANDSHAKE, TRAFFIC, Keys
from tlscap.engine.decryption.lane import Lane
from tlscap.engine.decryption.protection import Opened, Protection, protection_tls13
from tlscap.engine.decryption.schedule import HASHES, next_secret
from tlscap.engine.decryption.suites import Suite

MOST_UPDATES_LOST = 4
"""KeyUpdates that may be in one gap; each costs a search of its own."""

_DATA = 23
_END_OF_EARLY_DATA, _FINISHED, _KEY_UPDATE = 5, 20, 24
_EARLY, _HANDSHAKE, _TRAFFIC = 0, 1, 2  # from here on it counts KeyUpdates


class Lane13(Lane):
    """`side` is 0 for what the client writes, 1 for the server; `draft` of TLS 1.3, 0 for the RFC.

    Before the ServerHello there is only early data, which one of several `suites` may protect.
    """

    def __init__(
        self, side: int, keys: Keys, client_random: bytes, suites: list[Suite], draft: int = 0, early: bool = False
    ) -> None:
        super().__init__(side)
        self._keys = keys
        self._random = client_random
        self._suites = suites
        self._draft = draft
        self._epoch = _EARLY if early else _HANDSHAKE
        self._made: dict[int, Protection] = {}
        self._traffic: tuple[int, bytes] | None = None  # how many KeyUpdates ago, and the secret since then

    def settle(self, suite: Suite, draft: int) -> None:
        """The ServerHello has come."""
        self._suites = [suite]
        self._draft = draft

    def change_cipher_spec(self) -> None:
        """Means nothing in TLS 1.3 (RFC 8446 §D.4)."""

    def wants(self, kind: int) -> bool:
        """Whether a record is to be shown whole."""
        return kind == _DATA

    def open(self, kind: int, version: int, sealed: bytes) -> tuple[int, bytes] | None:
        """Type and content of a record, that of application data empty; None if it cannot be decrypted."""
        search = self._search
        if self._epoch not in self._made and not self._has_key():
            self.keyless += 1
            search.passed()
            return None
        if search.is_over:
            search.failed()
            return None
        opened = self._attempt(self._epoch, kind, version, sealed, search.seq, search.span)
        if opened is None:
            opened = self._try_others(kind, version, sealed)
        if opened is None:
            if self._epoch == _EARLY and self._secret(_EARLY) is None:
                self.keyless += 1
            else:
                search.failed()
            return None
        search.found(opened[2])
        return opened[0], opened[1]

    def skip(self, length: int) -> None:
        """A record of `length` bytes went by of which not all was captured: perhaps the last of its secret."""
        self._search.gap(length)

    def gap(self, missing: int) -> None:
        self._search.gap(missing)

    def message(self, kind: int) -> None:
        """A handshake message was decrypted: the last of a secret's time?"""
        if kind == _KEY_UPDATE or (kind == _END_OF_EARLY_DATA and self._epoch == _EARLY):
            self._turn_to(self._epoch + 1)
        elif kind == _FINISHED and self._epoch == _HANDSHAKE:  # later ones are the client's proof of who it is
            self._turn_to(_TRAFFIC)

    def _has_key(self) -> bool:
        return any(self._secret(epoch) is not None for epoch in range(self._epoch, max(self._epoch, _TRAFFIC) + 1))

    def _turn_to(self, epoch: int) -> None:
        if epoch >= _TRAFFIC:
            secret = self._secret(epoch)
            self._traffic = None if secret is None else (epoch - _TRAFFIC, secret)
        for past in [known for known in self._made if known < epoch]:
            del self._made[past]
        self._epoch = epoch
        self._search.restart()

    def _try_others(self, kind: int, version: int, sealed: bytes) -> Opened | None:
        """The record under secrets that may follow; the one that opens it is in force from here on."""
        last = self._epoch
        if self._search.span > 1:
            last = max(self._epoch + MOST_UPDATES_LOST, _TRAFFIC)
        elif self._epoch == _EARLY:
            last = _HANDSHAKE
        for epoch in range(self._epoch + 1, last + 1):
            opened = self._attempt(epoch, kind, version, sealed, 0, self._search.span)
            if opened is not None:
                self._turn_to(epoch)
                return opened
        return None

    def _attempt(self, epoch: int, kind: int, version: int, sealed: bytes, first: int, count: int) -> Opened | None:
        """The record under one secret, and under each suite as long as several are possible (RFC 8446 §4.2.10)."""
        made = self._made.get(epoch)
        if made is not None:
            return made.open(kind, version, sealed, first, count)
        secret = self._secret(epoch)
        if secret is None:
            return None
        for suite in self._suites:
            if HASHES[suite.hash].digest_size != len(secret):
                continue
            made = protection_tls13(suite, secret, self._draft)
            opened = None if made is None else made.open(kind, version, sealed, first, count)
            if made is not None and (opened is not None or len(self._suites) == 1):
                self._made[epoch] = made
            if opened is not None:
                return opened
        return None

    def _secret(self, epoch: int) -> bytes | None:
        keys = self._keys
        if epoch == _EARLY:
            secret = keys.secret(EARLY, self._random)
        elif epoch == _HANDSHAKE:
            secret = keys.secret(HANDSHAKE[self._side], self._random)
        else:
            secret = self._traffic_secret(epoch - _TRAFFIC)
        return secret

    def _traffic_secret(self, updates: int) -> bytes | None:
        """The secret after so many KeyUpdates (RFC 8446 §7.2)."""
        at, secret = self._traffic or (0, self._keys.secret(TRAFFIC[self._side], self._random))
        for _ in range(updates - at if secret is not None else 0):
            secret = next_secret(self._suites[0].hash, secret or b"", self._draft)
        return secret
