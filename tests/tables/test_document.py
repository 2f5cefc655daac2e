from __future__ import annotations

from pathlib import Path

from tlscap.tables.document import render_document


def test_the_document_in_docs_is_the_one_that_the_schema_makes() -> None:
    kept = Path(__file__).parents[2] / "docs" / "tables.md"
    assert kept.read_text() == render_document(), "run: python -m tlscap.tables.document > docs/tables.md"
