"""Hellos for the tests: built field by field, or spoken by the ssl module into memory."""

from __future__ import annotations

import ssl
from collections.abc import Sequence


def u16(value: int) -> bytes:
    return value.to_bytes(2)


def block8(content: bytes) -> bytes:
    return bytes((len(content),)) + content


def block16(content: bytes) -> bytes:
    return u16(len(content)) + content


def words(*values: int) -> bytes:
    return b"".join(map(u16, values))


def extension(kind: int, content: bytes = b"") -> bytes:
    return u16(kind) + block16(content)


def server_name(name: bytes) -> bytes:
    return extension(0, block16(b"\0" + block16(name)))


def alpn(*names: bytes) -> bytes:
    return extension(16, block16(b"".join(map(block8, names))))


def supported_versions(*versions: int) -> bytes:
    return extension(43, block8(words(*versions)))


def key_shares(*groups: int) -> bytes:
    return extension(51, block16(b"".join(u16(group) + block16(bytes(32)) for group in groups)))


def client_hello(
    ciphers: Sequence[int] = (0x1301, 0xC02F),
    extensions: Sequence[bytes] = (),
    version: int = 0x0303,
    random: bytes = b"\x11" * 32,
    session_id: bytes = b"",
    cookie: bytes | None = None,
) -> bytes:
    """The body of a ClientHello; of DTLS if it has a cookie, be it an empty one."""
    body = u16(version) + random + block8(session_id)
    if cookie is not None:
        body += block8(cookie)
    body += block16(words(*ciphers)) + block8(b"\0")
    return body + block16(b"".join(extensions)) if extensions else body


def server_hello(
    extensions: Sequence[bytes] = (),
    version: int = 0x0303,
    cipher: int = 0xC02F,
    random: bytes = b"\x22" * 32,
    session_id: bytes = b"",
) -> bytes:
    """The body of a ServerHello."""
    body = u16(version) + random + block8(session_id) + u16(cipher) + b"\0"
    return body + block16(b"".join(extensions)) if extensions else body


def spoken_client_hello(name: str = "www.example.org", protocols: Sequence[str] = ("h2", "http/1.1")) -> bytes:
    """The body of the ClientHello that this Python's OpenSSL sends."""
    context = ssl.create_default_context()
    context.set_alpn_protocols(list(protocols))
    outgoing = ssl.MemoryBIO()
    connection = context.wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname=name)
    try:
        connection.do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outgoing.read()[9:]
