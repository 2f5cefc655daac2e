"""The table `certificates`: what each distinct certificate says."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from tlscap.tables.arrow import storable, table_of_rows
from tlscap.tables.certificate_rows import CertificateRows, Described, Seen
from tlscap.tables.schema import table

_TEXT = ("sha1", "subject", "issuer", "serial", "key", "signature_algorithm", "error")
_SAME = ("self_signed", "is_ca", "subject_alternative_names")


def certificate_table(rows: CertificateRows, described: Described) -> pa.Table:
    """One row a distinct certificate, in the order in which they were first seen."""
    return table_of_rows("certificates", [_row(digest, seen, described) for digest, seen in rows.seen().items()])


def _row(digest: bytes, seen: Seen, described: Described) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(table("certificates").names())
    row |= {"sha256": digest.hex(), "roles": tuple(sorted(seen.roles)), "connections": seen.connections}
    certificate = described.get(digest)
    if certificate is None:
        return row | {"error": "its bytes were not kept"}
    for name in _TEXT:
        text = getattr(certificate, name)
        row[name] = None if text is None else storable(text)
    row |= {name: getattr(certificate, name) for name in _SAME}
    return row | {"not_before": certificate.not_before_ns or None, "not_after": certificate.not_after_ns or None}
