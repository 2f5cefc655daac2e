"""One registry as kept in `data/`: comments, a header, and a row a code point."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class CodePoint:
    """A value, its name, and where the value comes from if IANA's registry is not enough to say it."""

    value: int
    name: str
    note: str


def read_table(name: str) -> list[CodePoint]:
    """The code points of `data/NAME.csv`, by value; ValueError if one comes twice."""
    text = (DATA / f"{name}.csv").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    points = [CodePoint(int(row["value"], 0), row["name"], row["note"]) for row in csv.DictReader(lines)]
    if len({point.value for point in points}) < len(points):
        raise ValueError(f"{name}.csv: a value comes twice")
    return sorted(points, key=lambda point: point.value)
