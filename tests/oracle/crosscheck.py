"""Holds tlscap against tshark: `python -m oracle.crosscheck [CAPTURE...]` in tests/, over the corpus.

Prints every fact that differs and is not explained in known_differences.toml, then how many of each kind agree.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from corpus.agreement import Agreement
from corpus.known import Difference, read_known
from corpus.truth import read_corpus
from oracle.dissect import Dissected, dissect
from oracle.ours import connections_of

KNOWN = Path(__file__).with_name("known_differences.toml")

RESUMED_UP_TO = ("SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.2")
"""tshark's `tls.resumed` does not know TLS 1.3's way of resuming."""


def crosscheck(name: str, capture: Path) -> Iterator[Difference]:
    """Every fact of every connection in which tshark or tlscap sees TLS."""
    ours = connections_of(capture)
    alone = list(ours)
    for theirs in dissect(capture):
        same = _find(theirs, ours)
        alone = [it for it in alone if it is not same]
        yield Difference(name, theirs.who(), "tshark", "connection", True, same is not None)
        if same is None:
            continue
        for fact, said, answer in _facts(theirs, same):
            yield Difference(name, theirs.who(), "tshark", fact, said, answer)
    for it in alone:
        yield Difference(name, it.who(), "tshark", "connection", False, True)


def _find(theirs: Dissected, ours: list[Dissected]) -> Dissected | None:
    """Our connection between the same ends that begins nearest."""
    between = [it for it in ours if it.ends() == theirs.ends()]
    return min(between, key=lambda it: abs(it.first_frame - theirs.first_frame), default=None)


def _facts(theirs: Dissected, ours: Dissected) -> Iterator[tuple[str, Any, Any]]:
    """Each fact with what both say; what only a hello tells is asked only where one of the two saw it."""
    if theirs.hello_seen:
        yield "client", theirs.client, ours.client
    for fact in ("sni", "ja3"):
        yield fact, getattr(theirs, fact), getattr(ours, fact)
    if theirs.answered or ours.answered:
        for fact in ("version", "cipher", "ja3s"):
            yield fact, getattr(theirs, fact), getattr(ours, fact)
    if theirs.version in RESUMED_UP_TO:
        yield "resumed", theirs.resumed, ours.resumed
    yield from _messages(theirs, ours)
    yield "alerts", theirs.alerts, ours.alerts


def _messages(theirs: Dissected, ours: Dissected) -> Iterator[tuple[str, Any, Any]]:
    """Messages in their order, and in which packets they are whole.

    tshark shows a message where the last of its records ends, which may be packets later. Behind bytes
    that are missing tshark reads no further; there what it has read must be ours, in the same order.
    """
    if not ours.is_whole:
        yield "messages where bytes are missing", theirs.messages, _common(theirs.messages, ours.messages)
        return
    yield "messages", theirs.messages, ours.messages
    if theirs.messages and theirs.messages == ours.messages:
        no_later = [min(frame, shown) for frame, shown in zip(ours.frames, theirs.frames, strict=True)]
        yield "frames of messages", ours.frames, no_later


def _common(theirs: list[Any], ours: list[Any]) -> list[Any]:
    """What of `theirs` is found in `ours` one after the other."""
    found = []
    at = 0
    for message in theirs:
        if message in ours[at:]:
            at = ours.index(message, at) + 1
            found.append(message)
    return found


def main(only: list[str]) -> None:
    agreement = Agreement(read_known(KNOWN))
    for capture in read_corpus():
        if not only or any(part in capture.name for part in only):
            agreement.add(crosscheck(capture.name, capture.path))
    for it in agreement.unexplained:
        print(it)
    print(agreement.by_fact())


if __name__ == "__main__":
    main(sys.argv[1:])
