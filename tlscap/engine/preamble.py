"""What stood before TLS on a connection: the protocol whose plaintext start asked for it."""

from __future__ import annotations

import re

from tlscap.engine.facts import Facts
from tlscap.engine.sniff import PROXY_V2_SIGNATURE

OTHER = "other"
"""The name of a plaintext start that no pattern knows."""

_CLIENT_PATTERNS = (
    ("proxy_v1", re.compile(rb"PROXY (TCP[46]|UNKNOWN)")),
    ("http_connect", re.compile(rb"CONNECT \S+ HTTP/1\.")),
    ("postgres", re.compile(rb"(\x00\x00\x00\x08\x04\xd2\x16\x30)?\x00\x00\x00\x08\x04\xd2\x16\x2f", re.DOTALL)),
    ("rdp", re.compile(rb"\x03\x00\x00.[\x06-\xfe]\xe0", re.DOTALL)),
    ("socks5", re.compile(rb"\x05[\x01-\xff].{1,255}", re.DOTALL)),
    ("socks4", re.compile(rb"\x04[\x01\x02].{6}", re.DOTALL)),
    ("ldap", re.compile(rb"\x30.{1,12}?\x77.{1,4}\x80\x161\.3\.6\.1\.4\.1\.1466\.20037", re.DOTALL)),
    ("xmpp", re.compile(rb"\s*(<\?xml[^>]*>)?\s*<stream:stream", re.DOTALL)),
)
"""By what the client said first; the numbers are the protocols' own (PostgreSQL's SSLRequest code 80877103,
which may stand behind a GSSENCRequest, 80877104,
the StartTLS OID of RFC 4511 §4.14.1, TPKT and X.224 of RDP, RFC 1928)."""

_SERVER_PATTERNS = (
    ("ftp", re.compile(rb"220[ -].*?(?i:ftp)", re.DOTALL)),
    ("smtp", re.compile(rb"220[ -]|250[ -]|554[ -]")),
    ("pop3", re.compile(rb"\+OK")),
    ("imap", re.compile(rb"\* (OK|PREAUTH|CAPABILITY)")),
    ("mysql", re.compile(rb".{2}\x00\x00\x0a[\x20-\x7e]+\x00", re.DOTALL)),
    ("irc", re.compile(rb":\S+ (NOTICE|CAP|020) |NOTICE ")),
)
"""By what the server said first, where it speaks first."""

_CLIENT_COMMANDS = (
    ("ftp", re.compile(rb"(?im)^AUTH (TLS|SSL)")),
    ("pop3", re.compile(rb"(?im)^STLS\r?$")),
    ("imap", re.compile(rb"(?im)^\S+ STARTTLS\r?$")),
    ("irc", re.compile(rb"(?im)^(CAP (LS|REQ|END)|NICK )")),
    ("smtp", re.compile(rb"(?im)^(EHLO|HELO|STARTTLS)\b")),
)
"""By the client's commands, where the server's greeting is not in the capture or says too little."""


def describe(facts: Facts, client: bytes, server: bytes, *, from_start: bool = True) -> None:
    """Names the plaintext start in `facts.preamble`, and the client that a PROXY header tells of.

    Without `from_start` nobody knows that plaintext came first, so only what is recognised has a name.
    """
    if client.startswith(PROXY_V2_SIGNATURE):
        facts.preamble = "proxy_v2"
        _proxied_v2(facts, client)
    else:
        facts.preamble = name(client, server)
        if facts.preamble == OTHER and not from_start:
            facts.preamble = ""  # rather the rest of a record, or what a server answers to a hello
        if facts.preamble == "proxy_v1":
            _proxied_v1(facts, client)


def name(client: bytes, server: bytes) -> str:
    """The protocol of a plaintext start, from the first bytes of both directions; `other` if none is known."""
    for protocol, pattern in _CLIENT_PATTERNS:
        if pattern.match(client):
            return protocol
    commanded = next((protocol for protocol, pattern in _CLIENT_COMMANDS if pattern.search(client)), None)
    greeted = next((protocol for protocol, pattern in _SERVER_PATTERNS if pattern.match(server)), None)
    if greeted in ("smtp", "ftp") and commanded in ("smtp", "ftp", "irc"):
        return commanded
    return greeted or commanded or OTHER


def _proxied_v1(facts: Facts, client: bytes) -> None:
    """`PROXY TCP4 source destination source_port destination_port` (PROXY protocol §2.1)."""
    import ipaddress

    words = client.split(b"\r\n", 1)[0].split(b" ")
    try:
        facts.proxied_client_ip = ipaddress.ip_address(words[2].decode("ascii")).packed
        facts.proxied_client_port = int(words[4]) & 0xFFFF
    except (IndexError, ValueError):
        facts.proxied_client_ip = b""
        facts.proxied_client_port = 0


def _proxied_v2(facts: Facts, client: bytes) -> None:
    """Family and addresses of a version 2 header (PROXY protocol §2.2)."""
    if len(client) < 16 or client[12] & 0x0F != 1:  # LOCAL: a health check of the proxy itself
        return
    size = {1: 4, 2: 16}.get(client[13] >> 4, 0)
    if size and len(client) >= 16 + 2 * size + 4:
        facts.proxied_client_ip = client[16 : 16 + size]
        facts.proxied_client_port = int.from_bytes(client[16 + 2 * size : 16 + 2 * size + 2], "big")
