"""Reads DER elements (X.690 §10) as far as their bytes go; what is wrong with a length costs what is in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

MAX_LENGTH_BYTES = 4
"""Bytes of a length that are believed: a certificate is far below 4 GB."""

BOOLEAN, INTEGER, BIT_STRING, OCTET_STRING, OID = 0x01, 0x02, 0x03, 0x04, 0x06
UTC_TIME, SEQUENCE, SET = 0x17, 0x30, 0x31


class Element(NamedTuple):
    """One element: its tag byte, its content, and all its bytes."""

    tag: int
    content: bytes
    encoded: bytes

    def children(self) -> Iterator[Element]:
        """The elements in its content."""
        return elements(self.content)

    def child(self, tag: int) -> Element | None:
        """The first element of that tag in its content."""
        return next((child for child in self.children() if child.tag == tag), None)


def elements(data: bytes) -> Iterator[Element]:
    """The elements of `data`, one after the other; the last is cut where `data` ends before it does."""
    at = 0
    while at + 2 <= len(data):
        start = at
        tag, size = data[at], data[at + 1]
        at += 2
        if size >= 0x80:
            width = size & 0x7F
            if not 0 < width <= MAX_LENGTH_BYTES:
                return
            size = int.from_bytes(data[at : at + width])
            at += width
        yield Element(tag, data[at : at + size], data[start : at + size])
        at += size


def dotted(content: bytes) -> str:
    """The content of an OBJECT IDENTIFIER as `2.5.4.3`; "" if it has none."""
    arcs = []
    arc = 0
    for byte in content:
        arc = arc << 7 | byte & 0x7F
        if byte < 0x80:
            arcs.append(arc)
            arc = 0
    if not arcs:
        return ""
    first = min(arcs[0] // 40, 2)
    return ".".join(map(str, (first, arcs[0] - first * 40, *arcs[1:])))
