"""The corpus: captures that other projects made, and what those projects say of them.

It is no part of this project; it is found at ../shared/corpus from the project's root, or where
TLSCAP_CORPUS points. Its README tells what the fields are and how far each source can be trusted.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent
FOLDER = Path(os.environ.get("TLSCAP_CORPUS") or ROOT.parent / "shared" / "corpus")


@dataclass(frozen=True, slots=True)
class Statement:
    """What one source says of one connection, or of a capture as a whole (then `client` is None)."""

    capture: str
    source: str
    transport: str
    client: tuple[str, int] | None
    server: tuple[str, int] | None
    ns: int | None
    facts: dict[str, Any]
    also: dict[str, list[Any]]
    """Other values of a fact where the source contradicts itself."""

    def who(self) -> str:
        """`10.0.0.1:4711`, the client, or `capture`."""
        return f"{self.client[0]}:{self.client[1]}" if self.client else "capture"


@dataclass(frozen=True, slots=True)
class Capture:
    """One capture with all that is said of it."""

    name: str
    category: str
    content_bytes: int
    features: tuple[str, ...]
    statements: list[Statement] = field(default_factory=list)

    @property
    def path(self) -> Path:
        return FOLDER / "pcaps" / self.name

    @property
    def has_no_tls(self) -> bool:
        """Nothing in it that tlscap should give a row to: TLS may be there, inside another protocol.

        Captures of another transport may have TLS sessions under way beside it.
        """
        if self.category == "other-transport" and "no-hello-midstream" in self.features:
            return False
        return self.category in ("negative", "encap-no-tls", "other-transport")


def read_corpus() -> list[Capture]:
    """All captures in the manifest's order; none where there is no corpus."""
    if not (FOLDER / "manifest.json").exists():
        return []
    entries = json.loads((FOLDER / "manifest.json").read_text(encoding="utf-8"))
    captures = {
        entry["capture"]: Capture(entry["capture"], entry["category"], entry["content_bytes"], tuple(entry["features"]))
        for entry in entries
    }
    for line in (FOLDER / "truth.jsonl").read_text(encoding="utf-8").splitlines():
        statement = _statement(json.loads(line))
        captures[statement.capture].statements.append(statement)
    return list(captures.values())


def _statement(said: dict[str, Any]) -> Statement:
    ends = said["level"] == "connection"
    also: dict[str, list[Any]] = {}
    for conflict in said.get("conflicts_within_source", ()):
        for fact, values in conflict.items():
            if fact != "from":
                also.setdefault(fact, []).extend(values)
    return Statement(
        capture=said["capture"],
        source=said["source"],
        transport=said["proto"],
        client=(said["src"], said["sport"]) if ends else None,
        server=(said["dst"], said["dport"]) if ends else None,
        ns=int(Decimal(said["ts"]) * 10**9) if said["ts"] else None,
        facts=said["facts"],
        also=also,
    )
