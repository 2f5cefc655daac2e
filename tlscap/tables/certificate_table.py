"""The table `certificates`: what each distinct certificate says."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from tlscap.tables.arrow import table_of_rows
from tlscap.tables.certificate_rows import CertificateRows, Described, Seen
from tlscap.tables.schema import table

_TOLD = ("subject", "issuer", "serial", "key", "signature_algorithm", "self_signed", "is_ca")


def certificate_table(rows: CertificateRows, described: Described) -> pa.Table:
    """One row a distinct certificate, in the order in which they were first seen."""
    found = [_row(digest, seen, described) for digest, seen in rows.seen().items()]
    return table_of_rows("certificates", found)


def _row(digest: bytes, seen: Seen, described: Described) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(table("certificates").names())
    row |= {"sha256": digest.hex(), "roles": tuple(sorted(seen.roles)), "connections": seen.connections}
    certificate = described.get(digest)
    if certificate is None:
        return row | {"error": "its bytes were not kept"}

    return row
