"""How many of the rows that say a confidence are right, by how sure they are; and what the scripts are given."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

Bins = tuple[float, ...]
"""The least confidence of each bin, the highest first, 0 the last."""


def bin_of(confidence: float, bins: Bins) -> float:
    """The bin that a confidence falls into."""
    return next(least for least in bins if confidence >= least)


def bin_names(bins: Bins) -> Iterator[str]:
    """The heads of a table's columns."""
    yield f"{bins[0]:g} or more"
    for least, above in zip(bins[1:], bins, strict=False):
        yield f"{least:g} to {above:g}" if least else f"under {above:g}"


def share(right: Sequence[bool]) -> str:
    """`9 of 10`, or a dash for none."""
    return f"{sum(right)} of {len(right)}" if right else "–"


def arguments(description: str | None) -> argparse.Namespace:
    """The command line: `places`, see `conformance.recorded`; the share of packets to `lose`, with how many `seeds`."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("places", nargs="+", type=Path)
    parser.add_argument("--lose", type=float, default=0.0, metavar="SHARE")
    parser.add_argument("--seeds", type=int, default=1)
    return parser.parse_args()
