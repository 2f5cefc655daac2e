"""`python -m tlscap.tables.document` prints docs/tables.md, made from the schema."""

from __future__ import annotations

from collections.abc import Iterator

from tlscap.tables.column import Column, Table, Type
from tlscap.tables.schema import SCHEMA_VERSION, TABLES

_HEAD = f"""# Tables

Made from the schema by `python -m tlscap.tables.document > docs/tables.md`. Schema version {SCHEMA_VERSION}.

They are pyarrow tables in Python (`analysis.connections`), Parquet files in `DIR/tables/`, and tables of the same
names in `analysis.sql(...)`. Every Parquet file carries `schema_version` in its metadata.

Null means not there. What cannot be told is null too, and its column is named in `unknown`, a map from column to
reason: `not_captured`, `encrypted`, `one_sided`, `cut`. A type with `?` can be null.

Instants are nanoseconds in UTC, in JSON and CSV text RFC 3339 with nine digits. Durations are seconds. A frame is
the file and the number of a packet in it, counted from 1 as Wireshark does. In `--json` an object is one connection,
with its `alerts`, `handshakes` and `anomalies` nested under these names.
"""

_HISTORY = """## Letters of `history`

The client's are capitals, the server's small: `h` hello_request, `c` client_hello, `s` server_hello, `v`
hello_verify_request, `t` new_session_ticket, `x` certificate, `k` server_key_exchange, `r` certificate_request, `n`
server_hello_done, `y` certificate_verify, `g` client_key_exchange, `f` finished, `i` change_cipher_spec, `j`
hello_retry_request, `l` alert, `d` application data, `u` certificate_status, `o` encrypted_extensions, `e`
end_of_early_data, `p` key_update, `b` heartbeat. A run of data is one letter a side until something else comes;
after 200 letters it ends in `…`. Letters that are inferred from encrypted records stand in brackets.
"""

_TYPES: dict[Type, str] = {
    "string": "text",
    "name": "text",
    "names": "list of text",
    "bool": "boolean",
    "int32": "int32",
    "int64": "int64",
    "float64": "float64",
    "instant": "timestamp",
    "frame": "frame",
    "frames": "list of frames",
    "key": "8 bytes",
    "reasons": "map text to text",
    "counts": "map text to int64",
    "messages": "list of struct",
}


def render_document() -> str:
    """The whole of docs/tables.md."""
    sections = [_HEAD]
    for table in TABLES:
        sections.append("\n".join(_table(table)) + "\n")
        if table.name == "connections":
            sections.append(_HISTORY)
    return "\n".join(sections)


def _table(table: Table) -> Iterator[str]:
    yield f"## {table.name}\n"
    yield f"{table.row[0].upper()}{table.row[1:]}.\n"
    yield "| column | type | meaning |"
    yield "|---|---|---|"
    for column in table.columns:
        kind = _TYPES[column.type] + ("?" if column.nullable else "") + (f", {column.unit}" if column.unit else "")
        yield f"| `{column.name}` | {kind} | {_meaning(column)} |"


def _meaning(column: Column) -> str:
    if not column.values:
        return column.meaning
    return f"{column.meaning} One of {', '.join(f'`{value}`' for value in column.values)}."


if __name__ == "__main__":
    print(render_document(), end="")
