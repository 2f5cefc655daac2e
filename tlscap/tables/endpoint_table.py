"""The table `endpoints`: of all connections without TLS those to where TLS was spoken."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import pyarrow as pa

from tlscap.tables.arrow import table_of_rows
from tlscap.tables.texts import address_text

Endpoint = tuple[bytes, int, int]
"""Address, port, and the minute by its beginning in ns."""

_COUNTS = ("refused", "unanswered", "silent", "plain_http", "other")


def endpoint_table(counts: Mapping[Endpoint, Sequence[int]], servers: Collection[tuple[bytes, int]]) -> pa.Table:
    """One row an endpoint of which address and port are one of `servers`, sorted by time.

    The counts of an endpoint are in the order of the table's columns.
    """
    rows = []
    for (ip, port, minute), counted in sorted(counts.items(), key=lambda item: (item[0][2], item[0])):
        if (ip, port) in servers:
            row = {"server_ip": address_text(ip), "server_port": port, "minute": minute}
            rows.append(row | dict(zip(_COUNTS, counted)))
    return table_of_rows("endpoints", rows)
