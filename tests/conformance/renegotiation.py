"""Holds the ledger of renegotiations that is inferred against the one that is read with keys, and prints tables.

In tests/: `python -m conformance.renegotiation CAPTURE...`; each capture's key log lies beside it as NAME.keys, and
NAME.json, if there is one, says by server port which programs met (`{"443": {"programs": "curl-nginx"}}`).
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import tlscap

_QUERY = """
select server_port, cipher, handshakes.* exclude (messages),
    [message.sender || ' ' || message.type for message in messages] as types
from handshakes join connections using (uid) where number > 0 order by server_port, number
"""

_WORDS = ("initiator", "kind", "outcome")


def compare(captures: list[Path]) -> tuple[dict[tuple[str, str], Counter[str]], Counter[tuple[str, str]]]:
    """By programs and cipher suite how much is right; and how often which outcome was taken for which."""
    tallies: dict[tuple[str, str], Counter[str]] = {}
    confusion: Counter[tuple[str, str]] = Counter()
    for capture in captures:
        programs = _programs(capture)
        inferred, read = _ledger(capture, keys=False), _ledger(capture, keys=True)
        for key in sorted(inferred.keys() | read.keys()):
            guess, truth = inferred.get(key), read.get(key)
            confusion[(truth or _NOTHING)["outcome"], (guess or _NOTHING)["outcome"]] += 1
            if truth is None or guess is None or truth["basis"] != "decrypted":
                continue
            name = programs.get(str(key[0]), capture.name.split(".")[0]), truth["cipher"]
            tally = tallies.setdefault(name, Counter())
            tally["handshakes"] += 1
            tally.update(word for word in _WORDS if guess[word] == truth[word])
            tally["messages"] += max(len(guess["types"]), len(truth["types"]))
            tally["types"] += (Counter(guess["types"]) & Counter(truth["types"])).total()
    return tallies, confusion


_NOTHING = {"outcome": "nothing"}


def _programs(capture: Path) -> dict[str, str]:
    told = capture.parent / f"{capture.name.split('.')[0]}.json"
    if not told.exists():
        return {}
    return {port: each["programs"] for port, each in json.loads(told.read_text(encoding="utf-8")).items()}


def _ledger(capture: Path, *, keys: bool) -> dict[tuple[int, int], dict[str, Any]]:
    log = [str(capture.parent / f"{capture.name.split('.')[0]}.keys")] if keys else ()
    rows = tlscap.analyze([str(capture)], keylog=log).sql(_QUERY).to_pylist()
    return {(row["server_port"], row["number"]): row for row in rows}


def render(captures: list[Path]) -> Iterator[str]:
    """The tables as Markdown."""
    tallies, confusion = compare(captures)
    yield "| client and server | cipher suite | renegotiations | initiator | kind | outcome | message types |"
    yield "|---|---|---|---|---|---|---|"
    for (programs, cipher), tally in [*sorted(tallies.items()), (("all", ""), sum(tallies.values(), Counter()))]:
        right = " | ".join(str(tally[word]) for word in _WORDS)
        yield f"| {programs} | {cipher} | {tally['handshakes']} | {right} | {tally['types']} of {tally['messages']} |"
    yield ""
    words = sorted({word for pair in confusion for word in pair})
    yield f"| with keys, down; without, across | {' | '.join(words)} |"
    yield "|---" * (len(words) + 1) + "|"
    for true in words:
        yield f"| {true} | {' | '.join(str(confusion[true, told]) for told in words)} |"


if __name__ == "__main__":
    print("\n".join(render([Path(name) for name in sys.argv[1:]])))
