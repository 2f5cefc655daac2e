"""One finding: a judgement over many connections, ready for a postmortem."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["info", "warning", "critical"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule found, at most once a run.

    `sentence` is one line that stands on its own. `uids` and `evidence` are examples, at most
    `tlscap.findings.rule.EXAMPLES` of each; `sql` gives all connections that are meant, over the tables.
    """

    rule: str
    severity: Severity
    sentence: str
    detail: str
    count: int
    uids: tuple[str, ...]
    evidence: tuple[tuple[str, int], ...]
    sql: str
