"""Rows that several processes collected, each of its share of the connections, as the rows of one."""

from __future__ import annotations

from array import array
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from tlscap.tables.cells import Cells, Names
from tlscap.tables.certificate_rows import CertificateRows
from tlscap.tables.collector import Collector
from tlscap.tables.packed import Packed

_NAMED: dict[str, dict[str, str]] = {
    "verdicts": {},
    "profiles": {},
    "handshake_forms": {},
    "alert_forms": {},
    "connections": {"verdict": "verdicts", "profile": "profiles"},
    "handshakes": {"connection": "connections", "form": "handshake_forms"},
    "alerts": {"connection": "connections", "form": "alert_forms"},
    "anomalies": {"connection": "connections"},
}
"""All rows of a Collector, each with its columns that name rows, and whose."""


@dataclass(frozen=True, slots=True)
class PackedRows:
    """All that a Collector took in: columns by name, by the name of their rows."""

    counts: dict[str, int]  # of the rows that others name
    columns: dict[str, dict[str, Packed]]
    certificates: CertificateRows


def pack(collector: Collector) -> PackedRows:
    """The rows of `collector`, which is empty afterwards."""
    columns = {name: _pack(getattr(collector, name)) for name in _NAMED}
    counts = {name: getattr(collector, name).count for names in _NAMED.values() for name in names.values()}
    return PackedRows(counts, columns, collector.certificates)


class United(SimpleNamespace):
    """What a Collector has when all its columns are complete: to be finished as one."""

    certificates: CertificateRows


def unite(parts: Sequence[PackedRows]) -> United:
    """The rows of all parts, those of the first part first."""
    united = United(certificates=CertificateRows())
    for name, naming in _NAMED.items():
        columns = [dict(part.columns[name]) for part in parts]
        for pointer, named in naming.items():
            start = 0
            for part, column in zip(parts, columns):
                column[pointer] = _shifted(column[pointer], start)
                start += part.counts[named]
        joined = {each: _join([column[each] for column in columns]) for each in columns[0]}
        setattr(united, name, SimpleNamespace(**joined))
    for part in parts:
        united.certificates.unite(part.certificates)
    return united


def _pack(rows: Any) -> dict[str, Packed]:
    found = {}
    for name in dir(rows):
        cells = getattr(rows, name)
        if isinstance(cells, Cells):
            names = tuple(cells.keys()) if isinstance(cells, Names) else ()
            found[name] = Packed(type(cells), cells.take(), names)
    return found


def _shifted(column: Packed, by: int) -> Packed:
    return Packed(column.kind, bytearray(array("i", [row + by for row in array("i", column.data)])))


def _join(columns: Sequence[Packed]) -> Packed:
    kind = columns[0].kind
    if kind is not Names:
        return Packed(kind, bytearray().join(column.data for column in columns))
    codes: dict[Hashable, int] = {}
    joined = array("i")
    for column in columns:
        new = [codes.setdefault(name, len(codes)) for name in column.names] + [-1]  # the last is for the code -1
        joined.extend([new[code] for code in array("i", column.data)])
    return Packed(kind, bytearray(joined), tuple(codes))
