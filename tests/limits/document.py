"""Writes docs/limits.md: `make docs`, or in tests/ `python -m limits.document`, to standard output.

Every limit is a named constant with a docstring, or a field of `Limits`; the page is made of those, and
`test_inventory.py` holds the page to the code, and every limit to a test at it and one beyond.
"""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tlscap.cli.limits import CHANGEABLE

ROOT = Path(__file__).parent.parent.parent
PACKAGE = ROOT / "tlscap"
PAGE = ROOT / "docs" / "limits.md"
INVENTORY = tomllib.loads((Path(__file__).parent / "inventory.toml").read_text(encoding="utf-8"))

LOOKED_INTO = ("capture", "cli", "context", "engine", "judge", "live", "report", "tables")
NAME = re.compile(r"(MAX|MOST|MANY|LARGEST|LONGEST)(_|$)|(SEARCHED|PLAIN_HEAD|WHOLE|OVERHEAD)$")
"""What a limit is called; a name with an underscore in front is the typed twin of one, or nobody else's."""

_HEAD = """\
# Limits

Made by `make docs` from the code. All that a peer, or a file, can make grow has a limit; what lies beyond it is not
read, is counted, and is said in an anomaly, in the table `coverage` or in a warning. Limits with an option are a user's
to change, those of `tlscap.engine.limits.Limits` are also `tlscap.analyze(limits=...)`'s; the others are constants
where they hold. Every one has a test at the limit and one beyond (`tests/limits/inventory.toml`).
"""


@dataclass(frozen=True, slots=True)
class Limit:
    """`name` within tlscap: module and constant, or `engine.limits.Limits.field`."""

    name: str
    value: str
    says: str
    option: str = ""


def limits() -> list[Limit]:
    """All limits of the code, by name."""
    paths = [path for folder in LOOKED_INTO for path in sorted((PACKAGE / folder).rglob("*.py"))]
    return [limit for path in paths for limit in _limits_of(path)]


def page() -> str:
    """The page as it must be."""
    rows = [limit for limit in limits() if limit.name in INVENTORY["tested"]]
    lines = ["| limit | value | option | what it bounds, and what happens beyond |", "|---|---|---|---|"]
    for limit in rows:
        option = f"`{limit.option}`" if limit.option else ""
        lines.append(f"| `{limit.name}` | {limit.value} | {option} | {limit.says} |")
    return f"{_HEAD}\n" + "\n".join(lines) + "\n"


def _limits_of(path: Path) -> Iterator[Limit]:
    module = ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
    body = ast.parse(path.read_text(encoding="utf-8")).body
    for node, after in zip(body, [*body[1:], None]):
        if isinstance(node, ast.ClassDef) and node.name == "Limits":
            for field, text in zip(node.body, node.body[1:]):
                if isinstance(field, ast.AnnAssign):
                    yield _limit(f"{module}.Limits.{ast.unparse(field.target)}", field.value, text, _option(field))
        elif isinstance(node, ast.Assign) and NAME.match(name := ast.unparse(node.targets[0])):
            yield _limit(f"{module}.{name}", node.value, after)


def _limit(name: str, value: ast.expr | None, after: ast.stmt | None, option: str = "") -> Limit:
    says = ""
    if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant) and isinstance(after.value.value, str):
        says = " ".join(after.value.value.split())
    number = eval(compile(ast.Expression(value), name, "eval"), {}) if value is not None else 0
    return Limit(name, f"{number:,}", says.replace("|", "\\|"), option)


def _option(field: ast.AnnAssign) -> str:
    name = ast.unparse(field.target)
    return f"--max-{name.replace('_', '-')}" if name in CHANGEABLE else ""


if __name__ == "__main__":
    sys.stdout.write(page())
