"""TLS inside other protocols: recognised, so that it can be counted, and not analysed.

A ClientHello that stands behind a few bytes of another protocol in a packet is carried by that
protocol: TDS wraps the handshake of SQL Server, OpenVPN its control channel. FTP may carry it in
base64 (RFC 2228), and a WebSocket's client masks it, so there the server's answer tells.
"""

from __future__ import annotations

import re

_HELLO = re.compile(rb"\x16\x03[\x00-\x04]..\x01\x00..\x03[\x00-\x04]", re.DOTALL)
"""A record header, a handshake header and legacy_version: what every ClientHello begins with."""

_TDS = re.compile(rb"\x12\x01..\x00\x00.\x00", re.DOTALL)  # MS-TDS §2.2.3.1: a PRELOGIN packet
_OPENVPN = re.compile(rb"..[\x38\x50]........", re.DOTALL)  # a hard reset of a client, behind its length

_SERVER_HELLO = re.compile(rb"\x16\x03[\x00-\x04]..\x02\x00..\x03[\x00-\x04]", re.DOTALL)
_UPGRADED = re.compile(rb"HTTP/1\.1 101 ")
_ADAT = re.compile(rb"(?m)^(?i:ADAT) FgM[A-E]")  # 16 03 and a minor version, in base64

_RECORD = b"\x16\x03"
_IN_BASE64 = b" FgM"
"""What stands in every head that carries a hello: bytes are found faster than patterns."""

_RDP = 3389


def carrier(head: bytes) -> str:
    """The protocol that carries the hello in the first plaintext bytes of a side; "" if there is none."""
    if _IN_BASE64 in head and _ADAT.search(head):
        return "tls in ftp"
    if _RECORD not in head:
        return ""
    if _UPGRADED.match(head) and _SERVER_HELLO.search(head):
        return "tls in websocket"
    if not _HELLO.search(head):
        return ""
    if _TDS.match(head):
        return "tls in tds"
    if _OPENVPN.match(head) and int.from_bytes(head[:2]) <= 64:
        return "tls in openvpn"
    return "tls in another protocol"


def datagram_carrier(data: memoryview, src_port: int, dst_port: int) -> str:
    """The same of a datagram that carries a hello."""
    if data[0] >> 6 == 1:
        return "dtls in turn"
    if data[0] & 0xF8 == 0x20:  # P_CONTROL_V1
        return "tls in openvpn"
    return "tls in rdp over udp" if _RDP in (src_port, dst_port) else "tls in another protocol"
