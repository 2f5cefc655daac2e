"""TLS 1.3 handshakes of records with given lengths: what a judge without keys sees of them."""

from __future__ import annotations

from collections.abc import Sequence

from engine import hellos
from engine.playbook import CLIENT, SERVER, Play, Seen, watch

FINISHED, EMPTY, ALERT, END_OF_EARLY_DATA = 53, 25, 19, 21
"""Lengths of records with a suite of SHA-256 and a tag of 16 bytes."""

SERVER_FLIGHT = (23, 800, 281, FINISHED)


def client_hello(*, early_data: bool = False, psk_age: int | None = None) -> bytes:
    extensions = [hellos.supported_versions(0x0304), hellos.key_shares(29)]
    if early_data:
        extensions.append(hellos.extension(42))
    if psk_age is not None:
        identity = hellos.block16(b"ticket" * 20) + psk_age.to_bytes(4)
        extensions.append(hellos.extension(41, hellos.block16(identity) + hellos.block16(hellos.block8(bytes(32)))))
    return hellos.client_hello(extensions=extensions)


def server_hello(cipher: int = 0x1301, *, psk: bool = False) -> bytes:
    extensions = [hellos.extension(43, b"\x03\x04"), hellos.extension(51, hellos.u16(29) + hellos.block16(bytes(32)))]
    if psk:
        extensions.append(hellos.extension(41, b"\x00\x00"))
    return hellos.server_hello(extensions, cipher=cipher)


def clear(kind: int, body: bytes) -> bytes:
    """A record with one clear handshake message."""
    message = bytes((kind,)) + len(body).to_bytes(3) + body
    return b"\x16\x03\x03" + len(message).to_bytes(2) + message


def hidden(length: int) -> bytes:
    """A record of application data, whatever is in it."""
    return b"\x17\x03\x03" + length.to_bytes(2) + bytes(length)


def tls13_play(
    *,
    hello: bytes | None = None,
    server: Sequence[int] = SERVER_FLIGHT,
    client: Sequence[int] = (FINISHED,),
    after: Sequence[tuple[int, int]] = ((CLIENT, 100), (SERVER, 500)),
    early: Sequence[int] = (),
    cipher: int = 0x1301,
    psk: bool = False,
) -> Play:
    """A handshake by the lengths of its encrypted records; `after` it side and length of more records."""
    play = Play().open().send(CLIENT, clear(1, hello or client_hello()) + b"".join(map(hidden, early)))
    play.send(SERVER, clear(2, server_hello(cipher, psk=psk)) + b"".join(map(hidden, server)))
    play.send(CLIENT, b"".join(map(hidden, client)))
    for side, length in after:
        play.send(side, hidden(length))
    return play


def tls13(**told: object) -> Seen:
    """The same, closed by the client without a word."""
    return watch(tls13_play(**told).close(CLIENT).packets)  # type: ignore[arg-type]
