"""The time axis of every chart: UTC, round ticks, and intervals that suit two seconds as well as three days.

Charts draw time as seconds since the first instant shown, a number small enough for a float to keep
its nanoseconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tlscap.report.quantities import NS, clock, duration, instant

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MS = NS // 1000
_MINUTE, _HOUR, _DAY = 60 * NS, 3600 * NS, 86_400 * NS

_STEPS = [
    *(n * _MS for n in (1, 2, 5, 10, 20, 50, 100, 200, 500)),
    *(n * NS for n in (1, 2, 5, 10, 15, 30)),
    *(n * _MINUTE for n in (1, 2, 5, 10, 15, 30)),
    *(n * _HOUR for n in (1, 2, 3, 6, 12)),
    *(n * _DAY for n in (1, 2, 7, 14, 28, 91, 182, 364, 3640)),
]

_MARGIN = 0.01
"""Of the span, left free on both sides, so that a mark at either end is whole."""

_MAX_BARS = 90
"""Of a lane: bars stay wide enough to show their hatch."""


@dataclass(frozen=True, slots=True)
class TimeAxis:
    """The range that a chart shows, `first_ns` to `last_ns`."""

    first_ns: int
    last_ns: int

    @property
    def span_s(self) -> float:
        """Never zero: a capture of one instant is shown as a millisecond."""
        return max(self.last_ns - self.first_ns, _MS) / NS

    def interval_ns(self, parts: int) -> int:
        """The smallest round interval that divides the range into at most `parts`."""
        return next((step for step in _STEPS if self.span_s * NS <= step * parts), _STEPS[-1])

    @property
    def bar_ns(self) -> int:
        """What one bar of a lane covers; bars begin at multiples of it."""
        return self.interval_ns(_MAX_BARS)

    def seconds(self, ns: int) -> float:
        """The place of an instant on the axis."""
        return (ns - self.first_ns) / NS

    def draw(self, axes: Axes, ticks: int = 9) -> None:
        """Sets limits and round ticks of `axes`, and labels them; a date stands where a new day begins."""
        step = self.interval_ns(ticks)
        instants = range(-(-self.first_ns // step) * step, self.last_ns + 1, step)
        if not instants:
            instants = range(self.first_ns, self.first_ns + 1)
        margin = self.span_s * _MARGIN
        bar = self.bar_ns
        first_bar, last_bar = self.first_ns // bar * bar, (self.last_ns // bar + 1) * bar
        axes.set_xlim(min(self.seconds(first_bar), -margin), max(self.seconds(last_bar), self.span_s + margin))
        axes.set_xticks([self.seconds(ns) for ns in instants], _labels(instants, step))
        axes.set_xlabel("time (UTC)")


def _labels(instants: range, step: int) -> list[str]:
    if step >= _DAY:
        return [instant(ns)[:10] for ns in instants]
    labels, day = [], ""
    for ns in instants:
        date = instant(ns)[:10]
        labels.append(_clock_label(ns, step) + (f"\n{date}" if date != day else ""))
        day = date
    return labels


def _clock_label(ns: int, step: int) -> str:
    if step >= _MINUTE:
        return clock(ns)[:5]
    return clock(ns, 0 if step >= NS else 1 if step >= 100 * _MS else 3)


def interval_words(ns: int) -> str:
    """`per 5 s`, `per hour`: what a bar counts over."""
    one = {NS: "second", _MINUTE: "minute", _HOUR: "hour", _DAY: "day"}
    return f"per {one.get(ns) or duration(ns / NS)}"
