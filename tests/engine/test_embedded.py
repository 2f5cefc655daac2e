"""TLS inside other protocols is counted by what carries it, and never analysed."""

from __future__ import annotations

import base64
import random
import struct

import pytest

from engine.conversation import tls12
from engine.hellos import client_hello, server_hello
from engine.playbook import CLIENT, SERVER, Play, fed
from tlscap.capture.batch import Batch, frame_id
from tlscap.engine.datagrams import carries_hello
from tlscap.engine.engine import Engine

HELLO = tls12()[0][1]
ANSWER = (
    b"\x16\x03\x03" + (4 + len(server_hello())).to_bytes(2) + b"\x02" + len(server_hello()).to_bytes(3) + server_hello()
)
DTLS_BODY = client_hello(version=0xFEFD, cookie=b"")
DTLS_HELLO = (
    b"\x16\xfe\xff" + bytes(8) + (12 + len(DTLS_BODY)).to_bytes(2)
    + b"\x01" + len(DTLS_BODY).to_bytes(3) + bytes(5) + len(DTLS_BODY).to_bytes(3) + DTLS_BODY
)  # fmt: skip
OPENVPN = b"\x20" + bytes(range(8)) + b"\0" + bytes(4)
RDP_UDP = bytes.fromhex("109760330400000c000000019fd6752c9fd6752c")
TURN = b"\x40\x01" + len(DTLS_HELLO).to_bytes(2)
UPGRADED = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n\x82" + bytes([len(ANSWER)])


def recognised(engine: Engine) -> dict[str, int]:
    """Connections by name, of the whole run."""
    engine.finish()
    return {name: flows for name, (flows, _) in engine.coverage[0].recognised.items()}


def datagrams(*payloads: bytes, port: int = 1194) -> Engine:
    """An engine that has taken datagrams of one flow."""
    batch, data = Batch(len(payloads)), bytearray()
    for i, payload in enumerate(payloads):
        udp = struct.pack("!HHHH", 40000, port, 8 + len(payload), 0) + payload
        frame = (
            struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), i, 0, 64, 17, 0, b"\x0a\0\0\1", b"\x0a\0\0\2") + udp
        )
        batch.ts_ns[i], batch.start[i], batch.frame[i] = 10**9 + i, len(data), frame_id(0, i + 1)
        batch.caplen[i] = batch.wirelen[i] = len(frame)
        batch.linktype[i] = 101
        data += frame
    batch.data, batch.count = memoryview(bytes(data)), len(payloads)
    engine = Engine()
    engine.feed(batch)
    return engine


@pytest.mark.parametrize(
    ("client", "server", "name"),
    [
        (b"AUTH GSSAPI\r\nADAT " + base64.b64encode(HELLO) + b"\r\n", b"220 GridFTP\r\n", "tls in ftp"),
        (b"GET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\n\x82\xfe" + bytes(80), UPGRADED + ANSWER, "tls in websocket"),
        (b"\x12\x01\x02\x00\x00\x00\x01\x00" + HELLO, b"\x04\x01", "tls in tds"),
        (b"some header " + HELLO, b"ok", "tls in another protocol"),
    ],
)
def test_a_connection_is_counted_by_what_carries_tls(client: bytes, server: bytes, name: str) -> None:
    play = Play().open().send(CLIENT, client).send(SERVER, server).close(CLIENT)
    assert recognised(fed(play.packets)) == {name: 1}


@pytest.mark.parametrize(
    ("payload", "port", "name"),
    [
        (OPENVPN + HELLO, 1194, "tls in openvpn"),
        (RDP_UDP + HELLO, 3389, "tls in rdp over udp"),
        (RDP_UDP + DTLS_HELLO, 3389, "tls in rdp over udp"),
        (TURN + DTLS_HELLO, 3478, "dtls in turn"),
        (b"\x01" * 20 + HELLO, 4444, "tls in another protocol"),
    ],
)
def test_a_flow_is_counted_once_by_what_carries_tls(payload: bytes, port: int, name: str) -> None:
    assert recognised(datagrams(payload, payload, port=port)) == {name: 1}


def test_what_is_counted_becomes_no_connection() -> None:
    engine = datagrams(OPENVPN + HELLO, RDP_UDP + DTLS_HELLO)
    engine.finish()
    assert engine.take_blocks() == []


def test_an_association_beside_does_not_hide_it() -> None:
    assert recognised(datagrams(DTLS_HELLO)) == {}
    batchless = datagrams(DTLS_HELLO, OPENVPN + HELLO)  # the same flow: the association takes what looks encrypted
    assert recognised(batchless) == {}


def test_noise_and_media_carry_nothing() -> None:
    chance = random.Random(3)
    for first in range(256):
        for _ in range(8):
            assert not carries_hello(memoryview(bytes([first]) + chance.randbytes(200)))


@pytest.mark.parametrize("size", range(13, 90))
def test_a_datagram_cut_anywhere_is_read_within_its_bounds(size: int) -> None:
    for whole in (OPENVPN + HELLO, TURN + DTLS_HELLO, RDP_UDP + DTLS_HELLO):
        carries_hello(memoryview(whole[:size]))
