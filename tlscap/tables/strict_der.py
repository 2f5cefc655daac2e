"""DER without any liberty (X.690 §10, §11), for those who must be sure; `der` reads whatever comes.

Any breach of a rule raises Doubt, and so does what nobody here needs: high tag numbers, lengths from 16 MiB.
"""

from __future__ import annotations

_MAX_LENGTH_BYTES = 3
_MAX_OID_BYTES = 32
_MAX_ARC_BYTES = 4


class Doubt(Exception):
    """It may break a rule, or be something rare."""


def check(fine: bool) -> None:
    if not fine:
        raise Doubt


def parts(data: bytes) -> list[tuple[int, bytes]]:
    """The elements that `data` is made of, each its tag byte and its content."""
    found = []
    at = 0
    while at < len(data):
        check(at + 2 <= len(data) and data[at] & 0x1F != 0x1F)
        tag, size = data[at], data[at + 1]
        at += 2
        if size >= 0x80:
            width = size & 0x7F
            check(1 <= width <= _MAX_LENGTH_BYTES and at + width <= len(data))
            size = int.from_bytes(data[at : at + width])
            check(size >= 0x80 and size >> 8 * (width - 1) > 0)  # the shortest form
            at += width
        check(at + size <= len(data))
        found.append((tag, data[at : at + size]))
        at += size
    return found


def inside(data: bytes, *tags: int) -> list[bytes]:
    """The contents of the elements of `data`, which must have just these tags."""
    found = parts(data)
    check(tuple(tag for tag, _ in found) == tags)
    return [content for _, content in found]


def some(data: bytes, tag: int) -> list[bytes]:
    """The contents of the elements of `data`: at least one, all with this tag."""
    found = parts(data)
    check(bool(found) and all(one == tag for one, _ in found))
    return [content for _, content in found]


def positive(content: bytes) -> int:
    """The content of an INTEGER above 0."""
    check(content[:1] < b"\x80" and (content[:1] != b"\0" or content[1:2] >= b"\x80"))
    value = int.from_bytes(content)
    check(value > 0)
    return value


def whole_bytes(content: bytes) -> bytes:
    """What is in a BIT STRING of whole bytes."""
    check(content[:1] == b"\0" and len(content) > 1)
    return content[1:]


def check_oid(content: bytes) -> None:
    """That it is the content of an OBJECT IDENTIFIER, of small numbers."""
    check(0 < len(content) <= _MAX_OID_BYTES and content[-1] < 0x80)
    size = 0
    for byte in content:
        size += 1
        check(size <= _MAX_ARC_BYTES and not (size == 1 and byte == 0x80))
        if byte < 0x80:
            size = 0
