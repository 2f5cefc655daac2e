"""Tunnels over MPLS, IP and UDP: from a tunnel's header to what it carries.

UDP tunnels are known by their port, and only where the header holds together as that tunnel's;
whatever else is on such a port is plain UDP. DTLS and QUIC never pass for one of these headers.
"""

from __future__ import annotations

from tlscap.engine.cursor import ETHERNET, IP_BY_VERSION, L2TP_DATA, PPP, WIFI, Cursor
from tlscap.engine.tunnelpaths import CAPWAP, ERSPAN, GENEVE, GRE, GTPU, L2TP, MPLS, NO_ID, PPTP, TEREDO, VXLAN
from tlscap.engine.undecoded import FRAGMENT, MALFORMED_LINK, MALFORMED_TUNNEL

NO_TUNNEL = 0
"""`udp_tunnel` says that a datagram is just that."""

_NO_TUNNEL = NO_TUNNEL
_ETHERNET = ETHERNET
_IP_BY_VERSION = IP_BY_VERSION
_L2TP_DATA = L2TP_DATA
_PPP = PPP
_WIFI = WIFI
_IPV6 = 0x86DD
_MPLS_FOLLOWS = 0x8847
_CAPWAP = CAPWAP
_ERSPAN = ERSPAN
_GENEVE = GENEVE
_GRE = GRE
_GTPU = GTPU
_L2TP = L2TP
_MPLS = MPLS
_NO_ID = NO_ID
_PPTP = PPTP
_TEREDO = TEREDO
_VXLAN = VXLAN
_FRAGMENT = FRAGMENT
_MALFORMED_LINK = MALFORMED_LINK
_MALFORMED = MALFORMED_TUNNEL


def mpls_label(c: Cursor) -> int:
    """RFC 3032 §2.1, one label. What the last one carries is not said: IP shows by its version, and
    anything else is taken for Ethernet, behind a control word (RFC 4385 §3) if that is zero."""
    if not c.has(4):
        return c.lacks(_MALFORMED_LINK)
    entry = c.u24(0)
    c.enter(_MPLS, entry >> 4)
    c.at += 4
    if not entry & 1:
        return _MPLS_FOLLOWS
    if not c.has(4):
        return c.lacks(_MALFORMED_LINK)
    nibble = c.u8(0) >> 4
    if nibble == 4 or nibble == 6:
        return _IP_BY_VERSION
    if nibble == 0:
        c.at += 4
    return _ETHERNET


def gre_header(c: Cursor) -> int:
    """RFC 2784 §2 with the key and sequence number of RFC 2890; RFC 2637 §4.1 for PPTP."""
    if not c.has(4):
        return c.lacks(_MALFORMED)
    flags = c.u16(0)
    ethertype = c.u16(2)
    if flags & 0x4000 or flags & 7 > 1:  # source routing (RFC 1701) or an unknown version
        return c.stop(_MALFORMED)
    key = 8 if flags & 0x8000 else 4  # behind a checksum
    size = key + (4 if flags & 0x2000 else 0) + (4 if flags & 0x1000 else 0)
    if flags & 7 == 1 and flags & 0x80:
        size += 4  # an acknowledgement number
    if not c.has(size):
        return c.lacks(_MALFORMED)
    if not flags & 0x2000:
        c.enter(_GRE, _NO_ID)
    elif flags & 7 == 1:
        c.enter(_PPTP, c.u16(key + 2))  # the key is a length and the call's id
    else:
        c.enter(_GRE, c.u32(key))
    c.at += size
    return _inside_gre(c, ethertype, flags)


def _inside_gre(c: Cursor, ethertype: int, flags: int) -> int:
    if ethertype == 0x6558:  # transparent Ethernet bridging, NVGRE (RFC 7637 §3.2) too
        return _ETHERNET
    if ethertype == 0x880B:
        return _PPP
    if ethertype == 0x88BE:
        return _erspan_2_header(c) if flags & 0x1000 else _ETHERNET  # type I has no header
    if ethertype == 0x22EB:
        return _erspan_3_header(c)
    return ethertype if ethertype >= 0x600 else c.stop(_MALFORMED)


def _erspan_2_header(c: Cursor) -> int:
    """draft-foschiano-erspan §4.2: version, VLAN, flags, session id, index."""
    if not c.has(8):
        return c.lacks(_MALFORMED)
    c.enter(_ERSPAN, c.u16(2) & 0x3FF)
    c.at += 8
    return _ETHERNET


def _erspan_3_header(c: Cursor) -> int:
    """draft-foschiano-erspan §4.3: the last bit announces a platform specific subheader of 8 bytes."""
    if not c.has(12):
        return c.lacks(_MALFORMED)
    c.enter(_ERSPAN, c.u16(2) & 0x3FF)
    frame_type = (c.u16(10) >> 10) & 0x1F
    c.at += 20 if c.u8(11) & 1 else 12
    return _IP_BY_VERSION if frame_type == 2 else _ETHERNET


def udp_tunnel(c: Cursor, src_port: int, dst_port: int) -> int:
    """What a UDP tunnel at the cursor carries, or NO_TUNNEL."""
    if not c.has(8):
        return _NO_TUNNEL
    if dst_port == 4789 or dst_port == 8472:  # IANA's port and the one Linux had before
        return _vxlan_header(c)
    if dst_port == 6081:
        return _geneve_header(c)
    if dst_port == 2152 or src_port == 2152:
        return _gtpu_header(c)
    if dst_port == 3544 or src_port == 3544:
        return _teredo_header(c)
    if dst_port == 5247 or src_port == 5247:
        return _capwap_header(c)
    if dst_port == 1701 or src_port == 1701:
        return _l2tp_header(c)
    return _NO_TUNNEL


def _vxlan_header(c: Cursor) -> int:
    """RFC 7348 §5: a flag and the VNI. Two more flags announce a group policy, or that something else
    than Ethernet may follow (draft-ietf-nvo3-vxlan-gpe §3.1)."""
    flags = c.u8(0)
    if (flags != 0x08 and flags != 0x88 and flags != 0x0C) or c.u8(7) != 0:
        return _NO_TUNNEL
    protocol = c.u8(3) if flags & 0x04 else 3
    if protocol == 0 or protocol > 3:
        return _NO_TUNNEL
    c.enter(_VXLAN, c.u24(4))
    c.at += 8
    return _ETHERNET if protocol == 3 else _IP_BY_VERSION


def _geneve_header(c: Cursor) -> int:
    """RFC 8926 §3.4: version 0, length of the options in fours, two flags, an ethertype, a VNI."""
    lead = c.u8(0)
    if lead >> 6 or c.u8(1) & 0x3F or c.u8(7) != 0:
        return _NO_TUNNEL
    ethertype = c.u16(2)
    c.enter(_GENEVE, c.u24(4))
    c.at += 8 + 4 * (lead & 0x3F)
    if ethertype == 0x6558:
        return _ETHERNET
    return ethertype if ethertype >= 0x600 else c.stop(_MALFORMED)


def _gtpu_header(c: Cursor) -> int:
    """3GPP TS 29.281 §5.1: version 1, a G-PDU, its length, the TEID; optional fields and extension headers."""
    flags = c.u8(0)
    if flags & 0xF0 != 0x30 or c.u8(1) != 0xFF:
        return _NO_TUNNEL
    c.enter(_GTPU, c.u32(4))
    c.at += 8
    if flags & 7 == 0:
        return _IP_BY_VERSION
    if not c.has(4):
        return c.lacks(_MALFORMED)
    extension = c.u8(3) if flags & 4 else 0
    c.at += 4
    while extension != 0:
        if not c.has(4):
            return c.lacks(_MALFORMED)
        size = 4 * c.u8(0)
        if size == 0:
            return c.stop(_MALFORMED)
        if not c.has(size):
            return c.lacks(_MALFORMED)
        extension = c.u8(size - 1)
        c.at += size
    return _IP_BY_VERSION


def _teredo_header(c: Cursor) -> int:
    """RFC 4380 §5.1.1: perhaps an authentication and an origin indication, then IPv6."""
    start = c.at
    if c.u16(0) == 1 and c.has(13):
        c.at += 13 + c.u8(2) + c.u8(3)  # client identifier, authentication value, nonce, confirmation
    if c.has(8) and c.u16(0) == 0:
        c.at += 8
    if c.has(40) and c.u8(0) >> 4 == 6 and c.at + 40 + c.u16(4) <= c.wire:
        c.enter(_TEREDO, _NO_ID)
        return _IPV6
    c.at = start
    return _NO_TUNNEL


def _capwap_header(c: Cursor) -> int:
    """RFC 5415 §4.3: length in fours, the kind of radio, flags; then 802.3, or 802.11 if bit T says so."""
    if c.u8(0) != 0:  # version 0 and a header in the clear
        return _NO_TUNNEL
    size = (c.u8(1) >> 3) * 4
    lead = c.u24(1)
    if size < 8 or lead & 0x000008:  # a keep-alive
        return _NO_TUNNEL
    if lead & 0x000080:
        return c.stop(_FRAGMENT)
    c.enter(_CAPWAP, _NO_ID)
    c.at += size
    return _WIFI if lead & 0x000100 else _ETHERNET


def _l2tp_header(c: Cursor) -> int:
    """RFC 2661 §3.1: a data message of version 2. Its fields are for the slow path; the session's id is the path's."""
    flags = c.u16(0)
    if flags & 0xB4FF != 2:
        return _NO_TUNNEL
    c.enter(_L2TP, c.u16(6 if flags & 0x4000 else 4))
    return _L2TP_DATA
