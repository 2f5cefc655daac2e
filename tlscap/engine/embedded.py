"""TLS inside other protocols: recognised, so that it can be counted, and not analysed.

A ClientHello that stands behind a few bytes of another protocol in a packet is carried by that
protocol: TDS wraps the handshake of SQL Server, OpenVPN its control channel.
"""

from __future__ import annotations

import re

_HELLO = re.compile(rb"\x16\x03[\x00-\x04]..\x01\x00..\x03[\x00-\x04]", re.DOTALL)
"""A record header, a handshake header and legacy_version: what every ClientHello begins with."""

_TDS = re.compile(rb"\x12\x01..\x00\x00.\x00", re.DOTALL)  # MS-TDS §2.2.3.1: a PRELOGIN packet
_OPENVPN = re.compile(rb"..[\x38\x50]........", re.DOTALL)  # a hard reset of a client, behind its length


def carrier(head: bytes) -> str:
    """The protocol that carries the ClientHello in the first plaintext bytes of a client; "" if there is none."""
    if not _HELLO.search(head):
        return ""
    if _TDS.match(head):
        return "tls in tds"
    if _OPENVPN.match(head) and int.from_bytes(head[:2]) <= 64:
        return "tls in openvpn"
    return "tls in another protocol"
