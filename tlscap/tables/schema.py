"""All tables, and their pyarrow schemas, which are made only when asked for."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from tlscap.tables.alerts import ALERTS
from tlscap.tables.anomalies import ANOMALIES
from tlscap.tables.certificates import CERTIFICATES
from tlscap.tables.column import Table, Type
from tlscap.tables.connections import CONNECTIONS
from tlscap.tables.coverage import COVERAGE
from tlscap.tables.endpoints import ENDPOINTS
from tlscap.tables.handshakes import HANDSHAKES

if TYPE_CHECKING:
    import pyarrow as pa

SCHEMA_VERSION = 1
"""Goes up when a column is renamed, removed or changes its meaning; a new column leaves it as it is."""

TABLES: tuple[Table, ...] = (CONNECTIONS, HANDSHAKES, ALERTS, CERTIFICATES, ANOMALIES, ENDPOINTS, COVERAGE)


def table(name: str) -> Table:
    """The table of that name; KeyError if there is none."""
    for each in TABLES:
        if each.name == name:
            return each
    raise KeyError(name)


@cache
def arrow_type(type: Type) -> pa.DataType:
    """The pyarrow type of a column type."""
    import pyarrow as pa

    name = pa.dictionary(pa.int32(), pa.string())
    frame = pa.struct([("file", name), ("frame", pa.int64())])
    instant = pa.timestamp("ns", tz="UTC")
    message = pa.struct([("frame", frame), ("time", instant), ("sender", name), ("type", name), ("length", pa.int64())])
    types: dict[Type, pa.DataType] = {
        "string": pa.string(),
        "name": name,
        "names": pa.list_(pa.string()),  # DuckDB 2.0 fails on lists of dictionaries when the first are empty
        "bool": pa.bool_(),
        "int32": pa.int32(),
        "int64": pa.int64(),
        "float64": pa.float64(),
        "instant": instant,
        "frame": frame,
        "frames": pa.list_(frame),
        "key": pa.binary(8),
        "reasons": pa.map_(name, name),
        "counts": pa.map_(pa.string(), pa.int64()),
        "messages": pa.list_(message),
    }
    return types[type]


@cache
def arrow_schema(name: str) -> pa.Schema:
    """The pyarrow schema of the table `name`, with `schema_version` in its metadata."""
    import pyarrow as pa

    fields = [pa.field(c.name, arrow_type(c.type), nullable=c.nullable) for c in table(name).columns]
    return pa.schema(fields, metadata={"schema_version": str(SCHEMA_VERSION), "table": name})
