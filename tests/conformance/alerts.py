"""Holds what is told of encrypted alerts without keys against what keys read, and prints a table.

In tests/: `python -m conformance.alerts PLACE...`; see `conformance.recorded` for what a place is, and `--lose`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from conformance.calibration import arguments, bin_names, bin_of, share
from conformance.recorded import Recorded, find
from tlscap.analysis import Analysis

_QUERY = """
select client_ip, client_port, server_ip, server_port, version, cipher, alerts.*
from alerts join connections using (uid) where encrypted order by alerts.time
"""

_BINS = (0.9, 0.8, 0.6, 0.4, 0.0)

Row = dict[str, Any]
Told = tuple[str, str]
"""The version, and what was told."""


class Score:
    """What was compared so far."""

    def __init__(self) -> None:
        self.told: dict[Told, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        self.sure: dict[Told, dict[float, list[bool]]] = defaultdict(lambda: defaultdict(list))
        self.wrong: list[str] = []

    def add(self, recorded: Recorded, guess: Row | None, truth: Row | None) -> None:
        """Compares what was told of a record with what it is; None where one of them knows of no alert."""
        row = guess or truth
        assert row is not None
        what = row["version"] or "?", _said(guess)
        self.told[what][_said(truth)] += 1
        if guess is None or guess["level"] is None:
            return
        right = truth is not None and guess["level"] == truth["level"]
        right = right and (guess["description"] in (None, truth["description"]) if truth else False)
        self.sure[what][bin_of(guess["confidence"], _BINS)].append(right)
        if not right:
            at = f"{recorded.capture.parent.name}/{recorded.capture.name} {row['uid']} frame {row['frame']['frame']}"
            self.wrong.append(f"{at}: {_said(guess)} with {guess['confidence']:.2f}, is {_said(truth)}")


def _said(row: Row | None) -> str:
    if row is None:
        return "no alert"
    if row["level"] is None:
        return "cannot be told"
    return f"{row['level']} {row['description'] or 'without a name'}"


def compare(recorded: Recorded, score: Score, lose: float = 0.0, seeds: int = 1) -> None:
    """Adds a capture; only connections count of which all alerts were decrypted."""
    truth = _alerts(recorded.read())
    closed = {row_ends(row) for row in truth.values() if row["basis"] != "decrypted"}
    for seed in range(seeds):
        told = _alerts(recorded.infer(lose, seed))
        for key in sorted(truth.keys() | told.keys()):
            row = truth.get(key) or told[key]
            if row_ends(row) not in closed and (not lose or key in told):
                score.add(recorded, told.get(key), truth.get(key))


def _alerts(analysis: Analysis) -> dict[tuple[Any, ...], Row]:
    rows = analysis.sql(_QUERY).to_pylist()
    found: dict[tuple[Any, ...], Row] = {}
    for row in rows:
        key = (*row_ends(row), row["frame"]["frame"], row["sender"])
        found[(*key, sum(1 for each in found if each[:-1] == key))] = row
    return found


def row_ends(row: Row) -> tuple[Any, ...]:
    """Whose row it is."""
    return row["client_ip"], row["client_port"], row["server_ip"], row["server_port"]


def render(score: Score) -> Iterator[str]:
    """The table as Markdown."""
    yield f"| version | told without keys | {' | '.join(bin_names(_BINS))} | what they are |"
    yield "|---" * (len(_BINS) + 3) + "|"
    for what, true in sorted(score.told.items()):
        said = what[1]
        true_ones = ", ".join(f"{count} {name}" for name, count in sorted(true.items(), key=lambda each: -each[1]))
        shares = [share(score.sure[what][least]) for least in _BINS]
        yield f"| {what[0]} | {said} | {' | '.join(shares)} | {true_ones} |"
    yield from (f"- {sentence}" for sentence in score.wrong)


def main() -> None:
    given = arguments(__doc__)
    score = Score()
    for recorded in find(given.places):
        compare(recorded, score, given.lose, given.seeds)
    print("\n".join(render(score)))


if __name__ == "__main__":
    main()
