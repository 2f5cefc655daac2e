"""SSL 2.0 (draft-hickman-netscape-ssl-00): recognised, and what two clear messages tell; no more.

SERVER-HELLO says that the server took SSL 2.0, CLIENT-MASTER-KEY what cipher the client took of those
that the server has. All that follows is encrypted, and no TLS record.
"""

from __future__ import annotations

from tlscap.engine.hello import ServerHello
from tlscap.engine.versions import SSL_2

SERVER_HELLO, CLIENT_MASTER_KEY = 4, 2
"""Types of messages (draft-hickman-netscape-ssl-00 §B.6.1)."""

HEAD = 13
"""Two bytes of record header, and SERVER-HELLO up to its three lengths."""


def is_server_hello(data: memoryview) -> bool:
    """Whether `data` begins with a record that holds a SERVER-HELLO, which may go on in the next packet."""
    if len(data) < HEAD or not data[0] & 0x80 or data[2] != SERVER_HELLO or data[5] != 0 or data[6] != SSL_2:
        return False
    certificate, ciphers, connection_id = (_u16(data, at) for at in (7, 9, 11))
    return ciphers % 3 == 0 and _u16(data, 0) & 0x7FFF == HEAD - 2 + certificate + ciphers + connection_id


def server_hello() -> ServerHello:
    """What stands for the ServerHello; its cipher is 0 until the client has told it."""
    hello = ServerHello()
    hello.legacy_version = hello.raw_version = hello.version = SSL_2
    return hello


def chosen_cipher(data: memoryview) -> int:
    """The cipher kind of the CLIENT-MASTER-KEY that a record at the start of `data` holds, or 0."""
    if len(data) < 6 or not data[0] & 0x80 or data[2] != CLIENT_MASTER_KEY:
        return 0
    return (data[3] << 16) | (data[4] << 8) | data[5]


def _u16(data: memoryview, at: int) -> int:
    return (data[at] << 8) | data[at + 1]
