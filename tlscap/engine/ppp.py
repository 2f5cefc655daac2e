"""PPP, alone or over Ethernet: from a PPP or PPPoE header to what it carries."""

from __future__ import annotations

from tlscap.engine.cursor import PPP, Cursor
from tlscap.engine.links import hdlc_header
from tlscap.engine.tunnelpaths import PPPOE
from tlscap.engine.undecoded import MALFORMED_LINK, NOT_IP

_PPP = PPP
_IPV4 = 0x0800
_IPV6 = 0x86DD
_MPLS = 0x8847
_PPPOE = PPPOE
_MALFORMED_LINK = MALFORMED_LINK
_NOT_IP = NOT_IP


def ppp_header(c: Cursor) -> int:
    """RFC 1662 §3.1 and RFC 1661 §2: address and control may be left out, and half of the protocol too."""
    if not c.has(2):
        return c.lacks(_MALFORMED_LINK)
    lead = c.u16(0)
    if lead == 0x0F00 or lead == 0x8F00:  # Cisco HDLC, which shares a link type with PPP
        return hdlc_header(c)
    if lead == 0xFF03:
        c.at += 2
    if not c.has(2):
        return c.lacks(_MALFORMED_LINK)
    protocol = c.u8(0)
    if protocol & 1:
        c.at += 1
    else:
        protocol = c.u16(0)
        c.at += 2
    return _carried(c, protocol)


def pppoe_header(c: Cursor) -> int:
    """RFC 2516 §4: version 1, type 1, code 0 in a session, its id, a length that IP tells better."""
    if not c.has(6):
        return c.lacks(_MALFORMED_LINK)
    if c.u16(0) != 0x1100:
        return c.stop(_MALFORMED_LINK)
    c.enter(_PPPOE, c.u16(2))
    c.at += 6
    return _PPP


def _carried(c: Cursor, protocol: int) -> int:
    """The ethertype of a PPP protocol (IANA, PPP DLL protocol numbers)."""
    if protocol == 0x21:
        return _IPV4
    if protocol == 0x57:
        return _IPV6
    if protocol == 0x281:
        return _MPLS
    return c.stop(_NOT_IP)
