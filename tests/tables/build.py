"""Facts and verdicts made by hand: a healthy full TLS 1.2 connection, with what a test tells instead."""

from __future__ import annotations

from typing import Any

from tlscap.engine.coverage import Coverage
from tlscap.engine.facts import Block, Facts
from tlscap.engine.hello import ClientHello, ServerHello, parse_client_hello, parse_server_hello
from tlscap.judge.verdict import Verdict
from tlscap.tables.collector import Collector
from tlscap.tables.finish import Tables, finish
from tlscap.tables.schema import arrow_schema

NS = 1_000_000_000
START = 1_795_341_600 * NS  # 2026-11-22 10:00:00 UTC

SESSION_TICKET, ALPN, SUPPORTED_VERSIONS, RENEGOTIATION_INFO, SERVER_NAME = 35, 16, 43, 0xFF01, 0
PRE_SHARED_KEY = 41
SHA256, SHA384 = 32, 48


def client_hello(
    *,
    session_id: bytes = b"",
    ticket: bytes | None = None,
    sni: bytes = b"example.org",
    alpn: tuple[bytes, ...] = (b"h2", b"http/1.1"),
    ciphers: bytes = b"\xc0\x2f\x00\x2f",
    identities: tuple[bytes, ...] = (),
    age: int = 1,
    binder: int = SHA256,
) -> ClientHello:
    extensions = _extension(SERVER_NAME, _vector(2, b"\0" + _vector(2, sni))) if sni else b""
    if alpn:
        extensions += _extension(ALPN, _vector(2, b"".join(_vector(1, name) for name in alpn)))
    if ticket is not None:
        extensions += _extension(SESSION_TICKET, ticket)
    if identities:
        each = b"".join(_vector(2, identity) + age.to_bytes(4, "big") for identity in identities)
        extensions += _extension(
            PRE_SHARED_KEY, _vector(2, each) + _vector(2, _vector(1, bytes(binder)) * len(identities))
        )
    head = b"\x03\x03" + bytes(32) + _vector(1, session_id) + _vector(2, ciphers) + b"\x01\x00"
    hello = parse_client_hello(memoryview(head + _vector(2, extensions)))
    assert not hello.malformed
    return hello


def server_hello(
    *, session_id: bytes = b"", cipher: int = 0xC02F, version: bytes = b"\x03\x03", selected: int | None = None
) -> ServerHello:
    extensions = _extension(SUPPORTED_VERSIONS, version) if version == b"\x03\x04" else b""
    if selected is not None:
        extensions += _extension(PRE_SHARED_KEY, selected.to_bytes(2, "big"))
    body = b"\x03\x03" + bytes(32) + _vector(1, session_id) + cipher.to_bytes(2, "big") + b"\0" + _vector(2, extensions)
    hello = parse_server_hello(memoryview(body))
    assert not hello.malformed
    return hello


def facts(at_s: float = 0.0, *, port: int = 40000, server: str = "10.0.1.1", **told: Any) -> Facts:
    """A connection that began `at_s` seconds after START and took one second."""
    made = Facts()
    made.client.ip, made.client.port = bytes([10, 0, 0, 1]), port
    made.server.ip, made.server.port = bytes(map(int, server.split("."))), 443
    made.start_ns = made.hello_ns = START + int(at_s * NS)
    made.end_ns = made.start_ns + NS
    made.first_frame, made.last_frame = 1, 20
    made.client_hello, made.server_hello = client_hello(), server_hello()
    for name, value in told.items():
        setattr(made, name, value)
    return made


def verdict(of: Facts, **told: Any) -> Verdict:
    made = Verdict()
    usual = {
        "version": "TLSv1.2",
        "handshake": "full",
        "handshake_outcome": "completed",
        "established": True,
        "established_ns": of.start_ns + NS // 100,
        "handshake_ns": NS // 100,
        "client_certificate": "not_requested",
        "client_certificate_confidence": 1.0,
        "history": "CsxkngifIFdD",
        "outcome": "completed",
        "closed_by": "client",
        "closed_how": "close_notify_fin",
    }
    for name, value in (usual | told).items():
        setattr(made, name, value)
    return made


def block(rows: list[Facts]) -> Block:
    made = Block()
    made.rows.extend(rows)
    return made


def tables(rows: list[tuple[Facts, Verdict]], captures: tuple[str, ...] = ("a.pcap", "b.pcap")) -> Tables:
    """The tables of connections, checked against their schema."""
    collector = Collector()
    collector.add(block([each for each, _ in rows]), [each for _, each in rows])
    made = finish(collector, [Coverage(name) for name in captures], lambda digest: None)
    for name, table in made.by_name().items():
        table.validate(full=True)
        assert table.schema.equals(arrow_schema(name), check_metadata=True)
    return made


def _extension(kind: int, content: bytes) -> bytes:
    return kind.to_bytes(2, "big") + _vector(2, content)


def _vector(width: int, content: bytes) -> bytes:
    return len(content).to_bytes(width, "big") + content
