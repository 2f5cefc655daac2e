"""Differences between tlscap and a baseline, or tshark, that have a reason: what a file of them holds."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Difference:
    """One fact of one connection on which two sides differ; the values as they print."""

    capture: str
    who: str
    source: str
    fact: str
    theirs: Any
    ours: Any

    def __str__(self) -> str:
        return f"{self.capture} {self.who} {self.fact}: {self.source} says {self.theirs!r}, tlscap {self.ours!r}"


@dataclass(frozen=True, slots=True)
class Known:
    """One difference, or a class of them; a field that is empty holds for all.

    `capture` may have a `*`, `who` is the client's ip:port. `pair` is a regular expression for what they
    say, a blank, and what we say: it can tell how far the two are the same.
    """

    fact: str
    reason: str
    capture: str = "*"
    who: str = ""
    source: str = ""
    pair: str = ""

    def explains(self, it: Difference) -> bool:
        return (
            fnmatch(it.capture, self.capture)
            and self.fact in (it.fact, "*")
            and self.who in (it.who, "")
            and self.source in (it.source, "")
            and (not self.pair or re.fullmatch(self.pair, f"{it.theirs} {it.ours}") is not None)
        )


def read_known(path: Path) -> list[Known]:
    """The entries of a known_differences.toml."""
    entries = tomllib.loads(path.read_text(encoding="utf-8"))["difference"]
    return [Known(**entry) for entry in entries]


def reason_for(it: Difference, known: list[Known]) -> Known | None:
    return next((entry for entry in known if entry.explains(it)), None)
