"""Link-layer headers: from the first byte of a frame to what it carries.

Link types are the LINKTYPE_ values of https://www.tcpdump.org/linktypes.html, which capture files
hold. Names in `_PEELED` are what `undecoded` calls the rest.
"""

from __future__ import annotations

from tlscap.engine.cursor import ETHERNET, IP_BY_VERSION, LLC, STOP, Cursor
from tlscap.engine.undecoded import MALFORMED_LINK, NOT_IP, NULL_FAMILY

LINK_NULL, LINK_ETHERNET, LINK_RAW, LINK_LOOP, LINK_SLL = 0, 1, 101, 108, 113
LINK_IPV4, LINK_IPV6, LINK_SLL2 = 228, 229, 276
_RAW_BSD, _RAW_OPENBSD = 12, 14  # what BSD and OpenBSD wrote for LINK_RAW before it had a number

MIN_ETHERTYPE = 0x600
"""IEEE 802.3 §3.2.6: below it the field is a length and LLC follows."""

_STOP = STOP
_ETHERNET = ETHERNET
_LLC = LLC
_IP_BY_VERSION = IP_BY_VERSION
_MIN_ETHERTYPE = MIN_ETHERTYPE
_MALFORMED_LINK = MALFORMED_LINK
_NULL_FAMILY = NULL_FAMILY
_NOT_IP = NOT_IP


def link_header(c: Cursor, linktype: int) -> int:
    """Moves behind the header of a link of type `linktype` and returns what follows."""
    if linktype == 1:
        return ethernet_header(c)
    if linktype == 113:
        return _cooked_header(c, 16, 14, 2)
    if linktype == 276:
        return _cooked_header(c, 20, 0, 8)
    if linktype == 101 or linktype == 228 or linktype == 229 or linktype == 12 or linktype == 14:
        return _IP_BY_VERSION
    if linktype == 0 or linktype == 108:
        return _loopback_header(c)
    c.reasons.note_name(f"linktype {linktype}")
    return _STOP


def ethernet_header(c: Cursor) -> int:
    """Two addresses and an ethertype, or a length before LLC."""
    if not c.has(14):
        return c.lacks(_MALFORMED_LINK)
    ethertype = c.u16(12)
    c.at += 14
    return ethertype if ethertype >= _MIN_ETHERTYPE else _LLC


def llc_header(c: Cursor) -> int:
    """IEEE 802.2 LLC with SNAP (RFC 1042): aa aa 03, an organisation, an ethertype."""
    if not c.has(8):
        return c.lacks(_MALFORMED_LINK)
    if c.u24(0) != 0xAAAA03 or c.u24(3) != 0:
        return c.stop(_NOT_IP)
    ethertype = c.u16(6)
    c.at += 8
    return ethertype


def _cooked_header(c: Cursor, size: int, protocol: int, hardware: int) -> int:
    """Linux cooked captures, v1 and v2: the protocol is an ethertype where the device has one."""
    if not c.has(size):
        return c.lacks(_MALFORMED_LINK)
    ethertype = c.u16(protocol)
    c.at += size
    if ethertype >= _MIN_ETHERTYPE:
        return ethertype
    if ethertype == 4:  # LINUX_SLL_P_802_2
        return _LLC
    return c.stop(_NOT_IP)


def _loopback_header(c: Cursor) -> int:
    """Four bytes of address family in the byte order of the capturing machine (NULL), or the network's (LOOP)."""
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
