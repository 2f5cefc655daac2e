"""The drops, every one a mark: a row a server, colour and shape by how the session ended.

Marks that would hide one another stand on top of each other, so that many drops at once make a
column whose height can be compared from row to row.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tlscap.report.charts.style import DROPS, FAINT, GREY, INK
from tlscap.report.charts.time_axis import TimeAxis

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MAX_ROWS = 12
"""More rows cannot be read; the servers with the fewest drops share the last one."""

_BASE, _ROOM = 0.16, 0.7
"""Of a row's height: where marks stand, and how far they may pile up."""

_CROWD, _NUMBERED_PILES = 2.0, 2
"""A pile of twice as many as there is room for gets its number written beside it, the tallest few of a row."""

_LABEL_LENGTH = 26


@dataclass(slots=True)
class ServerRow:
    """One row of marks: a server, or several that share it."""

    label: str
    connections: int = 0
    drops: list[Mapping[str, Any]] = field(default_factory=list)


def server_rows(drops: Iterable[Mapping[str, Any]], connections: Mapping[str, int]) -> list[ServerRow]:
    """The rows from top to bottom, most drops first; servers without drops are there as long as there is room."""
    by_server: dict[str, list[Mapping[str, Any]]] = {server: [] for server in connections}
    for drop in drops:
        by_server[drop["server"]].append(drop)
    order = sorted(by_server, key=lambda server: (-len(by_server[server]), -connections[server], server))
    alone = order if len(order) <= MAX_ROWS else order[: MAX_ROWS - 1]
    rows = [ServerRow(server, connections[server], by_server[server]) for server in alone]
    if rest := order[len(alone) :]:
        rows.append(ServerRow(f"other servers ({len(rest):,})"))
        for server in rest:
            rows[-1].connections += connections[server]
            rows[-1].drops += by_server[server]
    return rows


def plot_drops(axes: Axes, rows: Sequence[ServerRow], axis: TimeAxis) -> None:
    """Draws `rows` from the top of `axes` down, with their counts, and a legend of the shapes."""
    totals = Counter(drop["what"] for row in rows for drop in row.drops)
    size = _MarkSize(axes, sum(totals.values()), len(rows))
    marks: dict[tuple[str, bool], list[tuple[float, float]]] = defaultdict(list)
    for index, row in enumerate(rows):
        base = len(rows) - 1 - index
        piles = _piles(row.drops, axis, size.slots)
        for pile in piles:
            step = min(size.step, _ROOM / len(pile))
            crowded = step < size.step / _CROWD
            for n, drop in enumerate(pile):
                marks[drop["what"], crowded].append((axis.seconds(drop["ns"]), base + _BASE + size.step / 2 + n * step))
        _number_tall_piles(axes, piles, axis, base, _ROOM / size.step)
    for (what, crowded), places in sorted(marks.items()):
        xs, ys = zip(*places)
        # Outlines keep neighbours apart; where marks lie on one another only outlines would be left.
        axes.plot(
            xs,
            ys,
            linestyle="none",
            marker=DROPS[what].marker,
            markersize=size.points,
            color=DROPS[what].colour,
            markeredgecolor="white",
            markeredgewidth=0 if crowded else 0.3,
        )
    _frame(axes, rows)
    _legend(axes, totals)


class _MarkSize:
    """How large marks are; so how many stand side by side, and how far apart they pile up (in rows)."""

    def __init__(self, axes: Axes, total: int, rows: int) -> None:
        figure = axes.get_figure(root=True)
        assert figure is not None
        inches_wide, inches_high = figure.get_size_inches()
        box = axes.get_position()
        self.points = 7.0 if total <= 200 else 5.0 if total <= 1500 else 4.0
        self.slots = max(int(box.width * inches_wide * 72 / self.points), 1)
        self.step = 0.75 * self.points * rows / (box.height * inches_high * 72)


def _piles(drops: Iterable[Mapping[str, Any]], axis: TimeAxis, slots: int) -> list[list[Mapping[str, Any]]]:
    """The drops that share a slot of the axis, those of one kind together."""
    order = {what: n for n, what in enumerate(DROPS)}
    piles: dict[int, list[Mapping[str, Any]]] = defaultdict(list)
    for drop in sorted(drops, key=lambda drop: (order[drop["what"]], drop["ns"])):
        piles[int(axis.seconds(drop["ns"]) / axis.span_s * slots)].append(drop)
    return list(piles.values())


def _number_tall_piles(
    axes: Axes, piles: Iterable[Sequence[Mapping[str, Any]]], axis: TimeAxis, base: int, full: float
) -> None:
    """Says how many there are where marks had to be pressed together, at the tallest piles of a row."""
    tall = sorted((pile for pile in piles if len(pile) > _CROWD * full), key=len, reverse=True)
    for pile in tall[:_NUMBERED_PILES]:
        x = axis.seconds(pile[0]["ns"]) + axis.span_s * 0.006
        axes.text(
            x,
            base + 0.98,
            f"{len(pile):,}",
            fontsize=7.5,
            va="top",
            color=INK,
            bbox={"facecolor": "white", "alpha": 0.7, "linewidth": 0, "pad": 0.4},
        )


def _frame(axes: Axes, rows: Sequence[ServerRow]) -> None:
    axes.set_ylim(0, len(rows))
    axes.set_yticks([len(rows) - 0.5 - n for n in range(len(rows))], [_label(row) for row in rows], fontsize=8)
    axes.tick_params(axis="y", length=0)
    for n in range(len(rows)):
        axes.axhline(n, color=FAINT, linewidth=0.8)


def _label(row: ServerRow) -> str:
    name = row.label
    if len(name) > _LABEL_LENGTH:
        keep = (_LABEL_LENGTH - 1) // 2
        name = f"{name[:keep]}…{name[-keep:]}"
    return f"{name}\n{len(row.drops):,} of {row.connections:,}"


def _legend(axes: Axes, totals: Mapping[str, int]) -> None:
    from matplotlib.lines import Line2D

    handles = [
        Line2D(
            [],
            [],
            linestyle="none",
            marker=look.marker,
            markersize=7,
            color=look.colour,
            markeredgecolor=GREY,
            markeredgewidth=0.4,
            label=f"{look.label}  {totals[what]:,}",
        )
        for what, look in DROPS.items()
        if totals.get(what)
    ]
    axes.legend(handles=handles, loc="upper left", bbox_to_anchor=(1.012, 1.0))
