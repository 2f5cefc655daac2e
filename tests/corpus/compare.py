"""Holds tlscap against the baselines of the corpus: `python -m corpus.compare [CAPTURE...]` in tests/.

Prints every fact that differs and is not explained in known_differences.toml, then how many facts
of each kind agree.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from corpus.agreement import Agreement
from corpus.facts import OF_CAPTURES, OF_CONNECTIONS
from corpus.known import Difference, read_known
from corpus.seen import Seen, see
from corpus.truth import Capture, Statement, read_corpus

KNOWN = Path(__file__).with_name("known_differences.toml")


@dataclass(frozen=True, slots=True)
class Comparison(Difference):
    """One fact of one baseline beside ours."""

    @property
    def agrees(self) -> bool:
        return bool(self.theirs == self.ours)


def compare(capture: Capture, all_seen: list[Seen]) -> Iterator[Comparison]:
    """Every comparable fact that is stated of a capture."""
    for statement in capture.statements:
        if statement.client is None:
            yield from _compare_capture(statement, all_seen)
        else:
            yield from _compare_connection(statement, all_seen)


def _compare_connection(statement: Statement, all_seen: list[Seen]) -> Iterator[Comparison]:
    if not statement.facts.keys() & OF_CONNECTIONS.keys():
        return
    seen = _find(statement, all_seen)
    yield _comparison(statement, "connection", True, seen is not None)
    if seen is None:
        return
    yield _comparison(statement, "client", statement.who(), f"{seen.row['client_ip']}:{seen.row['client_port']}")
    for fact in statement.facts.keys() & OF_CONNECTIONS.keys():
        if comparison := _compare_fact(statement, fact, seen):
            yield comparison


def _compare_fact(statement: Statement, fact: str, seen: Seen) -> Comparison | None:
    """The comparison, the first that agrees where the source says several things; None if there is nothing said."""
    values = [statement.facts[fact], *statement.also.get(fact, ())]
    pairs = [pair for value in values if (pair := OF_CONNECTIONS[fact](value, seen))]
    if not pairs:
        return None
    theirs, ours = next((pair for pair in pairs if pair[0] == pair[1]), pairs[0])
    return _comparison(statement, fact, theirs, ours)


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
    return min(between, key=lambda seen: abs(seen.hello_ns - when), default=None)


def _end(ip: str, port: int) -> tuple[str, int]:
    return str(ip_address(ip)), port


def _compare_capture(statement: Statement, all_seen: list[Seen]) -> Iterator[Comparison]:
    """What is said of a capture as a whole and is no count holds when it holds for one of its connections."""
    for fact, said in statement.facts.items():
        if fact in OF_CAPTURES:
            yield _comparison(statement, fact, *OF_CAPTURES[fact](said, all_seen))
        elif fact in OF_CONNECTIONS:
            each = [pair for seen in all_seen if (pair := OF_CONNECTIONS[fact](said, seen))]
            theirs, ours = next((pair for pair in each if pair[0] == pair[1]), each[0] if each else (said, None))
            yield _comparison(statement, fact, theirs, ours)


def _comparison(statement: Statement, fact: str, theirs: object, ours: object) -> Comparison:
    return Comparison(statement.capture, statement.who(), statement.source, fact, theirs, ours)


def main(only: list[str]) -> None:
    agreement = Agreement(read_known(KNOWN))
    for capture in read_corpus():
        if not only or any(part in capture.name for part in only):
            agreement.add(compare(capture, see(capture.path)))
    for it in agreement.unexplained:
        print(it)
    print(agreement.by_fact())
    print(agreement.by_source())


if __name__ == "__main__":
    main(sys.argv[1:])
