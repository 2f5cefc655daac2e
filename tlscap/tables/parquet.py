"""Writes the tables as Parquet files, all of them or none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from tlscap.tables.finish import Tables
from tlscap.tables.whole import whole_files

BATCH_ROWS = 1 << 14
"""Values that are encoded at once; of fewer, each costs more to begin than to encode."""


def write_parquet(tables: Tables, directory: Path) -> list[Path]:
    """Writes `directory/NAME.parquet` for each table, and gives the paths; see `whole_files`."""
    with whole_files(directory) as part:
        made = write_tables(tables, part)
    return [directory / path.name for path in made]


def write_tables(tables: Tables, directory: Path) -> list[Path]:
    """The same into a folder that nobody looks into yet; an error leaves there what was written until then."""
    directory.mkdir(exist_ok=True)
    paths = []
    for name, table in tables.by_name().items():
        paths.append(directory / f"{name}.parquet")
        _write(table, paths[-1])
    return paths


def _write(table: pa.Table, path: Path) -> None:
    from pyarrow import parquet

    repeating = [path for field in table.schema for path in _repeating(field.name, field.type)]
    instants = [field.name for field in table.schema if pa.types.is_timestamp(field.type)]
    parquet.write_table(
        table,
        path,
        use_dictionary=repeating or False,
        write_statistics=instants or False,  # readers skip row groups by time; to find the least of all else costs
        write_batch_size=BATCH_ROWS,
        version="2.6",
        compression="snappy",
    )


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
