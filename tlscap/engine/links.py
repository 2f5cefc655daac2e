"""Link-layer headers: from the first byte of a frame to what it carries.

Link types are the LINKTYPE_ values of https://www.tcpdump.org/linktypes.html, as capture files
hold them. Those that are not here go to the slow path.
"""

from __future__ import annotations

from tlscap.engine.cursor import ETHERNET, FOREIGN, IP_BY_VERSION, LLC, PPP, WIFI, Cursor
from tlscap.engine.tunnelpaths import NO_ID, PBB, SGT, VNTAG
from tlscap.engine.undecoded import MALFORMED_LINK, NOT_IP, NULL_FAMILY

MIN_ETHERTYPE = 0x600
"""IEEE 802.3 §3.2.6: below it the field is a length and LLC follows."""

_ETHERNET = ETHERNET
_FOREIGN = FOREIGN
_LLC = LLC
_PPP = PPP
_WIFI = WIFI
_IP_BY_VERSION = IP_BY_VERSION
_PPPOE = 0x8864
_MIN_ETHERTYPE = MIN_ETHERTYPE
_MALFORMED_LINK = MALFORMED_LINK
_NULL_FAMILY = NULL_FAMILY
_NOT_IP = NOT_IP
_NO_ID, _PBB, _SGT, _VNTAG = NO_ID, PBB, SGT, VNTAG


def link_header(c: Cursor, linktype: int) -> int:
    """Moves behind the header of a link of type `linktype` and returns what follows."""
    if linktype == 1:
        return _ETHERNET
    if linktype == 113:  # LINUX_SLL: the ethertype comes last
        return _cooked_header(c, 16, 14)
    if linktype == 276:  # LINUX_SLL2: the ethertype comes first
        return _cooked_header(c, 20, 0)
    if linktype == 101 or linktype == 228 or linktype == 229:  # RAW, IPV4, IPV6
        return _IP_BY_VERSION
    if linktype == 12 or linktype == 14:  # what BSD and OpenBSD wrote before RAW had a number
        return _IP_BY_VERSION
    if linktype == 0 or linktype == 108:  # NULL, LOOP
        return _loopback_header(c)
    if linktype == 9 or linktype == 50:  # PPP, PPP_HDLC
        return _PPP
    if linktype == 51:  # PPP_ETHER
        return _PPPOE
    if linktype == 104:  # C_HDLC
        return hdlc_header(c)
    if linktype == 105:  # IEEE802_11
        return _WIFI
    if linktype == 127:  # IEEE802_11_RADIOTAP
        return _radiotap_header(c)
    if linktype == 239:  # NFLOG
        return _nflog_header(c)
    if linktype == 258 or linktype == 149:  # PKTAP, and USER2, under which Apple wrote it
        return _pktap_header(c)
    return _FOREIGN


def ethernet_header(c: Cursor) -> int:
    """Two addresses and an ethertype, or a length before LLC."""
    if not c.has(14):
        return c.lacks(_MALFORMED_LINK)
    return behind_ethertype(c, 12)


def behind_ethertype(c: Cursor, offset: int) -> int:
    """Moves behind the ethertype at `offset`, which is there, and returns what follows; for a length that is LLC."""
    ethertype = c.u16(offset)
    c.at += offset + 2
    return ethertype if ethertype >= _MIN_ETHERTYPE else _LLC


def vlan_tag(c: Cursor, kind: int) -> int:
    """IEEE 802.1Q: priority, DEI and the VLAN's id, then the next ethertype."""
    if not c.has(4):
        return c.lacks(_MALFORMED_LINK)
    c.enter(kind, c.u16(0) & 0xFFF)
    return behind_ethertype(c, 2)


def metadata_header(c: Cursor) -> int:
    """Cisco MetaData (ethertype 0x8909): version, words that follow, a security group tag in them, an ethertype."""
    if not c.has(2):
        return c.lacks(_MALFORMED_LINK)
    size = 2 + 4 * c.u8(1)
    if not c.has(size + 2):
        return c.lacks(_MALFORMED_LINK)
    c.enter(_SGT, c.u16(4) if size > 2 else _NO_ID)
    return behind_ethertype(c, size)


def vn_tag(c: Cursor) -> int:
    """Cisco's VN-Tag (ethertype 0x8926): two ports of a fabric extender, an ethertype."""
    if not c.has(6):
        return c.lacks(_MALFORMED_LINK)
    c.enter(_VNTAG, _NO_ID)
    return behind_ethertype(c, 4)


def service_tag(c: Cursor) -> int:
    """IEEE 802.1ah (ethertype 0x88E7): flags, the service's id, and the customer's whole frame."""
    if not c.has(4):
        return c.lacks(_MALFORMED_LINK)
    c.enter(_PBB, c.u24(1))
    c.at += 4
    return _ETHERNET


def llc_header(c: Cursor) -> int:
    """IEEE 802.2 LLC with SNAP (RFC 1042): aa aa 03, an organisation, an ethertype."""
    if not c.has(8):
        return c.lacks(_MALFORMED_LINK)
    if c.u24(0) != 0xAAAA03 or c.u24(3) != 0:
        return c.stop(_NOT_IP)
    ethertype = c.u16(6)
    c.at += 8
    return ethertype if ethertype >= _MIN_ETHERTYPE else c.stop(_NOT_IP)


def hdlc_header(c: Cursor) -> int:
    """Cisco HDLC (RFC 1547 §4.3.1): an address, a control byte, an ethertype."""
    if not c.has(4):
        return c.lacks(_MALFORMED_LINK)
    ethertype = c.u16(2)
    c.at += 4
    return ethertype if ethertype >= _MIN_ETHERTYPE else c.stop(_NOT_IP)


def _cooked_header(c: Cursor, size: int, protocol: int) -> int:
    """Linux cooked captures, v1 and v2: the protocol is an ethertype where the device has one."""
    if not c.has(size):
        return c.lacks(_MALFORMED_LINK)
    ethertype = c.u16(protocol)
    c.at += size
    if ethertype >= _MIN_ETHERTYPE:
        return ethertype
    return _LLC if ethertype == 4 else c.stop(_NOT_IP)  # LINUX_SLL_P_802_2


def _loopback_header(c: Cursor) -> int:
    """Four bytes of address family, in the byte order of the capturing machine (NULL) or the network's (LOOP)."""
    if not c.has(4):
        return c.lacks(_MALFORMED_LINK)
    family = c.u32(0)
    if family > 0xFFFF:
        family = c.u32_little(0)
    c.at += 4
    # AF_INET everywhere, then AF_INET6 of Linux, NetBSD and OpenBSD, FreeBSD, macOS.
    if family == 2 or family == 10 or family == 24 or family == 28 or family == 30:
        return _IP_BY_VERSION
    return c.stop(_NULL_FAMILY)


def _radiotap_header(c: Cursor) -> int:
    """Radiotap: version 0, padding, the length of it all; the fields themselves are of no use here."""
    if not c.has(4):
        return c.lacks(_MALFORMED_LINK)
    size = c.u16_little(2)
    if size < 8:
        return c.stop(_MALFORMED_LINK)
    c.at += size
    return _WIFI


def _nflog_header(c: Cursor) -> int:
    """Linux netfilter log: family, version, resource, then attributes of length and type, one of them the packet."""
    if not c.has(4):
        return c.lacks(_MALFORMED_LINK)
    c.at += 4
    while c.has(4):
        size = c.u16_little(0)
        if size < 4:
            return c.stop(_MALFORMED_LINK)
        if c.u16_little(2) == 9:  # NFULA_PAYLOAD
            c.at += 4
            return _IP_BY_VERSION
        c.at += (size + 3) & ~3
    return c.lacks(_NOT_IP)


def _pktap_header(c: Cursor) -> int:
    """Apple's PKTAP: its own length, what it is, and the link type of the frame behind it."""
    if not c.has(12):
        return c.lacks(_MALFORMED_LINK)
    size = c.u32_little(0)
    linktype = c.u32_little(8)
    if size < 108 or c.u32_little(4) != 1:  # PKT_REC_PACKET
        return c.stop(_NOT_IP)
    if not c.has(size):
        return c.lacks(_MALFORMED_LINK)
    c.at += size
    if linktype == 258 or linktype == 149:
        return c.stop(_NOT_IP)
    return link_header(c, linktype)
