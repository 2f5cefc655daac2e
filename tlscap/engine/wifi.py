"""IEEE 802.11 data frames that are not encrypted: from the MAC header to LLC."""

from __future__ import annotations

from tlscap.engine.cursor import LLC, Cursor
from tlscap.engine.undecoded import FRAGMENT, MALFORMED_LINK, WIFI_ENCRYPTED, WIFI_WITHOUT_DATA

_LLC = LLC
_FRAGMENT = FRAGMENT
_MALFORMED_LINK = MALFORMED_LINK
_ENCRYPTED = WIFI_ENCRYPTED
_WITHOUT_DATA = WIFI_WITHOUT_DATA


def wifi_header(c: Cursor) -> int:
    """IEEE 802.11-2020 §9.3.2.1. Some CAPWAP controllers swap the bytes of its little-endian fields."""
    if not c.has(24):
        return c.lacks(_MALFORMED_LINK)
    control = c.u8(0)
    flags = c.u8(1)
    number = c.u8(22) & 0x0F
    if control & 0x0F != 0x08 and flags & 0x0F == 0x08:
        control = c.u8(1)
        flags = c.u8(0)
        number = c.u8(23) & 0x0F
    if control & 0x0F != 0x08 or control & 0x40:  # version 0, type data; null functions have no body
        return c.stop(_WITHOUT_DATA)
    if flags & 0x40:
        return c.stop(_ENCRYPTED)
    if flags & 0x04 or number:  # more fragments, or a fragment number
        return c.stop(_FRAGMENT)
    size = 24
    if flags & 3 == 3:  # to and from the distribution system: a fourth address
        size += 6
    if control & 0x80:  # QoS data: a QoS field, and HT control if the order bit is set
        if not c.has(size + 2):
            return c.lacks(_MALFORMED_LINK)
        if c.u8(size) & 0x80:  # several frames in one, each behind addresses of its own
            return c.stop(_WITHOUT_DATA)
        size += 6 if flags & 0x80 else 2
    c.at += size
    return _LLC
