"""The outline of a hello: its bytes without what is random, so that equal peers give equal bytes.

An outline is the key under which the profile of a hello is interned, and all that the profile is read
from. Extensions whose content is new in every hello (key shares, tickets, names) are in it by type
alone, and every GREASE value (RFC 8701) reads 0x0A0A.

    lead 1 byte | legacy_version 2 | length 2, cipher suites | length 1, compression methods
    then for each extension in wire order: type 2 | length 2, content or nothing

The lead is `t` for TLS, `d` for DTLS, `2` for an SSLv2-format hello, whose cipher specs are 3 bytes.
"""

from __future__ import annotations

from tlscap import octets

MAX_OUTLINE = 4096
"""Bytes of an outline. A peer may offer 32,767 cipher suites; a browser's outline is under 400 bytes,
a scanner's with every registered suite 1,000. What lies beyond is left out, and `full` says so."""

GREASE = 0x0A0A
"""Stands for all sixteen GREASE values."""

_MAX_OUTLINE = MAX_OUTLINE
_HEAD = 9  # what an outline has even where the hello ends early: lead, version, lengths, a cipher, a method
_GREASE = GREASE
_LOW_NIBBLES = 0x0F0F


def is_grease(value: int) -> bool:
    """Whether a 16-bit code point is one of 0x0A0A, 0x1A1A, ... 0xFAFA (RFC 8701 §2)."""
    return (value & _LOW_NIBBLES) == _GREASE and (value >> 8) == (value & 0xFF)


class Outline:
    """The outline of a hello of `size` bytes, as it grows."""

    __slots__ = ("_cells", "_count", "_room", "full")

    def __init__(self, size: int) -> None:
        self._room = size
        self._room += _HEAD
        if self._room > _MAX_OUTLINE:
            self._room = _MAX_OUTLINE
        self._cells = octets.blank(self._room)
        self._count = 0
        self.full = False

    def put8(self, value: int) -> None:
        if self._has_room(1):
            self._cells[self._count] = value & 0xFF
            self._count += 1

    def put16(self, value: int) -> None:
        if self._has_room(2):
            self._cells[self._count] = (value >> 8) & 0xFF
            self._cells[self._count + 1] = value & 0xFF
            self._count += 2

    def put_specs(self, body: bytes, start: int, stop: int) -> None:
        """A 2-byte length and the 3-byte cipher specs of `body[start:stop]`."""
        size = stop - start
        if not self._has_room(size + 2):
            size = 0
        self.put16(size)
        self._copy(body, start, start + size)

    def put_words(self, body: bytes, start: int, stop: int) -> None:
        """A 2-byte length and the 16-bit values of `body[start:stop]`, GREASE made equal."""
        size = (stop - start) & ~1
        if not self._has_room(size + 2):
            size = 0
        self.put16(size)
        at = self._count
        self._copy(body, start, start + size)
        self._level_grease(at)

    def put_bytes(self, body: bytes, start: int, stop: int) -> None:
        """A 1-byte length and `body[start:stop]`."""
        size = stop - start
        if size > 0xFF or not self._has_room(size + 1):
            size = 0
        self.put8(size)
        self._copy(body, start, start + size)

    def put_extension(self, kind: int, body: bytes, start: int, stop: int, words_at: int) -> None:
        """An extension with its content; from its byte `words_at` on 16-bit values, if that is not -1."""
        size = stop - start
        if not self._has_room(size + 4):
            size = 0
        self.put16(kind)
        self.put16(size)
        at = self._count
        self._copy(body, start, start + size)
        if words_at >= 0:
            self._level_grease(at + words_at)

    def put_type(self, kind: int) -> None:
        """An extension whose content is not kept."""
        self.put16(kind)
        self.put16(0)

    def key(self) -> bytes:
        return octets.head(self._cells, self._count)

    def _has_room(self, size: int) -> bool:
        if self._count + size > self._room:
            self.full = True
            return False
        return True

    def _copy(self, body: bytes, start: int, stop: int) -> None:
        if stop > start:
            octets.put(self._cells, self._count, body, start, stop - start)
            self._count += stop - start

    def _level_grease(self, at: int) -> None:
        cells = self._cells
        while at + 1 < self._count:
            if cells[at] == cells[at + 1] and (cells[at] & 0x0F) == 0x0A:
                cells[at] = cells[at + 1] = 0x0A
            at += 2
