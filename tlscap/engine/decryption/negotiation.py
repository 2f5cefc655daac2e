"""What one handshake up to TLS 1.2 agrees on, and the keys that follow from it.

The master secret stands in the key log under the ClientHello's random, or follows from a premaster
secret that does; or it is that of a session seen before, which this handshake resumes.
"""

from __future__ import annotations

from hashlib import blake2b

from tlscap.engine.decryption.keys import MASTER, PREMASTER, Keys
from tlscap.engine.decryption.protection import Protection, protection_of
from tlscap.engine.decryption.schedule import (
    SSL_3,
    WriteKeys,
    extended_master_secret,
    master_secret,
    write_keys,
)
from tlscap.engine.decryption.suites import suite_of
from tlscap.engine.events import CLIENT, SERVER
from tlscap.engine.held import Held
from tlscap.engine.hello import ServerHello

MAX_TRANSCRIPT = 1 << 20
"""Bytes of handshake messages kept for the extended master secret; a peer could go on sending them."""

_NEW_SESSION_TICKET = 4
_CERTIFICATE, _SERVER_KEY_EXCHANGE, _SERVER_HELLO_DONE, _CLIENT_KEY_EXCHANGE = 11, 12, 14, 16
_FULL = (_CERTIFICATE, _SERVER_KEY_EXCHANGE, _SERVER_HELLO_DONE, _CLIENT_KEY_EXCHANGE)
_NAMED_BY = 8  # bytes of the encrypted premaster secret that name it in a key log


class Negotiation:
    """Grows with each message; the halves of client and server may come in either order, see `negotiations`."""

    def __init__(self, keys: Keys, held: Held | None = None) -> None:
        self.keys = keys
        self._held = held or Held()
        self.compression = 0
        self.asked_ns = 0  # when the ClientHello came, 0 if it has not
        self.answered_ns = 0
        self._client_random = b""
        self._ticket_key = b""
        self._server: ServerHello | None = None
        self._is_full = False
        self._encrypted_premaster = b""
        self._said: list[bytearray] = [bytearray(), bytearray()]  # what client and server said, in the clear
        self._is_cut = False  # not all that was said is kept
        self._master: bytes | None = None
        self._pair: tuple[WriteKeys, WriteKeys] | None = None

    @property
    def is_complete(self) -> bool:
        """Whether both hellos have come."""
        return self.asked_ns > 0 and self.answered_ns > 0

    def ask(self, ns: int, client_random: bytes, ticket_key: bytes) -> None:
        """The ClientHello; `ticket_key` is the digest of the ticket that it offers."""
        self.asked_ns = ns
        self._client_random = client_random
        self._ticket_key = ticket_key
        self._held.bytes -= len(self._said[CLIENT])
        self._said[CLIENT] = bytearray()

    def answer(self, ns: int, hello: ServerHello) -> None:
        self.answered_ns = ns
        self._server = hello
        self.compression = hello.compression

    def message(self, side: int, kind: int, body: bytes) -> None:
        """Takes note of a message that a side sent for this handshake."""
        self._is_full = self._is_full or kind in _FULL
        if not self._encrypted_premaster:
            self._keep(side, bytes([kind]) + len(body).to_bytes(3) + body)
        if kind == _CLIENT_KEY_EXCHANGE:
            at = 0 if self._server is not None and self._server.raw_version <= SSL_3 else 2
            self._encrypted_premaster = body[at : at + _NAMED_BY]
        elif kind == _NEW_SESSION_TICKET and len(body) > 6:
            length = int.from_bytes(body[4:6])
            self._remember(blake2b(body[6 : 6 + length], digest_size=16).digest())

    def held_bytes(self) -> int:
        """Bytes of the transcript."""
        return len(self._said[CLIENT]) + len(self._said[SERVER])

    def forget_transcript(self) -> None:
        """Without it a premaster secret with the extended master secret gives no key."""
        self._held.bytes -= self.held_bytes()
        self._said = [bytearray(), bytearray()]
        self._is_cut = True

    def protection(self, side: int) -> Protection | None:
        """What the client (0) or the server (1) writes with; None without a key, or for a cipher that nobody has."""
        hello = self._server
        if hello is None or not self.is_complete or self._find_master() is None:
            return None
        suite = suite_of(hello.cipher)
        if suite is None:
            return None
        if self._pair is None:
            assert self._master is not None
            self._pair = write_keys(hello.raw_version, suite, self._master, self._client_random, hello.random)
        return protection_of(hello.raw_version, suite, self._pair[side], hello.encrypt_then_mac)

    def _keep(self, side: int, message: bytes) -> None:
        if self._is_cut:
            return
        if self.held_bytes() + len(message) > MAX_TRANSCRIPT:
            self.forget_transcript()
            return
        self._said[side] += message
        self._held.bytes += len(message)

    def _find_master(self) -> bytes | None:
        if self._master is None:
            self._master = self._known_master()
            if self._master is not None and self._server is not None and self._server.session_id:
                self._remember(self._server.session_id)
        return self._master

    def _remember(self, name: bytes) -> None:
        """Names the session whose master secret this is, for those that resume it."""
        master = self._find_master()
        if master is not None and self.keys.session(name) != master:
            self.keys.add_session(name, master)

    def _known_master(self) -> bytes | None:
        keys, hello = self.keys, self._server
        master = keys.secret(MASTER, self._client_random)
        if master is not None or hello is None:
            return master
        premaster = keys.secret(PREMASTER, self._client_random) or keys.premaster(self._encrypted_premaster)
        if premaster is not None:
            return self._master_of(premaster, hello)
        if self._is_full:
            return None
        return keys.session(self._ticket_key) or keys.session(hello.session_id)

    def _master_of(self, premaster: bytes, hello: ServerHello) -> bytes | None:
        suite = suite_of(hello.cipher)
        if suite is None:
            return None
        if hello.extended_master_secret and self._is_cut:
            return None
        if hello.extended_master_secret:
            return extended_master_secret(hello.raw_version, suite, premaster, self._signed())
        return master_secret(hello.raw_version, suite, premaster, self._client_random, hello.random)

    def _signed(self) -> bytes:
        """The messages up to and with the ClientKeyExchange: hello, server's flight, client's flight (RFC 7627 §3)."""
        client = bytes(self._said[CLIENT])
        hello = 4 + int.from_bytes(client[1:4])
        return client[:hello] + bytes(self._said[SERVER]) + client[hello:]
