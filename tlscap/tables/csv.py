"""The table `connections` as CSV (RFC 4180), safe to open in a spreadsheet.

Peers choose some of the text, a server name for instance: a cell that a spreadsheet would take for a
formula gets an apostrophe in front, and control characters are written out.
"""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from tlscap.tables import reading
from tlscap.tables.finish import Tables

BATCH = 1024
"""Connections that are text at a time."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")  # the last, full-width twins


def render_csv(tables: Tables) -> Iterator[str]:
    """A header and a line a connection, without line ends.

    Lists are separated by spaces, a frame is `file#frame`, a map `name=value`; nothing is an empty cell.
    """
    connections = tables.connections
    words = reading.Words(str, "")
    yield ",".join(connections.column_names)
    for start in range(0, connections.num_rows, BATCH):
        batch = connections.slice(start, BATCH)
        columns = [list(map(cell, _texts(reading.single(column), words))) for column in batch.columns]
        yield from map(",".join, zip(*columns))


def cell(text: str) -> str:
    """One cell: defused, without control characters, quoted where it has to be."""
    if text.isalnum() and text.isascii():
        return text
    if text.startswith(_FORMULA):
        text = "'" + text
    if not text.isprintable():
        text = "".join(char if char.isprintable() else _escaped(char) for char in text)
    if "," in text or '"' in text:
        return '"' + text.replace('"', '""') + '"'
    return text


def _escaped(char: str) -> str:
    return char.encode("unicode_escape").decode()


def _texts(array: pa.Array, words: reading.Words) -> list[str]:
    """Every value as text."""
    if pa.types.is_dictionary(array.type):
        return words.of(array)
    texts = _present(array, words)
    if array.null_count:
        return [text if is_valid else "" for text, is_valid in zip(texts, reading.valid(array).tolist())]
    return texts


def _present(array: pa.Array, words: reading.Words) -> list[str]:
    """Every value as text; what stands for a null does not matter."""
    kind = array.type
    if pa.types.is_map(kind):
        pairs = reading.children(array)
        inner = list(map("{}={}".format, _texts(pairs.field("key"), words), _texts(pairs.field("value"), words)))
        return [" ".join(inner[a:b]) for a, b in zip(*reading.ranges(array))]
    if pa.types.is_list(kind):
        inner = _texts(reading.children(array), words)
        return [" ".join(inner[a:b]) for a, b in zip(*reading.ranges(array))]
    if pa.types.is_struct(kind):  # a frame
        return list(map("{}#{}".format, *(_texts(array.field(at), words) for at in range(2))))
    if pa.types.is_timestamp(kind):
        return reading.instants(array)
    if pa.types.is_boolean(kind):
        return ["true" if flag else "false" for flag in reading.flags(array).tolist()]
    if pa.types.is_fixed_size_binary(kind):
        return [key.hex() if key else "" for key in array.to_pylist()]
    if pa.types.is_string(kind):
        return [text or "" for text in array.to_pylist()]
    return list(map(repr, reading.numbers(array).tolist()))
