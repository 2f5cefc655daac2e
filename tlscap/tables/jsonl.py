"""The tables as JSON Lines: one object a connection, with what hangs on it nested.

Text is made column by column, for most columns repeat: a distinct name is encoded once a run.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tlscap.tables import reading
from tlscap.tables.finish import Tables
from tlscap.tables.schema import SCHEMA_VERSION

BATCH = 1024
"""Connections that are text at a time."""

_NESTED = ("handshakes", "alerts", "anomalies")


def render_json_lines(tables: Tables) -> Iterator[str]:
    """One JSON object a connection, in their order, without line ends; ASCII only, so safe on a terminal."""
    connections = tables.connections
    encoder = Encoder()
    position = {uid: at for at, uid in enumerate(reading.single(connections["uid"]).to_pylist())}
    nested = {name: _Nested(getattr(tables, name), position, encoder) for name in _NESTED}
    version = f'{{"schema_version":{SCHEMA_VERSION},'
    for start in range(0, connections.num_rows, BATCH):
        batch = connections.slice(start, BATCH)
        columns = [encoder.members(name, batch[name]) for name in batch.column_names]
        for name, rows in nested.items():
            columns.append([f'"{name}":[{text}]' for text in rows.texts(start, batch.num_rows)])
        for members in zip(*columns):
            yield version + ",".join(members) + "}"


def render_rows(table: pa.Table) -> Iterator[str]:
    """One JSON object a row of any of the tables."""
    encoder = Encoder()
    for start in range(0, table.num_rows, BATCH):
        batch = table.slice(start, BATCH)
        for members in zip(*[encoder.members(name, batch[name]) for name in batch.column_names]):
            yield "{" + ",".join(members) + "}"


class _Nested:
    """A table whose rows hang on connections."""

    def __init__(self, table: pa.Table, position: dict[str, int], encoder: Encoder) -> None:
        uid = reading.single(table["uid"])
        at = np.array([position[each] for each in uid.dictionary.to_pylist()], np.int64)
        self._connection: NDArray[np.int64] = at[reading.codes(uid)] if len(uid) else np.zeros(0, np.int64)
        if np.any(self._connection[1:] < self._connection[:-1]):
            order = np.argsort(self._connection, kind="stable")
            self._connection, table = self._connection[order], table.take(order)
        self._table = table.drop_columns(["uid"])
        self._encoder = encoder

    def texts(self, start: int, count: int) -> list[str]:
        """For each of `count` connections from `start` its rows as objects, separated by commas."""
        edges = np.searchsorted(self._connection, np.arange(start, start + count + 1)).tolist()
        first, last = edges[0], edges[-1]
        if first == last:
            return [""] * count
        rows = self._table.slice(first, last - first)
        columns = [self._encoder.members(name, rows[name]) for name in rows.column_names]
        objects = ["{" + ",".join(members) + "}" for members in zip(*columns)]
        return [",".join(objects[a - first : b - first]) for a, b in pairwise(edges)]


class Encoder:
    """Arrays to JSON text, value by value."""

    def __init__(self) -> None:
        self._words = reading.Words(json.dumps, "null")

    def members(self, name: str, column: pa.ChunkedArray) -> list[str]:
        """Every value as a member of an object."""
        lead = f'"{name}":'
        return [lead + text for text in self.texts(reading.single(column))]

    def texts(self, array: pa.Array) -> list[str]:
        """Every value."""
        if pa.types.is_dictionary(array.type):
            return self._words.of(array)
        texts = self._present(array)
        if array.null_count:
            return [text if is_valid else "null" for text, is_valid in zip(texts, reading.valid(array).tolist())]
        return texts

    def _present(self, array: pa.Array) -> list[str]:
        """Every value; what stands for a null does not matter."""
        kind = array.type
        if pa.types.is_map(kind):
            pairs = reading.children(array)
            inner = list(map("{}:{}".format, self.texts(pairs.field("key")), self.texts(pairs.field("value"))))
            return [f"{{{','.join(inner[a:b])}}}" for a, b in zip(*reading.ranges(array))]
        if pa.types.is_list(kind):
            inner = self.texts(reading.children(array))
            return [f"[{','.join(inner[a:b])}]" for a, b in zip(*reading.ranges(array))]
        if pa.types.is_struct(kind):
            fields = [self.members(field.name, array.field(at)) for at, field in enumerate(kind)]
            return [f"{{{','.join(members)}}}" for members in zip(*fields)]
        if pa.types.is_timestamp(kind):
            return [f'"{text}"' for text in reading.instants(array)]
        if pa.types.is_boolean(kind):
            return ["true" if flag else "false" for flag in reading.flags(array).tolist()]
        if pa.types.is_fixed_size_binary(kind):
            return [f'"{key.hex()}"' if key else "" for key in array.to_pylist()]
        if pa.types.is_string(kind):
            return [json.dumps(text) for text in array.to_pylist()]
        return list(map(repr, reading.numbers(array).tolist()))
