"""Holds tlscap against the baselines of the corpus: `PYTHONPATH=tests python -m corpus.compare [CAPTURE...]`.

Prints every fact that differs and is not explained in known_differences.toml, then how many facts
of each kind agree.
"""

from __future__ import annotations

import sys
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pyarrow as pa

import tlscap
from corpus.facts import NOT_OF_DTLS, RULES, Seen
from corpus.truth import Capture, Statement, read_corpus

KNOWN = Path(__file__).with_name("known_differences.toml")


@dataclass(frozen=True, slots=True)
class Comparison:
    """One fact of one baseline beside ours."""

    capture: str
    who: str
    source: str
    fact: str
    theirs: Any
    ours: Any

    @property
    def agrees(self) -> bool:
        return bool(self.theirs == self.ours)

    def __str__(self) -> str:
        return f"{self.capture} {self.who} {self.fact}: {self.source} says {self.theirs!r}, tlscap {self.ours!r}"


@dataclass(frozen=True, slots=True)
class Known:
    """A difference, or many of one kind, with the reason; the fields are those of known_differences.toml."""

    capture: str
    fact: str
    reason: str
    who: str = ""
    source: str = ""
    theirs: str = ""
    ours: str = ""
    only_at: tuple[tuple[int, int], ...] = ()

    def explains(self, it: Comparison) -> bool:
        return (
            fnmatch(it.capture, self.capture)
            and self.fact in (it.fact, "*")
            and self.who in (it.who, "")
            and self.source in (it.source, "")
            and self.theirs in (it.theirs, "")
            and self.ours in (it.ours, "")
            and (not self.only_at or self._without(it.theirs) == self._without(it.ours))
        )

    def _without(self, text: str | None) -> list[str]:
        """A text without the places at which the two may differ."""
        free = {at for start, end in self.only_at for at in range(start, end)}
        return [letter for at, letter in enumerate(text or "") if at not in free]


def read_known() -> list[Known]:
    """The differences of known_differences.toml."""
    entries = tomllib.loads(KNOWN.read_text(encoding="utf-8"))["difference"]
    return [Known(**entry | {"only_at": tuple(map(tuple, entry.get("only_at", ())))}) for entry in entries]


def compare(capture: Capture, analysis: tlscap.Analysis) -> Iterator[Comparison]:
    """Every comparable fact that is stated of a capture."""
    seen = list(read_analysis(analysis))
    for statement in capture.statements:
        if statement.client is None:
            yield from _compare_capture(statement, seen)
        else:
            yield from _compare_connection(statement, seen)


def read_analysis(analysis: tlscap.Analysis) -> Iterator[Seen]:
    """Every connection with what belongs to it; instants as nanoseconds, server_not_after as text."""
    alerts = defaultdict(list)
    for alert in rows_of(analysis.alerts.select(["uid", "sender", "level", "description", "encrypted"])):
        alerts[alert["uid"]].append(alert)
    certificates = {row["sha256"]: row for row in rows_of(analysis.certificates)}
    for row in rows_of(analysis.connections):
        yield Seen(row, alerts[row["uid"]], certificates.get(row["server_certificate_sha256"]))


def rows_of(table: pa.Table) -> list[dict[str, Any]]:
    columns = {}
    for name, column in zip(table.column_names, table.columns, strict=True):
        if name == "server_not_after":
            column = column.cast(pa.timestamp("s", tz="UTC"), safe=False).cast(pa.string())
            columns[name] = [text.rstrip("Z") if text else None for text in column.to_pylist()]
        elif pa.types.is_timestamp(column.type):
            columns[name] = column.cast(pa.int64()).to_pylist()
        else:
            columns[name] = column.to_pylist()
    return [dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]


def _compare_connection(statement: Statement, all_seen: list[Seen]) -> Iterator[Comparison]:
    seen = _find(statement, all_seen)
    left_out = NOT_OF_DTLS if statement.transport == "udp" else set()
    facts = {name: said for name, said in statement.facts.items() if name in RULES and name not in left_out}
    if not facts:
        return
    found = seen is not None
    yield _comparison(statement, "connection", True, found)
    if seen is None:
        return
    yield _comparison(statement, "client", statement.who(), f"{seen.row['client_ip']}:{seen.row['client_port']}")
    for name, said in facts.items():
        if pair := RULES[name](said, seen):
            yield _comparison(statement, name, *pair)


def _find(statement: Statement, all_seen: list[Seen]) -> Seen | None:
    """Our connection between these ends, on either side, whose hello is nearest in time."""
    ends = {_end(*statement.client), _end(*statement.server)} if statement.client and statement.server else set()
    between = [
        seen
        for seen in all_seen
        if {_end(seen.row["client_ip"], seen.row["client_port"]), _end(seen.row["server_ip"], seen.row["server_port"])}
        == ends
    ]
    if statement.ns is None:
        return between[0] if between else None
    when = statement.ns
    return min(between, key=lambda seen: abs((seen.row["hello_at"] or seen.row["start"]) - when), default=None)


def _end(ip: str, port: int) -> tuple[str, int]:
    return str(ip_address(ip)), port


def _compare_capture(statement: Statement, all_seen: list[Seen]) -> Iterator[Comparison]:
    """What is said of a capture as a whole holds when it holds for one of its connections."""
    if summary := statement.facts.get("pcpp_summary"):
        yield from _compare_counts(statement, summary, all_seen)
    if "has_tls" in statement.facts:
        yield _comparison(statement, "connection", True, bool(all_seen))
    for name, said in statement.facts.items():
        if name not in RULES:
            continue
        pairs = [pair for seen in all_seen if (pair := RULES[name](said, seen))]
        theirs, ours = next((pair for pair in pairs if pair[0] == pair[1]), pairs[0] if pairs else (said, None))
        yield _comparison(statement, name, theirs, ours)


def _compare_counts(statement: Statement, summary: dict[str, Any], all_seen: list[Seen]) -> Iterator[Comparison]:
    versions = {f"TLS {name[4:].removeprefix('v')}": n for name, n in summary["SSL/TLS versions"].items()}
    said = {"version": versions, "cipher": summary["Cipher-suite"], "sni": summary["Server-name"]}
    for name, theirs in said.items():
        ours = Counter(seen.row[name].replace("TLSv", "TLS ") for seen in all_seen if seen.row[name])
        yield _comparison(statement, f"{name} counts", theirs, dict(ours))


def _comparison(statement: Statement, fact: str, theirs: Any, ours: Any) -> Comparison:
    return Comparison(statement.capture, statement.who(), statement.source, fact, theirs, ours)


def render_agreement(comparisons: Iterable[Comparison], known: list[Known]) -> str:
    """A table: for each fact how many agree, how many differ for a known reason, and how many else."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for it in comparisons:
        explained = any(entry.explains(it) for entry in known)
        counts[it.fact]["agree" if it.agrees else "known" if explained else "differ"] += 1
    counts["all"] = sum((Counter(count) for count in counts.values()), Counter())
    lines = ["| fact | compared | agree | differ, known why | differ |", "|---|---|---|---|---|"]
    for fact, count in counts.items():
        cells = (count.total(), count["agree"], count["known"], count["differ"])
        lines.append(f"| {fact} | {' | '.join(map(str, cells))} |")
    return "\n".join(lines)


def main(only: list[str]) -> None:
    known = read_known()
    comparisons = []
    for capture in read_corpus():
        if not only or any(part in capture.name for part in only):
            comparisons += compare(capture, tlscap.analyze([str(capture.path)]))
    for it in comparisons:
        if not it.agrees and not any(entry.explains(it) for entry in known):
            print(it)
    print(render_agreement(comparisons, known))


if __name__ == "__main__":
    main(sys.argv[1:])
