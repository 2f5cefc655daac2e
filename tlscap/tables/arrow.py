"""numpy arrays of numbers to pyarrow arrays, without pyarrow.compute, whose import every run would pay.

`absent` is the number that is no value. Everything here copies at most once.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tlscap.capture.batch import FRAME_BITS, FRAME_MASK
from tlscap.tables.column import Column
from tlscap.tables.schema import arrow_schema, arrow_type, table

INSTANT = pa.timestamp("ns", tz="UTC")

_NS = 1e9
_NO_FRAME = 0
_FIRST_ROWS = 2048


@dataclass(slots=True)
class Coded:
    """Things that repeat: row i is `keys[codes[i]]`, or nothing where the code is -1."""

    codes: NDArray[np.int32]
    keys: list[Any]

    def code(self, key: Hashable) -> int:
        """The code of `key`, which is added if it is new."""
        if key not in self.keys:
            self.keys.append(key)
        return self.keys.index(key)

    def where(self, key: Hashable) -> NDArray[np.bool_]:
        """Which rows are `key`."""
        wanted = self.keys.index(key) if key in self.keys else -2
        return np.equal(self.codes, wanted)


def numbers(values: NDArray[Any], kind: pa.DataType, absent: float | None) -> pa.Array:
    """An array of `kind`, null where a value is `absent`; `values` are as wide as `kind`."""
    bitmap, nulls = _validity(values, absent)
    return pa.Array.from_buffers(kind, len(values), [bitmap, pa.py_buffer(np.ascontiguousarray(values))], nulls)


def seconds(ns: NDArray[np.int64]) -> pa.Array:
    """Nanoseconds as seconds, null where they are negative."""
    bitmap, nulls = _validity(np.where(ns < 0, -1, ns), -1)
    return pa.Array.from_buffers(pa.float64(), len(ns), [bitmap, pa.py_buffer(ns / _NS)], nulls)


def flags(values: NDArray[np.int32]) -> pa.Array:
    """1 is true, 0 is false, -1 is null."""
    bitmap, nulls = _validity(values, -1)
    return pa.Array.from_buffers(pa.bool_(), len(values), [bitmap, _bits(values == 1)], nulls)


def keys(values: NDArray[np.int64]) -> pa.Array:
    """Numbers as their 8 bytes, the highest first; 0 is null."""
    bitmap, nulls = _validity(values, 0)
    return pa.Array.from_buffers(pa.binary(8), len(values), [bitmap, pa.py_buffer(values.astype(">i8"))], nulls)


def fixed_texts(texts: bytes, characters: int) -> pa.Array:
    """ASCII texts of one length, given one after the other."""
    offsets = np.arange(0, len(texts) + 1, characters, dtype=np.int32)
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(texts)]
    return pa.Array.from_buffers(pa.string(), len(texts) // characters, buffers, 0)


def names(coded: Coded, text: Callable[[Any], str | None] = str) -> pa.Array:
    """Dictionary-encoded text, in the order of first use, so that equal columns have equal dictionaries.

    `text` is asked once for each key that is used; None is null.
    """
    distinct: dict[str, int] = {}
    renumbered = np.full(len(coded.keys) + 1, -1, np.int32)  # the last is for the code -1
    for code in _by_first_use(coded):
        word = text(coded.keys[code])
        if word is not None:
            renumbered[code] = distinct.setdefault(storable(word), len(distinct))
    same = bool((renumbered[:-1] == np.arange(len(coded.keys))).all())
    return references(coded.codes if same else renumbered.take(coded.codes), list(distinct))


def _renumbered(coded: Coded) -> Coded:
    """The same with the keys in the order of first use."""
    order = _by_first_use(coded)
    renumbered = np.full(len(coded.keys) + 1, -1, np.int32)
    renumbered[order] = np.arange(len(order), dtype=np.int32)
    return Coded(renumbered[coded.codes], [coded.keys[code] for code in order])


def _by_first_use(coded: Coded) -> list[int]:
    """The keys that rows have, by the first of them; mostly all keys there are come in the first few rows."""
    order: list[int] = []
    for rows in (_FIRST_ROWS, len(coded.codes)):
        codes = coded.codes[:rows]
        first = np.full(len(coded.keys) + 1, len(codes), np.int64)
        first[codes[::-1]] = np.arange(len(codes) - 1, -1, -1)  # of several assignments the last one stays
        order = np.argsort(first[:-1], kind="stable")[: int(np.count_nonzero(first[:-1] < len(codes)))].tolist()
        if len(order) == len(coded.keys):
            break
    return order


def references(codes: NDArray[np.int32], values: Sequence[str] | pa.Array) -> pa.Array:
    """Dictionary-encoded text from numbers of `values`; -1 is null."""
    dictionary = values if isinstance(values, pa.Array) else pa.array(values, pa.string())
    indices = numbers(codes.astype(np.int32, copy=False), pa.int32(), -1)
    return pa.DictionaryArray.from_arrays(indices, dictionary, safe=False)  # the numbers are ours


def coded(keys: Sequence[Hashable | None]) -> Coded:
    """What is not yet in numbers."""
    numbered = {key: code for code, key in enumerate(dict.fromkeys(key for key in keys if key is not None))}
    return Coded(np.array([-1 if key is None else numbered[key] for key in keys], np.int32), list(numbered))


def used(codes: NDArray[Any], texts: NDArray[np.bytes_]) -> pa.Array:
    """Dictionary-encoded text as `references` gives, with only those ASCII `texts` that are referred to."""
    is_used = np.zeros(len(texts) + 1, np.bool_)
    is_used[codes] = True  # the last is for the code -1
    distinct = np.flatnonzero(is_used[:-1])
    renumbered = np.full(len(texts) + 1, -1, np.int32)
    renumbered[distinct] = np.arange(len(distinct), dtype=np.int32)
    return references(renumbered[codes], fixed_texts(texts[distinct].tobytes(), texts.dtype.itemsize))


def name_lists(coded: Coded) -> pa.Array:
    """Lists of text; the keys are tuples of text."""
    words, offsets, bitmap = _spread(coded.codes, coded.keys)
    children = _texts(*words)
    return pa.Array.from_buffers(
        arrow_type("names"), len(coded.codes), [bitmap, pa.py_buffer(offsets)], children=[children]
    )


def reasons(coded: Coded) -> pa.Array:
    """Maps from text to text; the keys are tuples of pairs. Equal columns have equal dictionaries."""
    coded = _renumbered(coded)
    what, offsets, _ = _spread(coded.codes, [tuple(name for name, _ in key) for key in coded.keys])
    why, _, _ = _spread(coded.codes, [tuple(reason for _, reason in key) for key in coded.keys])
    return pa.MapArray.from_arrays(numbers(offsets, pa.int32(), None), references(*what), references(*why))


def frames(ids: NDArray[np.int64], files: pa.Array) -> pa.Array:
    """Frame ids as {file, frame}, null where there is none."""
    absent = ids == _NO_FRAME
    which = np.where(absent, -1, ids >> FRAME_BITS).astype(np.int32)
    which[which >= len(files)] = -1
    children = [references(which, files), numbers(ids & FRAME_MASK, pa.int64(), None)]
    bitmap, nulls = _validity(ids, _NO_FRAME)
    return pa.Array.from_buffers(arrow_type("frame"), len(ids), [bitmap], nulls, children=children)


def lists(counts: NDArray[np.int32], children: pa.Array) -> pa.Array:
    """Lists of `counts[i]` children each."""
    offsets = np.zeros(len(counts) + 1, np.int32)
    np.cumsum(counts, out=offsets[1:])
    return pa.ListArray.from_arrays(numbers(offsets, pa.int32(), None), children)


def column(of: Column, values: Any, text: Callable[[Any], str | None] = str) -> pa.Array:
    """A column by the type that the schema gives it; `values` is what `cells.py` kept of it."""
    kind = of.type
    if kind == "name":
        return names(values, text)
    if kind == "names":
        return name_lists(values)
    if kind == "reasons":
        return reasons(values)
    if kind == "bool":
        return flags(values)
    if kind == "key":
        return keys(values)
    if of.unit == "s":
        return seconds(values)
    absent = (0 if kind == "instant" else -1) if of.nullable else None
    return numbers(values, arrow_type(kind), absent)


def table_of_rows(name: str, rows: Sequence[dict[str, Any]]) -> pa.Table:
    """The table `name` from Python values, for tables that are small; lists of text are tuples."""
    arrays = []
    for of in table(name).columns:
        values = [row[of.name] for row in rows]
        if of.type == "name":
            arrays.append(names(coded(values)))
        elif of.type == "names":
            arrays.append(name_lists(coded(values)))
        else:
            arrays.append(pa.array(values, arrow_type(of.type)))
    return pa.Table.from_arrays(arrays, schema=arrow_schema(name))


def storable(text: str) -> str:
    """`text` as UTF-8 can hold it: a lone surrogate, as from a file name that is no UTF-8, is written out."""
    return text.encode("utf-8", "backslashreplace").decode()


def _texts(codes: NDArray[np.int32], words: list[str]) -> pa.Array:
    """Plain text from numbers of `words`."""
    encoded = [word.encode() for word in words]
    lengths = np.array([len(word) for word in encoded] + [0], np.int32)
    offsets = np.zeros(len(codes) + 1, np.int32)
    np.cumsum(lengths[codes], out=offsets[1:])
    data = b"".join([encoded[code] for code in codes.tolist()])
    return pa.Array.from_buffers(pa.string(), len(codes), [None, pa.py_buffer(offsets), pa.py_buffer(data)], 0)


def _validity(values: NDArray[Any], absent: float | None) -> tuple[pa.Buffer | None, int]:
    if absent is None:
        return None, 0
    valid = values != absent
    nulls = int(len(values) - np.count_nonzero(valid))
    return (_bits(valid), nulls) if nulls else (None, 0)


def _bits(flags: NDArray[np.bool_]) -> pa.Buffer:
    return pa.py_buffer(np.packbits(flags, bitorder="little").tobytes())


def _spread(
    codes: NDArray[np.int32], lists: list[tuple[str, ...]]
) -> tuple[tuple[NDArray[np.int32], list[str]], NDArray[np.int32], pa.Buffer | None]:
    """The lists that `codes` name, one after the other as numbers of words; the words; offsets; which are null."""
    words: dict[str, int] = {}
    flat = np.array([words.setdefault(storable(w), len(words)) for each in lists for w in each], np.int32)
    lengths = np.array([len(each) for each in lists] + [0], np.int64)  # the last is for the code -1
    starts = np.concatenate([[0], np.cumsum(lengths[:-1])])
    at, offsets = gather(starts[codes], lengths[codes])
    bitmap, _ = _validity(codes, -1)
    return (flat[at], list(words)), offsets.astype(np.int32), bitmap


def gather(starts: NDArray[np.int64], counts: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Indices of all ranges `starts[i]` to `starts[i] + counts[i]`, one after the other, and their offsets."""
    offsets = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(counts, out=offsets[1:])
    return np.repeat(starts - offsets[:-1], counts) + np.arange(offsets[-1]), offsets
