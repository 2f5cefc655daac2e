"""Writes `names.py` from the tables in `data/`: `python -m tlscap.registry.generate`."""

from __future__ import annotations

from pathlib import Path

from tlscap.registry.table import read_table

TABLES = (
    "versions",
    "content-types",
    "alert-descriptions",
    "handshake-types",
    "extension-types",
    "cipher-suites",
    "supported-groups",
    "signature-schemes",
    "certificate-compression",
    "link-types",
)

_HEAD = '''"""Names of code points. Generated from data/*.csv by tlscap/registry/generate.py; do not edit."""

from __future__ import annotations
'''


def render_names() -> str:
    """The text of `names.py`: a dictionary a table, and the versions' drafts."""
    parts = [_HEAD]
    for table in TABLES:
        names = {point.value: point.name for point in read_table(table)}
        parts.append(_render(table.upper().replace("-", "_"), names))
    drafts = {point.value: point.note for point in read_table("versions") if _is_draft(point.note)}
    parts.append(_render("DRAFTS", drafts))
    return "\n".join(parts)


def _is_draft(note: str) -> bool:
    return "draft " in note or note.startswith("experiment ")


def _render(name: str, names: dict[int, str]) -> str:
    rows = "".join(f'    0x{value:04X}: "{text}",\n' for value, text in names.items())
    return f"{name}: dict[int, str] = {{\n{rows}}}\n"


if __name__ == "__main__":
    Path(__file__).with_name("names.py").write_text(render_names(), encoding="utf-8")
