"""The tables as a DuckDB database in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tlscap.tables.finish import Tables

if TYPE_CHECKING:
    import duckdb

_SMALL = 100_000
"""Rows up to which one thread is enough, and cheaper than two."""


def connect(tables: Tables) -> duckdb.DuckDBPyConnection:
    """A connection that sees the tables by their names and nothing else: no file, no network, no variable."""
    import duckdb

    config: dict[str, str | bool | int | float | list[str]] = {
        "enable_external_access": False,
        "python_enable_replacements": False,
    }
    if tables.connections.num_rows <= _SMALL:
        config["threads"] = 1
    connection = duckdb.connect(":memory:", config=config)
    connection.execute("set timezone = 'UTC'")
    for name, table in tables.by_name().items():
        connection.register(name, table)
    return connection
