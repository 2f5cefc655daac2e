"""What a table is made of: plain data, so that reading the schema costs no import of pyarrow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Type = Literal[
    "string",  # text, every value its own
    "name",  # text that repeats from row to row: dictionary-encoded
    "names",  # list of text
    "bool",
    "int32",
    "int64",
    "float64",
    "instant",  # timestamp[ns, UTC]
    "frame",  # struct{file, frame}: where a packet lies
    "frames",  # list of frame
    "key",  # 8 bytes of a hash
    "reasons",  # map from text to text
    "counts",  # map from text to int64
    "messages",  # list of struct{frame, time, sender, type, length}
]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `meaning` is a sentence for the documentation; `values` lists all words it can hold, if few."""

    name: str
    type: Type
    meaning: str
    unit: str = ""
    values: tuple[str, ...] = ()
    nullable: bool = True


@dataclass(frozen=True, slots=True)
class Table:
    """One table: `row` says what a row is."""

    name: str
    row: str
    columns: tuple[Column, ...]

    def names(self) -> tuple[str, ...]:
        """The columns' names, in order."""
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        """The column of that name; KeyError if there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)
