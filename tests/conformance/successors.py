"""Holds what lengths tell of TLS 1.3's tickets, KeyUpdates and late authentication against what keys read.

In tests/: `python -m conformance.successors PLACE...`; see `conformance.recorded` for what a place is. Records are
matched by frame, sender and length.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import tlscap
from conformance.recorded import Recorded, find
from tlscap.engine.events import APPLICATION_DATA, HANDSHAKE
from tlscap.engine.facts import Facts
from tlscap.judge.flights import Flights
from tlscap.judge.inference.successors import find_successors
from tlscap.judge.landmarks import NEW_SESSION_TICKET, Landmarks
from tlscap.judge.verdict import Verdict
from tlscap.registry import handshake_type_name

_HEADER = 4

Key = tuple[bytes, int, int, int, int]
"""Client's address and port, frame, side, bytes of content."""

Told = tuple[str, str]
"""What was told with which confidence, and what it is."""


def compare(recorded: Recorded, score: Counter[Told]) -> None:
    """Adds a capture; connections that its keys do not open do not count."""
    truth, told, opened = _read(recorded), _infer(recorded), set()
    for key, kind in truth.items():
        opened.add(key[:2])
        if kind != "data":
            score[told.get(key, "nothing"), kind] += 1
    for key, said in told.items():
        if key[:2] in opened and truth.get(key, "data") == "data":
            score[said, "data"] += 1


def _read(recorded: Recorded) -> dict[Key, str]:
    found: dict[Key, str] = {}

    def see(facts: Facts, _: Verdict) -> None:
        marks, events = Landmarks(facts), facts.events
        if not marks.tls13 or min(marks.client.finished, marks.server.finished) < 0:
            return
        for i in range(min(marks.client.finished, marks.server.finished) + 1, events.count):
            key = facts.client.ip, facts.client.port, events.frame(i), events.side(i)
            late = i > max(marks.client.finished, marks.server.finished) or events.detail(i) == NEW_SESSION_TICKET
            if events.decrypted(i) and events.kind(i) == HANDSHAKE and late:
                found[(*key, _HEADER + events.length(i))] = handshake_type_name(events.detail(i))
            elif events.decrypted(i) and events.kind(i) == APPLICATION_DATA:
                found[(*key, -1)] = "data"

    tlscap.analyze([str(recorded.capture)], keylog=[str(recorded.keys)], on_verdict=see)
    return found


def _infer(recorded: Recorded) -> dict[Key, str]:
    found: dict[Key, str] = {}

    def see(facts: Facts, _: Verdict) -> None:
        marks, events = Landmarks(facts), facts.events
        if not marks.tls13:
            return
        flights = Flights(marks)
        for each in find_successors(marks, flights):
            i = each.event
            content = events.length(i) - flights.overhead
            content -= flights.server_padding if events.side(i) else flights.client_padding
            key = facts.client.ip, facts.client.port, events.frame(i), events.side(i), content
            found[key] = f"{handshake_type_name(each.kind)} {each.confidence:.2f}"

    tlscap.analyze([str(recorded.capture)], on_verdict=see)
    return found


def render(score: Counter[Told]) -> Iterator[str]:
    """The table as Markdown."""
    yield "| told, with its confidence | is |"
    yield "|---|---|"
    for said in sorted({said for said, _ in score}):
        true = sorted(((count, kind) for (told, kind), count in score.items() if told == said), reverse=True)
        yield f"| {said} | {', '.join(f'{count} {kind}' for count, kind in true)} |"


if __name__ == "__main__":
    total: Counter[Told] = Counter()
    for each in find(Path(name) for name in sys.argv[1:]):
        compare(each, total)
    print("\n".join(render(total)))
