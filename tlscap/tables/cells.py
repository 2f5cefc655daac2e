"""Columns while they grow: a chunk of numbers that is filled, and behind one another those that were filled before.

A finished connection stays as numbers only: 4 or 8 bytes a column, and each distinct text once. Nothing
here is Arrow: what cannot be, such as an instant that never came, is a number that is no value (0, -1),
and `arrow.py` turns it into a null once the run is over.

The columns of a table grow together: `Rows` says at which index of their chunks the next row goes, and
whoever fills the row writes each column's cell there. Numbers go straight into `column.cells[at]`; a call for
each of a hundred columns takes longer than all else that is done for a row.
"""

from __future__ import annotations

from array import array
from collections.abc import Hashable
from typing import Any

CHUNK = 1024
"""Numbers that a column holds before they become bytes; a chunk of all columns stays in cache."""

_CHUNK = CHUNK


class Rows:
    """What columns share that grow together: each has one cell for every row."""

    __slots__ = ("_at", "_columns")

    def __init__(self) -> None:
        self._at = 0
        self._columns: list[Cells] = []

    def hold(self, column: Cells) -> None:
        """Takes a column in, which then has to be given a cell for every row."""
        self._columns.append(column)

    def next(self) -> int:
        """The index of the next row's cells in all columns."""
        if self._at == _CHUNK:
            self.close()
        self._at += 1
        return self._at - 1

    def close(self) -> None:
        """Turns what the chunks hold into bytes; they are empty afterwards."""
        if self._at > 0:
            for column in self._columns:
                column.keep(self._at)
        self._at = 0


class Cells:
    """A column of numbers of one width; `cells`, which each kind has, is the chunk that is being filled."""

    __slots__ = ("_bytes", "_full", "_rows", "_width")

    def __init__(self, rows: Rows) -> None:
        self._bytes = memoryview(b"")
        self._width = 0
        self._full = bytearray()  # grows in place: chunks of their own would be copied once more in the end
        self._rows = rows
        rows.hold(self)

    def chunk(self, typecode: str) -> array[Any]:
        """The chunk that the column is filled by, of numbers as `array` names them."""
        chunk = array(typecode, [0]) * CHUNK
        self._bytes = memoryview(chunk).cast("B")
        self._width = chunk.itemsize
        return chunk

    def keep(self, count: int) -> None:
        """Puts the first `count` cells to those that are full."""
        self._full += self._bytes[: count * self._width]

    def take(self) -> bytearray:
        """The numbers in the machine's order and width; the column is empty afterwards."""
        self._rows.close()
        taken = self._full
        self._full = bytearray()
        return taken


class Longs(Cells):
    """A column of 64-bit numbers."""

    __slots__ = ("cells",)

    def __init__(self, rows: Rows) -> None:
        super().__init__(rows)
        self.cells = self.chunk("q")


class Reals(Cells):
    """A column of doubles, none of which is negative: -1 is no value."""

    __slots__ = ("cells",)

    def __init__(self, rows: Rows) -> None:
        super().__init__(rows)
        self.cells = self.chunk("d")

    def put(self, at: int, value: float | None) -> None:
        self.cells[at] = -1.0 if value is None else value


class Ints(Cells):
    """A column of 32-bit numbers."""

    __slots__ = ("cells",)

    def __init__(self, rows: Rows) -> None:
        super().__init__(rows)
        self.cells = self.chunk("i")


class Flags(Ints):
    """A column of true, false and none, kept as 1, 0 and -1."""

    __slots__ = ()

    def put(self, at: int, value: bool | None) -> None:
        self.cells[at] = -1 if value is None else 1 if value else 0


class Names(Ints):
    """A column of things that repeat: each distinct one is kept once, a row is its number, none is -1."""

    __slots__ = ("_codes", "_last", "_last_code", "_last_number", "_last_number_code")

    def __init__(self, rows: Rows) -> None:
        super().__init__(rows)
        self._codes: dict[Hashable, int] = {}
        self._last: Hashable | None = None  # most rows say what the row before said, with the same object
        self._last_code = -1
        self._last_number = -1  # the same of `put_number`, apart: a column may have rows from both
        self._last_number_code = -1

    def put(self, at: int, key: Hashable | None) -> None:
        if key is not self._last:
            self._last_code = -1 if key is None else self.code(key)
            self._last = key
        self.cells[at] = self._last_code

    def put_number(self, at: int, number: int) -> None:
        """Puts a number, none if it is negative; into a column that holds nothing but numbers and none."""
        if number != self._last_number:
            self._last_number_code = -1 if number < 0 else self.code(number)
            self._last_number = number
        self.cells[at] = self._last_number_code

    def code(self, key: Hashable) -> int:
        """The number of `key`."""
        code = self._codes.get(key)
        if code is None:
            code = len(self._codes)
            self._codes[key] = code
        return code

    def keys(self) -> list[Hashable]:
        """What the numbers mean, in their order; it stays when the column is taken."""
        return list(self._codes)
