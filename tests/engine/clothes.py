"""Headers to put before an IPv4 packet, and fragments to cut it into: what a segment may travel in."""

from __future__ import annotations

import struct
from collections.abc import Callable

ETHERNET = 1

ADDRESSES = bytes(12)
OUTER_UDP = "!BBHHHBBHIIHHHH"


def in_udp(port: int, header: bytes) -> Callable[[bytes], bytes]:
    def wrap(ip: bytes) -> bytes:
        size = 8 + len(header) + len(ip)
        outer = struct.pack(OUTER_UDP, 0x45, 0, 20 + size, 1, 0, 64, 17, 0, 1, 2, 9999, port, size, 0)
        return ADDRESSES + b"\x08\0" + outer + header + ip

    return wrap


def in_ip(protocol: int, header: bytes = b"") -> Callable[[bytes], bytes]:
    def wrap(ip: bytes) -> bytes:
        outer = struct.pack("!BBHHHBBHII", 0x45, 0, 20 + len(header) + len(ip), 1, 0, 64, protocol, 0, 1, 2)
        return ADDRESSES + b"\x08\0" + outer + header + ip

    return wrap


def behind(header: bytes) -> Callable[[bytes], bytes]:
    return lambda ip: header + ip


CLOTHES: dict[str, tuple[int, Callable[[bytes], bytes], tuple[str, ...]]] = {
    "padded ethernet": (ETHERNET, lambda ip: ADDRESSES + b"\x08\0" + ip + bytes(8), ()),
    "vlan": (ETHERNET, behind(ADDRESSES + b"\x81\0\xe0\x0c\x08\0"), ("vlan:12",)),
    "qinq": (ETHERNET, behind(ADDRESSES + b"\x88\xa8\0\5\x81\0\0\x0c\x08\0"), ("qinq:5", "vlan:12")),
    "mpls": (ETHERNET, behind(ADDRESSES + b"\x88\x47\0\1\0\x40\0\1\x11\x40"), ("mpls:16", "mpls:17")),
    "pppoe": (ETHERNET, behind(ADDRESSES + b"\x88\x64\x11\0\0\x4d\xff\xff\0\x21"), ("pppoe:77",)),
    "gre": (ETHERNET, in_ip(47, b"\x20\0\x08\0\0\0\0\x09"), ("gre:9",)),
    "erspan": (
        ETHERNET,
        in_ip(47, b"\x10\0\x88\xbe\0\0\0\1\x10\0\0\5\0\0\0\0" + ADDRESSES + b"\x08\0"),
        ("gre", "erspan:5"),
    ),
    "vxlan": (ETHERNET, in_udp(4789, b"\x08\0\0\0\0\0\7\0" + ADDRESSES + b"\x08\0"), ("vxlan:7",)),
    "geneve": (ETHERNET, in_udp(6081, b"\0\0\x65\x58\0\0\5\0" + ADDRESSES + b"\x08\0"), ("geneve:5",)),
    "gtp-u": (ETHERNET, in_udp(2152, b"\x30\xff\xff\xff\0\0\0\x63"), ("gtpu:99",)),
    "ip in ip": (ETHERNET, in_ip(4), ("ipip",)),
    "cooked": (113, behind(bytes(14) + b"\x08\0"), ()),
    "cooked 2": (276, behind(b"\x08\0" + bytes(18)), ()),
    "loopback": (0, behind(b"\2\0\0\0"), ()),
    "raw": (101, behind(b""), ()),
    "ppp": (9, behind(b"\xff\3\0\x21"), ()),
}
"""By name: link type, what is put before the packet, and the path that `tunnel` tells."""


def fragments_of(ip: bytes, ident: int, mtu: int) -> list[bytes]:
    """RFC 791 §3.2; the whole packet where it fits."""
    size = (ip[0] & 15) * 4
    body, step = ip[size:], (mtu - size) // 8 * 8
    pieces = []
    for at in range(0, len(body), step):
        piece = body[at : at + step]
        more = at + step < len(body)
        head = bytearray(ip[:size])
        head[2:8] = struct.pack("!HHH", size + len(piece), ident & 0xFFFF, more << 13 | at // 8)
        pieces.append(bytes(head) + piece)
    return pieces
