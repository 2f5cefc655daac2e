"""Handshake messages: the first byte says which parser reads the rest, or that they come as a stream."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.consistent import SMALL
from tlscap.engine.buffer import Buffer
from tlscap.engine.certificate_compression import parse_compressed_certificate
from tlscap.engine.certificate_store import CertificateStore
from tlscap.engine.certificates import parse_certificate
from tlscap.engine.facts import Facts
from tlscap.engine.handshake import HandshakeReader, named_group
from tlscap.engine.hello import (
    ClientHello,
    ServerHello,
    parse_client_hello,
    parse_client_hello_sslv2,
    parse_hello_retry_request,
    parse_server_hello,
)
from tlscap.engine.limits import MAX_ANOMALIES
from tlscap.engine.profile import client_profile
from tlscap.engine.session import Session


def run(data: bytes) -> None:
    if data:
        PARSERS[data[0] % len(PARSERS)](data[1:])


def client_hello(body: bytes) -> None:
    _check_client(parse_client_hello(memoryview(body)))


def client_hello_dtls(body: bytes) -> None:
    _check_client(parse_client_hello(memoryview(body), True))


def client_hello_sslv2(body: bytes) -> None:
    _check_client(parse_client_hello_sslv2(memoryview(body)))


def server_hello(body: bytes) -> None:
    _check_server(parse_server_hello(memoryview(body)))


def hello_retry_request(body: bytes) -> None:
    hello = parse_hello_retry_request(memoryview(body))
    if hello is not None:
        _check_server(hello)


def certificate(body: bytes) -> None:
    for tls13 in (False, True):
        chain = parse_certificate(body, tls13)
        assert sum(map(len, chain.certificates)) <= len(body)
        assert len(chain.digests()) == len(chain.certificates) <= 32


def compressed_certificate(body: bytes) -> None:
    assert len(parse_compressed_certificate(body).certificates) <= 32


def stream(data: bytes) -> None:
    """Messages of both directions in pieces: each has a byte for its direction and length, 255 for a hole."""
    session = Session(Facts(), SMALL, CertificateStore())
    readers = (HandshakeReader(session, 0), HandshakeReader(session, 1))
    at = 0
    while at < len(data):
        told = data[at]
        at += 1
        reader = readers[told & 1]
        if told == 255:
            reader.lose(data[at] if at < len(data) else 1)
            at += 1
            continue
        size = (told >> 1) * 8
        part = data[at : at + size]
        at += size
        buffer = Buffer(memoryview(b"\x16\x03\x03" + part + b"\x01\x00"))
        reader.plausible(buffer, 3, 3 + len(part), len(part))
        reader.feed(buffer, 3, 3 + len(part), at, at)
        assert len(reader.pending or b"") <= SMALL.message_bytes + 4
    facts = session.facts
    assert len(facts.anomalies) <= MAX_ANOMALIES
    if facts.client_hello is not None:
        _check_client(facts.client_hello)
    if facts.server_hello is not None:
        _check_server(facts.server_hello)


def outline(data: bytes) -> None:
    named_group(memoryview(data))


PARSERS: tuple[Callable[[bytes], None], ...] = (
    client_hello,
    server_hello,
    certificate,
    stream,
    client_hello_dtls,
    client_hello_sslv2,
    hello_retry_request,
    compressed_certificate,
    outline,
)


def _check_client(hello: ClientHello) -> None:
    _check_texts(hello)
    profile = hello.profile
    if profile is not None:
        assert len(profile.ja3) in (0, 32)
        assert len(profile.ja4) in (0, 36)
        assert profile.ja3_string.isascii() and profile.ja4_r.isascii()
        for values in (profile.ciphers, profile.extensions, profile.groups, profile.signature_algorithms):
            assert all(0 <= value <= 0xFFFFFF for value in values)
        assert client_profile(profile.outline).ja4 == profile.ja4


def _check_server(hello: ServerHello) -> None:
    _check_texts(hello)
    assert len(hello.ja3s) in (0, 32)


def _check_texts(hello: Any) -> None:
    """All text of a hello is one line of printable ASCII, and what is bytes was in the message."""
    for name in dir(hello):
        if not name.startswith("_"):
            for text in _texts(getattr(hello, name)):
                assert text.isascii() and text.isprintable(), (name, text)


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [one for one in value if isinstance(one, str)] if isinstance(value, tuple) else []
