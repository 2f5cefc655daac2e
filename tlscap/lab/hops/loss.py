"""A bad line: frames get lost, and some arrive after those that were sent behind them."""

from __future__ import annotations

import random
from collections.abc import Iterable

from tlscap.lab import frame
from tlscap.lab.hop import Out


class Loss:
    """Loses a share of all TCP segments, and holds another share back for `late_s`."""

    def __init__(self, lost: float, late: float = 0.0, late_s: float = 0.005, seed: int = 1) -> None:
        self._lost, self._late, self._late_s = lost, late, late_s
        self._random = random.Random(seed)

    def passes(self, data: bytes, direction: int, now: float) -> Iterable[Out]:
        if frame.read(data) is None:
            return [(0.0, direction, data)]
        fate = self._random.random()
        if fate < self._lost:
            return []
        return [(self._late_s if fate < self._lost + self._late else 0.0, direction, data)]

    def command(self, words: list[str]) -> None:
        """`lost SHARE`, or `late SHARE SECONDS`, from now on."""
        if words[0] == "lost":
            self._lost = float(words[1])
        else:
            self._late, self._late_s = map(float, words[1:])
