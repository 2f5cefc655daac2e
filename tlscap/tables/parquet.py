"""Writes the tables as Parquet files, all of them or none."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import pyarrow as pa

from tlscap.tables.errors import TablesError
from tlscap.tables.finish import Tables

_PART = ".part"


def write_parquet(tables: Tables, directory: Path) -> list[Path]:
    """Writes `directory/NAME.parquet` for each table, and makes the directory if there is none.

    The files get their names when all of them are whole: a full disk or Ctrl-C leaves what was there
    before. TablesError, in one line, if it cannot be done.
    """
    finals = {directory / f"{name}.parquet": table for name, table in tables.by_name().items()}
    parts = {final: final.with_name(f"{final.name}{_PART}{os.getpid()}") for final in finals}
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for final, table in finals.items():
            _write(table, parts[final])
        for final, part in parts.items():
            part.replace(final)
    except OSError as error:
        raise TablesError(f"{directory}: cannot write the tables: {error.strerror or error}") from error
    finally:
        _remove(parts.values())
    return list(finals)


def _write(table: pa.Table, path: Path) -> None:
    from pyarrow import parquet

    repeating = [path for field in table.schema for path in _repeating(field.name, field.type)]
    parquet.write_table(table, path, use_dictionary=repeating or False, version="2.6", compression="snappy")


def _repeating(path: str, kind: pa.DataType) -> Iterator[str]:
    """The leaves under a column that repeat, as Parquet names them; the others would only be tried in vain."""
    if pa.types.is_dictionary(kind):
        yield path
    elif pa.types.is_map(kind):
        yield from _repeating(f"{path}.key_value.key", kind.key_type)
        yield from _repeating(f"{path}.key_value.value", kind.item_type)
    elif pa.types.is_list(kind):
        yield from _repeating(f"{path}.list.element", kind.value_type)
    elif pa.types.is_struct(kind):
        for field in kind:
            yield from _repeating(f"{path}.{field.name}", field.type)


def _remove(paths: Iterable[Path]) -> None:
    for path in paths:
        with suppress(OSError):
            path.unlink()
