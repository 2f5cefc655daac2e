"""Counts over the columns of a table, in numpy, for what every run asks: importing DuckDB takes longer than all."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tlscap.tables import reading
from tlscap.tables.arrow import Coded

Booleans = NDArray[np.bool_]

_PORT_BITS = 16
_FEW = 1 << 16
"""Combinations up to which each is given a counter; more are sorted."""


def words(table: pa.Table, name: str) -> Coded:
    """A column of text that repeats; the keys are its texts."""
    array = reading.single(table[name])
    return Coded(reading.codes(array), array.dictionary.to_pylist())


def true(table: pa.Table, name: str) -> Booleans:
    """Which rows of a column of booleans are true; null is not."""
    array = reading.single(table[name])
    return reading.flags(array) & reading.valid(array)


def numbers(table: pa.Table, name: str) -> NDArray[Any]:
    """A column of numbers, or of instants as nanoseconds, with 0 for null."""
    array = reading.single(table[name])
    values = reading.numbers(array)
    return np.where(reading.valid(array), values, 0) if array.null_count else values


def present(table: pa.Table, name: str) -> tuple[NDArray[Any], Booleans]:
    """A column of numbers, and which of them are not null."""
    array = reading.single(table[name])
    return reading.numbers(array), reading.valid(array)


def rows_of(connections: pa.Table, table: pa.Table) -> NDArray[np.int64]:
    """For each row of `table` the row of its connection."""
    uid, own = reading.single(connections["uid"]), reading.single(table["uid"])
    codes = reading.codes(own).astype(np.int64)
    if own.dictionary.equals(uid):
        return codes
    row = {text: at for at, text in enumerate(uid.to_pylist())}
    return np.array([row[text] for text in own.dictionary.to_pylist()], np.int64)[codes]


def servers(connections: pa.Table) -> Coded:
    """The server of each connection; the keys are addresses with ports."""
    each, distinct, keys = places(words(connections, "server_ip"), numbers(connections, "server_port"))
    return Coded(np.searchsorted(distinct, each).astype(np.int32), keys)


def places(ip: Coded, port: NDArray[np.int32]) -> tuple[NDArray[np.int64], NDArray[np.int64], list[tuple[Any, int]]]:
    """Address and port of each row as a number, the different numbers in order, and what these stand for."""
    each = ip.codes.astype(np.int64) << _PORT_BITS | port
    ordered = np.sort(each)
    distinct = ordered[np.diff(ordered, prepend=-1) != 0]  # np.unique would import numpy.ma, as long as all this
    keys = [(ip.keys[place >> _PORT_BITS], place & (1 << _PORT_BITS) - 1) for place in distinct.tolist()]
    return each, distinct, keys


def counted(rows: Booleans | None, *columns: Coded) -> dict[tuple[Any, ...], int]:
    """How many of the `rows`, of all if None, have each combination of keys, None where one is null.

    The most frequent first, those that are as frequent by their keys, None last.
    """
    number = np.zeros(len(columns[0].codes), np.int64)
    sizes = [len(column.keys) + 1 for column in columns]
    for column, size in zip(columns, sizes):
        number = number * size + (column.codes + 1)
    if rows is not None:
        number = number[rows]
    found = {}
    for each, count in zip(*(of.tolist() for of in _counts(number, int(np.prod(sizes, dtype=np.float64))))):
        places = []
        for size in reversed(sizes):
            each, place = divmod(each, size)
            places.append(place - 1)
        keys = (column.keys[place] if place >= 0 else None for column, place in zip(columns, reversed(places)))
        found[tuple(keys)] = count
    return dict(sorted(found.items(), key=lambda item: (-item[1], *((key is None, key or "") for key in item[0]))))


def count(rows: Booleans | None, column: Coded) -> dict[Any, int]:
    """The same of one column, without what is null."""
    return {keys[0]: n for keys, n in counted(rows, column).items() if keys[0] is not None}


def _counts(values: NDArray[np.int64], below: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The different values, all of them under `below`, and how often each is there."""
    if below <= _FEW:
        counts = np.bincount(values, minlength=1)
        distinct = np.flatnonzero(counts)
        return distinct, counts[distinct]
    each = np.sort(values)
    begins = np.flatnonzero(np.diff(each, prepend=-1))
    return each[begins], np.diff(begins, append=len(each))
