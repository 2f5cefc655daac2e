"""Every limit is in the inventory, on the page, says what it is for, and has a test."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

from limits.document import INVENTORY, PAGE, ROOT, limits, page

KNOWN = {**INVENTORY["tested"], **INVENTORY["no_limit"]}


@cache
def functions(path: Path) -> frozenset[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def test_every_limit_has_a_row() -> None:
    assert sorted({limit.name for limit in limits()} - KNOWN.keys()) == []


def test_every_row_is_a_limit_of_the_code() -> None:
    assert sorted(KNOWN.keys() - {limit.name for limit in limits()}) == []
    assert INVENTORY["tested"].keys().isdisjoint(INVENTORY["no_limit"])


def test_every_limit_says_what_it_bounds() -> None:
    assert [limit.name for limit in limits() if limit.name in INVENTORY["tested"] and not limit.says] == []


@pytest.mark.parametrize("name", INVENTORY["tested"])
def test_every_limit_has_a_test(name: str) -> None:
    file, _, function = INVENTORY["tested"][name].partition("::")
    assert function in functions(ROOT / "tests" / file)


def test_the_page_is_what_the_code_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "make docs"
