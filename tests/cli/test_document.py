"""docs/cli.md is what --help says."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.program import tlscap
from tlscap.cli.document import render_document


def test_is_up_to_date(root: Path) -> None:
    text = (root / "docs" / "cli.md").read_text(encoding="utf-8")
    assert text == render_document(), "run python -m tlscap.cli.document > docs/cli.md"


@pytest.mark.parametrize("command", [[], ["analyze"], ["live"]])
def test_holds_what_each_command_prints(command: list[str], root: Path, tmp_path: Path) -> None:
    printed = tlscap(*command, "--help", cwd=tmp_path, COLUMNS="120").stdout
    assert printed.strip() in (root / "docs" / "cli.md").read_text(encoding="utf-8")
