"""Brings the tables in `data/` up to date with the XML files that IANA publishes.

    python -m tlscap.registry.refresh tls-parameters.xml tls-extensiontype-values.xml pcap.xml
    python -m tlscap.registry.generate

The files are those of https://www.iana.org/assignments/. A value that IANA registers takes IANA's name;
the rows that only we have, of drafts and private use, stay as they are.
"""

from __future__ import annotations

import csv
import io
import re
import sys
from collections.abc import Iterator
from xml.etree import ElementTree

from tlscap.registry.table import DATA, CodePoint, read_table

REGISTRIES = {
    "tls-parameters-4": "cipher-suites",
    "tls-parameters-5": "content-types",
    "tls-parameters-6": "alert-descriptions",
    "tls-parameters-7": "handshake-types",
    "tls-parameters-8": "supported-groups",
    "tls-signaturescheme": "signature-schemes",
    "tls-extensiontype-values-1": "extension-types",
    "tls-certificate-compression-algorithm-ids": "certificate-compression",
    "pcap-related-linktypes": "link-types",
}
"""IANA's ids of the registries, and our tables."""

_NS = "{http://www.iana.org/assignments}"
_WORDS = ("cipher-suites", "supported-groups", "signature-schemes", "extension-types")
_NOT_A_NAME = re.compile(r"Unassigned|Reserved|RESERVED_\d|LINKTYPE_RESERVED")
_AFTERTHOUGHT = re.compile(r"_RESERVED$|\s*\(.*\)$|^LINKTYPE_")
"""What IANA adds to a name when the value is retired or renamed, and the prefix of link types."""


def registered(document: ElementTree.Element) -> Iterator[tuple[str, dict[int, str]]]:
    """The tables of one of IANA's files that we keep, each with the names by value."""
    for registry in document.iter(f"{_NS}registry"):
        table = REGISTRIES.get(registry.get("id", ""))
        if table:
            yield table, dict(_names(registry))


def merged(points: list[CodePoint], names: dict[int, str]) -> list[CodePoint]:
    """`points` with IANA's names where IANA has one; a note that says "not registered" then goes."""
    ours = {point.value: point for point in points}
    for value, name in names.items():
        note = ours[value].note if value in ours and ours[value].name == name else ""
        ours[value] = CodePoint(value, name, "" if note.startswith("not registered") else note)
    return [ours[value] for value in sorted(ours)]


def render_table(table: str, points: list[CodePoint], comments: list[str]) -> str:
    """The text of a file in `data/`."""
    text = io.StringIO()
    text.writelines(f"{comment}\n" for comment in comments)
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("value", "name", "note"))
    for point in points:
        value = f"0x{point.value:04x}" if table in _WORDS else str(point.value)
        writer.writerow((value, point.name, point.note))
    return text.getvalue()


def _names(registry: ElementTree.Element) -> Iterator[tuple[int, str]]:
    for record in registry.findall(f"{_NS}record"):
        value = _value(record.findtext(f"{_NS}value", ""))
        element = record.find(f"{_NS}name")
        if element is None:
            element = record.find(f"{_NS}description")
        name = " ".join("".join(element.itertext()).split()) if element is not None else ""
        if value is not None and name and not _NOT_A_NAME.match(name):
            yield value, _AFTERTHOUGHT.sub("", name)


def _value(text: str) -> int | None:
    """A single value, `29`, `0x0403` or `0x13,0x01`; None for a range."""
    parts = text.split(",")
    if not all(re.fullmatch(r"0x[0-9A-Fa-f]+|\d+", part) for part in parts):
        return None
    return int(parts[0], 0) if len(parts) == 1 else int(parts[0], 16) << 8 | int(parts[1], 16)


def main(paths: list[str]) -> None:
    for path in paths:
        document = ElementTree.parse(path).getroot()
        updated = document.findtext(f"{_NS}updated", "unknown")
        for table, names in registered(document):
            file = DATA / f"{table}.csv"
            title = file.read_text(encoding="utf-8").splitlines()[0]
            comments = [
                title,
                f"# IANA's registry as updated {updated}; a row that is not IANA's says so in its note.",
            ]
            file.write_text(render_table(table, merged(read_table(table), names), comments), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
