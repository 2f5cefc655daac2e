"""Columns while they grow: a chunk of numbers that is filled, and the full chunks before it as bytes.

A finished connection stays as numbers only: 4 or 8 bytes a column, and each distinct text once. Nothing
here is Arrow: what cannot be, such as an instant that never came, is a number that is no value (0, -1),
and `arrow.py` turns it into a null once the run is over.
"""

from __future__ import annotations

from array import array
from collections.abc import Hashable

CHUNK = 1024
"""Numbers that a column holds before they become bytes; a chunk of all columns stays in cache."""

_CHUNK = CHUNK


class Longs:
    """A column of 64-bit numbers."""

    __slots__ = ("_at", "_cells", "_full")

    def __init__(self) -> None:
        self._at = 0
        self._cells = array("q", bytes(8 * CHUNK))
        self._full: list[bytes] = []

    def add(self, value: int) -> None:
        if self._at == _CHUNK:
            self._full.append(bytes(self._cells))
            self._at = 0
        self._cells[self._at] = value
        self._at += 1

    def take(self) -> bytes:
        """The numbers, 8 bytes each in the machine's order; the column is empty afterwards."""
        self._full.append(bytes(self._cells)[: 8 * self._at])
        taken = b"".join(self._full)
        self._full, self._at = [], 0
        return taken


class Ints:
    """A column of 32-bit numbers."""

    __slots__ = ("_at", "_cells", "_full")

    def __init__(self) -> None:
        self._at = 0
        self._cells = array("i", bytes(4 * CHUNK))
        self._full: list[bytes] = []

    def add(self, value: int) -> None:
        if self._at == _CHUNK:
            self._full.append(bytes(self._cells))
            self._at = 0
        self._cells[self._at] = value
        self._at += 1

    def take(self) -> bytes:
        """The numbers, 4 bytes each in the machine's order; the column is empty afterwards."""
        self._full.append(bytes(self._cells)[: 4 * self._at])
        taken = b"".join(self._full)
        self._full, self._at = [], 0
        return taken


class Reals:
    """A column of doubles, none of which is negative: -1 is no value."""

    __slots__ = ("_at", "_cells", "_full")

    def __init__(self) -> None:
        self._at = 0
        self._cells = array("d", bytes(8 * CHUNK))
        self._full: list[bytes] = []

    def add(self, value: float | None) -> None:
        self.add_real(-1.0 if value is None else value)

    def add_real(self, value: float) -> None:
        """Adds a value that is there, or -1."""
        if self._at == _CHUNK:
            self._full.append(bytes(self._cells))
            self._at = 0
        self._cells[self._at] = value
        self._at += 1

    def take(self) -> bytes:
        """The doubles, 8 bytes each in the machine's order; the column is empty afterwards."""
        self._full.append(bytes(self._cells)[: 8 * self._at])
        taken = b"".join(self._full)
        self._full, self._at = [], 0
        return taken


class Flags:
    """A column of true, false and none, kept as 1, 0 and -1."""

    __slots__ = ("_cells",)

    def __init__(self) -> None:
        self._cells = Ints()

    def add(self, value: bool | None) -> None:
        self._cells.add(-1 if value is None else 1 if value else 0)

    def take(self) -> bytes:
        return self._cells.take()


class Names:
    """A column of things that repeat: each distinct one is kept once, a row is its number, none is -1."""

    __slots__ = ("_cells", "_codes", "_last", "_last_code", "_last_number", "_last_number_code")

    def __init__(self) -> None:
        self._codes: dict[Hashable, int] = {}
        self._cells = Ints()
        self._last: Hashable | None = None  # most rows say what the row before said, with the same object
        self._last_code = -1
        self._last_number = -1  # the same of `add_number`, apart: a column may have rows from both
        self._last_number_code = -1

    def add(self, key: Hashable | None) -> None:
        if key is not self._last:
            self._last_code = -1 if key is None else self.code(key)
            self._last = key
        self._cells.add(self._last_code)

    def add_number(self, number: int) -> None:
        """Adds a number, none if it is negative; of a column that holds nothing but numbers and none."""
        if number != self._last_number:
            self._last_number_code = -1 if number < 0 else self.code(number)
            self._last_number = number
        self._cells.add(self._last_number_code)

    def add_code(self, code: int) -> None:
        """Adds what `code` gave a number to before."""
        self._cells.add(code)

    def code(self, key: Hashable) -> int:
        """The number of `key`."""
        code = self._codes.get(key)
        if code is None:
            code = len(self._codes)
            self._codes[key] = code
        return code

    def take(self) -> bytes:
        """The numbers, 4 bytes each; what they mean stays."""
        return self._cells.take()

    def keys(self) -> list[Hashable]:
        """What the numbers mean, in their order."""
        return list(self._codes)


class Digests:
    """A column of hashes that are all of one length."""

    __slots__ = ("_full", "_open")

    def __init__(self) -> None:
        self._open: list[bytes] = []
        self._full: list[bytes] = []

    def add(self, digest: bytes) -> None:
        self._open.append(digest)
        if len(self._open) == _CHUNK:
            self._full.append(b"".join(self._open))
            self._open = []

    def take(self) -> bytes:
        """The hashes one after the other; the column is empty afterwards."""
        self._full.append(b"".join(self._open))
        taken = b"".join(self._full)
        self._full, self._open = [], []
        return taken
