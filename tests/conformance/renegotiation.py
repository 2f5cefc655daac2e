"""Holds the ledger of renegotiations that is inferred against the one that is read with keys, and prints tables.

In tests/: `python -m conformance.renegotiation PLACE...`; see `conformance.recorded` for what a place is. With
`--lose 0.01 --seeds 4` packets are missing at random, four times over; rows are then told apart by their frames.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from conformance.calibration import arguments, bin_names, bin_of, share
from conformance.recorded import Recorded, find
from tlscap.analysis import Analysis

_QUERY = """
select client_ip, client_port, server_ip, server_port, cipher, handshakes.* exclude (messages),
    [message.sender || ' ' || message.type for message in messages] as types,
    [message.frame.frame for message in messages] as frames
from handshakes join connections using (uid) where number > 0 order by client_ip, client_port, number
"""

_WORDS = ("initiator", "kind", "outcome")
_BINS = (0.9, 0.8, 0.6, 0.0)
_NOTHING = {"outcome": "nothing"}

Row = dict[str, Any]


@dataclass
class Score:
    """What was compared so far."""

    tallies: dict[tuple[str, str], Counter[str]] = field(default_factory=dict)
    confusion: Counter[tuple[str, str]] = field(default_factory=Counter)
    sure: dict[str, dict[float, list[bool]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(list)))
    wrong: list[str] = field(default_factory=list)

    def add(self, recorded: Recorded, guess: Row | None, truth: Row | None) -> None:
        """Compares two rows of which one may be missing."""
        self.confusion[(truth or _NOTHING)["outcome"], (guess or _NOTHING)["outcome"]] += 1
        told = guess or truth
        assert told is not None
        programs = recorded.programs((told["client_ip"], told["client_port"], told["server_ip"], told["server_port"]))
        if truth is not None:
            tally = self.tallies.setdefault((programs, truth["cipher"]), Counter())
            tally["handshakes"] += 1
            tally["messages"] += max(len(guess["types"]) if guess else 0, len(truth["types"]))
        if truth is not None and guess is not None:
            tally.update(word for word in _WORDS if guess[word] == truth[word])
            tally["types"] += (Counter(guess["types"]) & Counter(truth["types"])).total()
        if guess is not None:
            right = truth is not None and all(guess[word] == truth[word] for word in _WORDS)
            self.sure[programs][bin_of(guess["confidence"], _BINS)].append(right)
            if not right:
                self.wrong.append(_described(recorded, programs, guess, truth))
        elif truth is not None:
            self.wrong.append(f"not told: {_described(recorded, programs, truth, truth)}")


def _described(recorded: Recorded, programs: str, guess: Row, truth: Row | None) -> str:
    said, true = ("/".join(str((row or {}).get(word)) for word in _WORDS) for row in (guess, truth))
    at = f"{recorded.capture.parent.name}/{recorded.capture.name} {guess['uid']} frame {guess['frames'][:1]}"
    return f"{at} ({programs}): {said} with {guess['confidence']:.2f}, is {true}; {', '.join(guess['types'])}"


def compare(recorded: Recorded, score: Score, lose: float = 0.0, seeds: int = 1) -> None:
    """Adds a capture to the score; only what its keys open counts."""
    truth = _ledger(recorded.read())
    truth = {ends: rows for ends, rows in truth.items() if all(row["basis"] == "decrypted" for row in rows)}
    for seed in range(seeds):
        inferred = _ledger(recorded.infer(lose, seed))
        for ends in sorted(truth):
            for guess, true in _pairs(inferred.get(ends, []), truth[ends], by_frame=lose > 0):
                score.add(recorded, guess, true)


def _ledger(analysis: Analysis) -> dict[tuple[Any, ...], list[Row]]:
    found: dict[tuple[Any, ...], list[Row]] = {}
    for row in analysis.sql(_QUERY).to_pylist():
        ends = row["client_ip"], row["client_port"], row["server_ip"], row["server_port"]
        found.setdefault(ends, []).append(row)
    return found


def _pairs(guesses: list[Row], truths: list[Row], by_frame: bool) -> Iterator[tuple[Row | None, Row | None]]:
    """Which row is which: by number, or by the frames that both name."""
    left = list(guesses)
    for true in truths:
        frames = set(true["frames"])
        for guess in left:
            if guess["number"] == true["number"] if not by_frame else frames & set(guess["frames"]):
                left.remove(guess)
                yield guess, true
                break
        else:
            yield None, true
    for guess in left:
        yield guess, None


def render(score: Score) -> Iterator[str]:
    """The tables as Markdown."""
    yield "| client – server | cipher suite | renegotiations | initiator | kind | outcome | message types |"
    yield "|---|---|---|---|---|---|---|"
    everything = sum(score.tallies.values(), Counter())
    for (programs, cipher), tally in [*sorted(score.tallies.items()), (("all", ""), everything)]:
        right = " | ".join(str(tally[word]) for word in _WORDS)
        yield f"| {programs} | {cipher} | {tally['handshakes']} | {right} | {tally['types']} of {tally['messages']} |"
    yield ""
    yield from render_confusion(score)
    yield ""
    yield from render_confidence(score)
    yield from (f"- {sentence}" for sentence in score.wrong)


def render_confusion(score: Score) -> Iterator[str]:
    words = sorted({word for pair in score.confusion for word in pair})
    yield f"| with keys, down; without, across | {' | '.join(words)} |"
    yield "|---" * (len(words) + 1) + "|"
    for true in words:
        yield f"| {true} | {' | '.join(str(score.confusion[true, told]) for told in words)} |"


def render_confidence(score: Score) -> Iterator[str]:
    """How many of the rows that say a confidence are right, by programs."""
    yield f"| client – server | {' | '.join(bin_names(_BINS))} |"
    yield "|---" * (len(_BINS) + 1) + "|"
    merged: dict[float, list[bool]] = defaultdict(list)
    for programs, bins in sorted(score.sure.items()):
        yield f"| {programs} | {' | '.join(share(bins[least]) for least in _BINS)} |"
        for least in _BINS:
            merged[least] += bins[least]
    yield f"| all | {' | '.join(share(merged[least]) for least in _BINS)} |"


def main() -> None:
    given = arguments(__doc__)
    score = Score()
    for recorded in find(given.places):
        compare(recorded, score, given.lose, given.seeds)
    print("\n".join(render(score)))


if __name__ == "__main__":
    main()
