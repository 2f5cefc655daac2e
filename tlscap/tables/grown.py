"""Growing columns as numpy has them, and in another order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tlscap.tables.arrow import Coded, gather
from tlscap.tables.cells import Flags, Ints, Longs, Names, Reals
from tlscap.tables.packed import Packed

Columns = dict[str, Any]
"""By name: an array or a `Coded`, all as long as the table."""

_WIDTHS: dict[type, Any] = {Longs: np.int64, Ints: np.int32, Reals: np.float64, Flags: np.int32, Names: np.int32}


def taken(rows: object, names: Iterable[str]) -> Columns:
    """The columns `names` of a growing table, which is without them afterwards."""
    return {name: _array(getattr(rows, name)) for name in names}


def reorder(columns: Columns, order: NDArray[np.int64], lists: Mapping[str, Sequence[str]]) -> None:
    """Puts the rows into another order; `lists` is from columns that count to what they count.

    In place: to have memory that was not touched before takes longer than to copy.
    """
    inner: dict[str, NDArray[np.int64]] = {}
    for count, names in lists.items():
        counts = columns[count].astype(np.int64)
        starts = np.zeros(len(counts) + 1, np.int64)
        np.cumsum(counts, out=starts[1:])
        inner |= dict.fromkeys(names, gather(starts[:-1][order], counts[order])[0])
    for name, column in columns.items():
        values = column.codes if isinstance(column, Coded) else column
        values[...] = values.take(inner.get(name, order), axis=0)


def spread(forms: Columns, rows: NDArray[np.int32]) -> Columns:
    """What the rows of a big table say that are told by the number of their form."""
    return {
        name: Coded(column.codes.take(rows), column.keys) if isinstance(column, Coded) else column.take(rows)
        for name, column in forms.items()
    }


def inverse(order: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where each row of before is now."""
    where = np.empty(len(order), np.int64)
    where[order] = np.arange(len(order))
    return where


def _array(cells: Any) -> Any:
    kind = cells.kind if isinstance(cells, Packed) else type(cells)
    numbers = np.frombuffer(cells.take(), _WIDTHS[kind])
    return Coded(numbers, cells.keys()) if kind is Names else numbers
