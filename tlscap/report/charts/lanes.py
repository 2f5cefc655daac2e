"""Lanes of bars: how many of what in each interval, stacked by category."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tlscap.report.charts.style import GREY, INK, Look
from tlscap.report.charts.time_axis import TimeAxis

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Row = Mapping[str, Any]

_LEGEND_AT = (1.012, 1.0)
_SENDER_AT = -0.05
"""Left of the numbers at the axis."""

_BAR = 0.92
"""Of the interval: a hair of white between neighbours."""


def plot_bars(axes: Axes, rows: Iterable[Row], looks: Mapping[str, Look], axis: TimeAxis) -> None:
    """Stacked bars of `rows` (`what`, `ns`, `interval_s`, `count`), and a legend with the totals."""
    totals: Counter[str] = Counter()
    tops: dict[int, int] = defaultdict(int)
    by_look: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_look[row["what"]].append(row)
        totals[row["what"]] += row["count"]
    for what in looks:
        if by_look[what]:
            _stack(axes, by_look[what], looks[what], axis, tops, up=True)
    _count_axis(axes)
    legend(axes, looks, totals)


def plot_mirrored_bars(axes: Axes, rows: Iterable[Row], looks: Mapping[str, Look], axis: TimeAxis) -> None:
    """The same by `sender`: what the server did stands above the line, what the client did below."""
    totals: Counter[str] = Counter()
    tops: dict[str, dict[int, int]] = {"server": defaultdict(int), "client": defaultdict(int)}
    merged: dict[tuple[str, str], Counter[int]] = defaultdict(Counter)
    interval_s = 0.0
    for row in rows:
        merged[row["what"], row["sender"]][row["ns"]] += row["count"]
        totals[row["what"]] += row["count"]
        interval_s = row["interval_s"]
    for what, look in looks.items():
        for sender, top in tops.items():
            bars = [{"ns": ns, "count": n, "interval_s": interval_s} for ns, n in sorted(merged[what, sender].items())]
            if bars:
                _stack(axes, bars, look, axis, top, up=sender == "server")
    axes.axhline(0, color=INK, linewidth=0.6)
    _count_axis(axes, mirrored=True)
    for sender, y, va in (("server", 1.0, "top"), ("client", 0.0, "bottom")):
        place = axes.transAxes
        axes.text(_SENDER_AT, y, f"sent by\n{sender}", transform=place, fontsize=8, color=GREY, ha="right", va=va)
    legend(axes, looks, totals)


def say_empty(axes: Axes, sentence: str) -> None:
    """A lane without anything in it says so in words."""
    axes.text(0.5, 0.5, sentence, transform=axes.transAxes, ha="center", va="center", color=GREY)
    axes.set_yticks([])


def legend(axes: Axes, looks: Mapping[str, Look], totals: Mapping[str, int]) -> None:
    """To the right of the lane, one entry for each category that occurs, with how many there are."""
    from matplotlib.patches import Patch

    handles = [
        Patch(facecolor=look.colour, hatch=look.hatch, edgecolor=_edge(look), label=f"{look.label}  {totals[what]:,}")
        for what, look in looks.items()
        if totals.get(what)
    ]
    axes.legend(handles=handles, loc="upper left", bbox_to_anchor=_LEGEND_AT)


def _stack(axes: Axes, rows: Sequence[Row], look: Look, axis: TimeAxis, tops: dict[int, int], *, up: bool) -> None:
    sign = 1 if up else -1
    axes.bar(
        [axis.seconds(row["ns"]) for row in rows],
        [sign * row["count"] for row in rows],
        width=[row["interval_s"] * _BAR for row in rows],
        bottom=[sign * tops[row["ns"]] for row in rows],
        align="edge",
        facecolor=look.colour,
        edgecolor=_edge(look),
        hatch=look.hatch,
        linewidth=0,
    )
    for row in rows:
        tops[row["ns"]] += row["count"]


def _edge(look: Look) -> str:
    """matplotlib draws hatches in the edge's colour."""
    return "white" if look.hatch else look.colour


def _count_axis(axes: Axes, *, mirrored: bool = False) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    low, high = axes.get_ylim()
    if mirrored:
        reach = max(abs(low), abs(high), 1.0)
        axes.set_ylim(-reach if low < 0 else -0.35 * reach, reach if high > 0 else 0.35 * reach)
    else:
        axes.set_ylim(0, max(high, 1.0))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=4, integer=True, min_n_ticks=2))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{abs(value):,.0f}"))
