"""How well messages fit into a record, worked out once under one measure.

The readings of a connection ask the same thing of a record many times, and connections whose first
handshakes were alike, as those of one client with one server are, ask what others asked before.
"""

from __future__ import annotations

from tlscap.engine.interned import Interned
from tlscap.judge.inference.lengths import Sum, likelihood, split, sums
from tlscap.judge.inference.measure import Measure

MAX_MEASURES = 48
"""Measures remembered, each 1.2 MB at most; a peer makes up new ones without end, real ones are as many as kinds of
clients and servers."""

MAX_FITS = 1024
"""Questions remembered of a measure, of which 250 are usual; a peer chooses the lengths of its records."""

Kinds = tuple[int, ...]


class Fits:
    """What the lengths of records say under one measure."""

    def __init__(self, measure: Measure) -> None:
        self.measure = measure
        self._sums: dict[tuple[int, Kinds], list[Sum]] = {}
        self._fits: dict[tuple[int, Kinds, int, int], tuple[float, list[int]]] = {}

    def fit(self, side: int, kinds: Kinds, low: int, high: int) -> tuple[float, list[int]]:
        """How likely these messages of `side` come to between `low` and `high` bytes, and how long each is then.

        A length that cannot be told is -1; there are none if the messages cannot be that long.
        """
        key = side, kinds, low, high
        known = self._fits.get(key)
        if known is None:
            found = self._sum(side, kinds)
            likely = likelihood(found, low, high)
            known = likely, split(found, low, high) if likely > 0 else []
            if len(self._fits) >= MAX_FITS:
                self._fits.clear()
            self._fits[key] = known
        return known

    def likely(self, side: int, kinds: Kinds, low: int, high: int) -> float:
        """The first of the two alone."""
        return likelihood(self._sum(side, kinds), low, high)

    def _sum(self, side: int, kinds: Kinds) -> list[Sum]:
        key = side, kinds
        if key not in self._sums:
            self._sums[key] = sums(self.measure, side, kinds)
        return self._sums[key]


_known = Interned(MAX_MEASURES)


def fits_under(measure: Measure) -> Fits:
    """What is known under a measure that says the same as this one."""
    key = repr(measure).encode()
    found: Fits | None = _known.get(key)
    if found is None:
        found = Fits(measure)
        _known.put(key, found)
    return found
