"""The handshakes of a connection up to TLS 1.2: which ClientHello belongs to which ServerHello.

One direction may be read long before the other, where that waits for bytes that were never captured. So hellos
are put together by their times: a ServerHello answers the latest ClientHello before it. One that was read
first waits for its ClientHello; what is encrypted with keys of which a half is missing waits too.
"""

from __future__ import annotations

from tlscap.engine.decryption.keys import Keys
from tlscap.engine.decryption.negotiation import Negotiation
from tlscap.engine.held import Held
from tlscap.engine.hello import ServerHello

MAX_NEGOTIATIONS = 8
"""Handshakes of which hellos may still be missing; a peer may begin new ones for ever, and the oldest are forgotten."""


class Negotiations:
    """The handshakes of one connection, as far as later hellos may belong to them."""

    def __init__(self, keys: Keys, held: Held | None = None) -> None:
        self._keys = keys
        self._held = held or Held()
        self._all: list[Negotiation] = []

    def ask(self, ns: int, client_random: bytes, ticket_key: bytes) -> Negotiation:
        """A ClientHello came; of several before one answer the last is the one that was answered."""
        waiting = [each for each in self._all if each.answered_ns >= ns and each.asked_ns <= ns]
        negotiation = waiting[0] if waiting else self._new()
        negotiation.ask(ns, client_random, ticket_key)
        return negotiation

    def answer(self, ns: int, hello: ServerHello) -> Negotiation:
        """A ServerHello came."""
        asking = [each for each in self._all if each.answered_ns == 0 and 0 < each.asked_ns <= ns]
        negotiation = asking[-1] if asking else self._new()
        negotiation.answer(ns, hello)
        return negotiation

    def _new(self) -> Negotiation:
        negotiation = Negotiation(self._keys, self._held)
        self._all.append(negotiation)
        for forgotten in self._all[:-MAX_NEGOTIATIONS]:
            forgotten.forget_transcript()
        del self._all[:-MAX_NEGOTIATIONS]
        return negotiation

    def held_bytes(self) -> int:
        """Bytes of all transcripts."""
        return sum(each.held_bytes() for each in self._all)

    def forget_transcripts(self) -> None:
        for each in self._all:
            each.forget_transcript()
