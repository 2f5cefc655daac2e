"""Writes docs/conformance.md: `make conformance`, or in tests/ `python -m conformance.document`, to standard output.

What it says is what a run gives: the tests of the corpus and of tshark each hold their part of the page to it.
"""

from __future__ import annotations

import sys
from pathlib import Path

from corpus.agreement import Agreement
from corpus.compare import KNOWN as BASELINE_DIFFERENCES
from corpus.compare import compare
from corpus.known import Known, read_known
from corpus.seen import see
from corpus.truth import read_corpus
from oracle.crosscheck import KNOWN as TSHARK_DIFFERENCES
from oracle.crosscheck import crosscheck
from oracle.dissect import tshark_version

PAGE = Path(__file__).parent.parent.parent / "docs" / "conformance.md"

_HEAD = """\
# Conformance

Made by `make conformance`. Of captures that other projects made, tlscap must say what their own baselines say, and what
tshark says of the same bytes. Where it does not, there is a reason from the bytes, below. The captures are not part of
tlscap; the tests skip what needs them where they are missing (see `tests/corpus/truth.py`).
"""


def render_baselines(agreement: Agreement, captures: int) -> str:
    """The part about the baselines."""
    return "\n".join(
        [
            "## The baselines of other projects",
            "",
            f"{captures} captures. A fact is one value that a baseline states of one connection, or of a capture.",
            "",
            agreement.by_source(),
            "",
            agreement.by_fact(),
            "",
            "### Why they differ",
            "",
            *_reasons(agreement),
        ]
    )


def render_crosscheck(agreement: Agreement, captures: int, version: str) -> str:
    """The part about tshark."""
    return "\n".join(
        [
            f"## tshark {version}",
            "",
            f"Every TCP connection of the same {captures} captures in which tshark or tlscap sees TLS, without the",
            "secrets that some captures bring. `messages` are the handshake messages in the clear with their senders,",
            "in their order; `frames` the packets in which they are whole, none later than tshark shows it.",
            "",
            agreement.by_fact(),
            "",
            "### Why they differ",
            "",
            *_reasons(agreement),
        ]
    )


def _reasons(agreement: Agreement) -> list[str]:
    return [f"- {_about(entry)}, {count} times: {' '.join(entry.reason.split())}" for entry, count in agreement.reasons]


def _about(entry: Known) -> str:
    where = [entry.capture] if entry.capture != "*" else [entry.source]
    return f"`{entry.fact}` ({', '.join([*where, *filter(None, [entry.who])])})".replace("`*`", "all facts")


def main() -> None:
    corpus = read_corpus()
    if not corpus:
        sys.exit("no corpus; TLSCAP_CORPUS can point to it")
    baselines = Agreement(read_known(BASELINE_DIFFERENCES))
    oracle = Agreement(read_known(TSHARK_DIFFERENCES))
    for capture in corpus:
        baselines.add(compare(capture, see(capture.path)))
        oracle.add(crosscheck(capture.name, capture.path))
    parts = [render_baselines(baselines, len(corpus)), render_crosscheck(oracle, len(corpus), tshark_version())]
    print("\n".join([_HEAD, parts[0], "", parts[1]]))


if __name__ == "__main__":
    main()
