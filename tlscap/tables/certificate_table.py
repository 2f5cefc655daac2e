"""The table `certificates`: what each distinct certificate says."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from tlscap.tables.arrow import storable, table_of_rows
from tlscap.tables.certificate_rows import CertificateRows
from tlscap.tables.described import Described
from tlscap.tables.schema import table

_TEXT = ("sha1", "subject", "issuer", "serial", "key", "signature_algorithm", "error")
_SAME = ("self_signed", "is_ca", "subject_alternative_names")


@dataclass(slots=True)
class Seen:
    """Where a certificate was seen."""

    connections: int = 0
    roles: set[str] = field(default_factory=set)


def certificate_table(rows: CertificateRows, described: Described) -> pa.Table:
    """One row a distinct certificate, in the order in which they were first seen."""
    return table_of_rows("certificates", [_row(digest, seen, described) for digest, seen in _seen(rows).items()])


def _seen(rows: CertificateRows) -> dict[bytes, Seen]:
    """Each distinct certificate by its SHA-256, in the order of the connections that first showed them."""
    found: dict[bytes, Seen] = {}
    sides = (("server", rows.of_servers), ("client", rows.of_clients))
    chains = [(first, side, chain, count) for side, of_side in sides for chain, (count, first) in of_side.items()]
    for _, side, chain, count in sorted(chains, key=lambda each: (each[0], each[1] == "client")):
        for digest in dict.fromkeys(chain):
            entry = found.setdefault(digest, Seen())
            entry.connections += count
            entry.roles.add(side if digest == chain[0] else f"{side}_chain")
    return found


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
