"""Writes the tables as Parquet files, all of them or none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from tlscap.tables.finish import Tables
from tlscap.tables.whole import whole_files

BATCH_ROWS = 1 << 14
"""Values that are encoded at once; of fewer, each costs more to begin than to encode."""

ROW_GROUP_ROWS = 1 << 20

_SHRINKING = (pa.int32(), pa.int64(), pa.float64())
"""What compression is for: small numbers are mostly zeros. Names are numbers of a few bits already, texts that are all
different do not shrink by more than they take to compress."""

_OWN = ("uid",)
"""Names that hardly two rows share: to write them out takes a tenth of what a dictionary does, and no more bytes."""


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
    leaves = dict(leaf for field in table.schema for leaf in _leaves(field.name, field.type))
    repeating = [path for path, kind in leaves.items() if pa.types.is_dictionary(kind) and path not in _OWN]
    increasing = [path for path, kind in leaves.items() if pa.types.is_timestamp(kind) or path.endswith(".frame")]
    instants = [field.name for field in table.schema if pa.types.is_timestamp(field.type)]
    writer = _writer()(
        str(path),
        table.schema,
        use_dictionary=repeating or False,
        column_encoding=dict.fromkeys(increasing, "DELTA_BINARY_PACKED") or None,
        compression={path: "snappy" if kind in _SHRINKING else "none" for path, kind in leaves.items()},
        write_statistics=instants or False,  # readers skip row groups by time; to find the least of all else costs
        write_batch_size=BATCH_ROWS,
        version="2.6",
        writer_engine_version="V2",
    )
    writer.write_table(table, row_group_size=ROW_GROUP_ROWS)
    writer.close()


def _writer() -> Any:
    """What pyarrow.parquet.ParquetWriter is made of; that would import pyarrow.fs, with ssl and clients of clouds."""
    try:
        from pyarrow._parquet import ParquetWriter
    except ImportError:
        from pyarrow.parquet import ParquetWriter
    return ParquetWriter


def _leaves(path: str, kind: pa.DataType) -> Iterator[tuple[str, pa.DataType]]:
    """The columns that Parquet makes of one, by the names that it gives them."""
    if pa.types.is_map(kind):
        yield from _leaves(f"{path}.key_value.key", kind.key_type)
        yield from _leaves(f"{path}.key_value.value", kind.item_type)
    elif pa.types.is_list(kind):
        yield from _leaves(f"{path}.list.element", kind.value_type)
    elif pa.types.is_struct(kind):
        for field in kind:
            yield from _leaves(f"{path}.{field.name}", field.type)
    else:
        yield path, kind
