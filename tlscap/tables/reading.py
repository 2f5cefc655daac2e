"""pyarrow arrays of these tables as numpy and Python have them, without pyarrow.compute and without loss.

pyarrow's own `to_pylist` makes Python datetimes, which have no nanoseconds.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray


def single(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    """A column as one array."""
    if isinstance(column, pa.ChunkedArray):
        column = column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
        if isinstance(column, pa.ChunkedArray):  # no chunk at all, or too long for one
            column = column.chunk(0) if column.num_chunks else pa.array([], column.type)
    return column


def valid(array: pa.Array) -> NDArray[np.bool_]:
    """Which values are not null."""
    bitmap = array.buffers()[0]
    if bitmap is None:
        return np.ones(len(array), np.bool_)
    bits = np.unpackbits(np.frombuffer(bitmap, np.uint8), bitorder="little")
    return bits[array.offset : array.offset + len(array)].astype(np.bool_)


def numbers(array: pa.Array) -> NDArray[Any]:
    """Integers, floats, or instants as nanoseconds; what a null reads as is not defined."""
    kind = np.int64 if pa.types.is_timestamp(array.type) else array.type.to_pandas_dtype()
    data = array.buffers()[1]
    return np.frombuffer(data, kind)[array.offset : array.offset + len(array)] if data else np.zeros(len(array), kind)


def flags(array: pa.Array) -> NDArray[np.bool_]:
    """Booleans; what a null reads as is not defined."""
    data = array.buffers()[1]
    if data is None:
        return np.zeros(len(array), np.bool_)
    bits = np.unpackbits(np.frombuffer(data, np.uint8), bitorder="little")
    return bits[array.offset : array.offset + len(array)].astype(np.bool_)


def codes(array: pa.DictionaryArray) -> NDArray[np.int32]:
    """Numbers of the dictionary's values, -1 for null."""
    return np.where(valid(array.indices), numbers(array.indices), -1).astype(np.int32)


class Words:
    """The texts of dictionaries, each made once however many slices of its column there are."""

    def __init__(self, text: Callable[[str], str], absent: str) -> None:
        self._text = text
        self._absent = absent
        self._known: dict[tuple[int, int], list[str]] = {}

    def of(self, array: pa.DictionaryArray) -> list[str]:
        """Every value of `array` as text."""
        dictionary = array.dictionary
        data = dictionary.buffers()[2]
        key = (data.address if data else 0, len(dictionary))
        words = self._known.get(key)
        if words is None:
            words = [self._text(word) for word in dictionary.to_pylist()] + [self._absent]  # the last for code -1
            self._known[key] = words
        return [words[code] for code in codes(array).tolist()]


def ranges(array: pa.ListArray | pa.MapArray) -> tuple[list[int], list[int]]:
    """Where each list's children begin and end in all children, from the first of this array's."""
    offsets = numbers(array.offsets)
    offsets = offsets - offsets[0]
    return offsets[:-1].tolist(), offsets[1:].tolist()


def children(array: pa.ListArray | pa.MapArray) -> pa.Array:
    """The children of all lists, one after the other."""
    offsets = array.offsets
    first, last = offsets[0].as_py(), offsets[len(array)].as_py()
    inner = (
        array.values
        if isinstance(array, pa.ListArray)
        else pa.StructArray.from_arrays([array.keys, array.items], names=["key", "value"])
    )
    return inner.slice(first, last - first)


def instants(array: pa.Array) -> list[str]:
    """RFC 3339 with nine digits, in UTC; what a null reads as is not defined."""
    texts = np.datetime_as_string(numbers(array).view("datetime64[ns]"), unit="ns")
    return [text + "Z" for text in texts.tolist()]
