"""The timeline: handshakes, renegotiations, alerts, and every drop, over the time of the capture.

Made to be pasted into a postmortem: it says what it shows, of when, how much of it there is, and what
the capture lost.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tlscap.report.charts.drop_rows import ServerRow, plot_drops, server_rows
from tlscap.report.charts.lanes import plot_bars, plot_mirrored_bars, say_empty
from tlscap.report.charts.style import ALERTS, GREY, HANDSHAKES, RENEGOTIATIONS
from tlscap.report.charts.time_axis import TimeAxis, interval_words
from tlscap.report.quantities import NS, count

if TYPE_CHECKING:
    import pyarrow
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_WIDTH, _LEFT, _RIGHT = 13.0, 1.95, 2.5
_LINE, _GAP, _AXIS = 0.19, 0.42, 0.62
"""Inches: a line of text, the space above a lane for its title, the time axis below the last."""

_HANDSHAKES_HIGH, _LANE_HIGH, _EMPTY_HIGH, _ROW_HIGH = 1.5, 0.95, 0.34, 0.42

_TOP_ALERTS = 4

_DROPS_TITLE = "Drops by server (left: how many of its connections): one mark a drop, where the session ended"


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands above the lanes (`title`, `lines`) and below them (`notes`), already fit to show."""

    title: str
    lines: Sequence[str] = ()
    notes: Sequence[str] = ()


def plot_timeline(figure: Figure, table: pyarrow.Table, axis: TimeAxis, heading: Heading) -> None:
    """Draws `table` (of `timeline_table`) on an empty `figure`, and sets its height to what the table needs."""
    lanes = _by_lane(table)
    rows = server_rows(lanes["drops"], {row["server"]: row["count"] for row in lanes["connections"]})
    heights = [
        _HANDSHAKES_HIGH if lanes["handshakes"] else _EMPTY_HIGH,
        _LANE_HIGH if lanes["renegotiations"] else _EMPTY_HIGH,
        _LANE_HIGH if _drawn_alerts(lanes["alerts"]) else _EMPTY_HIGH,
        _ROW_HIGH * len(rows) if lanes["drops"] else _EMPTY_HIGH,
    ]
    axes = _lay_out(figure, heights, heading)
    _draw_handshakes(axes[0], lanes["handshakes"], axis)
    _draw_renegotiations(axes[1], lanes["renegotiations"], axis)
    _draw_alerts(axes[2], lanes["alerts"], axis)
    _draw_drops(axes[3], rows, axis)
    for lane in axes:
        axis.draw(lane)
        lane.grid(axis="x")
        if lane is not axes[-1]:
            lane.tick_params(labelbottom=False, length=2)
            lane.set_xlabel("")


def _by_lane(table: pyarrow.Table) -> dict[str, list[dict[str, Any]]]:
    """Rows as dicts with `time` as `ns`: a datetime would lose nanoseconds."""
    lanes: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in table.append_column("ns", table["time"].cast("int64")).drop_columns(["time"]).to_pylist():
        lanes[row["lane"]].append(row)
    return lanes


def _lay_out(figure: Figure, heights: Sequence[float], heading: Heading) -> list[Axes]:
    """One axes for each of `heights` (inches), between the heading and the notes."""
    top = 0.42 + _LINE * len(heading.lines)
    bottom = _AXIS + _LINE * len(heading.notes) + 0.08
    high = top + sum(heights) + _GAP * len(heights) + bottom
    figure.set_size_inches(_WIDTH, high)
    left = 0.25 / _WIDTH
    figure.text(left, 1 - 0.12 / high, heading.title, fontsize=13, fontweight="bold", va="top")
    for n, line in enumerate(heading.lines):
        figure.text(left, 1 - (0.42 + _LINE * n) / high, line, va="top")
    for n, note in enumerate(reversed(heading.notes)):
        figure.text(left, (0.08 + _LINE * n) / high, note, va="bottom", fontsize=8, color=GREY)
    axes, y = [], high - top
    for height in heights:
        y -= _GAP + height
        axes.append(figure.add_axes((_LEFT / _WIDTH, y / high, (_WIDTH - _LEFT - _RIGHT) / _WIDTH, height / high)))
    return axes


def _draw_handshakes(axes: Axes, rows: list[dict[str, Any]], axis: TimeAxis) -> None:
    axes.set_title(_title("Handshakes", rows))
    if rows:
        plot_bars(axes, rows, HANDSHAKES, axis)
    else:
        say_empty(axes, "no handshake in the capture")


def _draw_renegotiations(axes: Axes, rows: list[dict[str, Any]], axis: TimeAxis) -> None:
    axes.set_title(_title("Renegotiations", rows))
    if rows:
        plot_bars(axes, rows, RENEGOTIATIONS, axis)
    else:
        say_empty(axes, "no renegotiation")


def _draw_alerts(axes: Axes, rows: list[dict[str, Any]], axis: TimeAxis) -> None:
    drawn = _drawn_alerts(rows)
    closes = sum(row["count"] for row in rows) - sum(row["count"] for row in drawn)
    title = _title("Alerts", drawn) + (", without close_notify" if closes else "")
    axes.set_title(title)
    if drawn:
        plot_mirrored_bars(axes, drawn, ALERTS, axis)
        axes.set_title(_most_frequent(drawn), loc="right", fontweight="normal", fontsize=8.5)
    else:
        say_empty(axes, "no alert" + (f" but {closes:,} close_notify" if closes else ""))


def _draw_drops(axes: Axes, rows: list[ServerRow], axis: TimeAxis) -> None:
    dropped, connections = sum(len(row.drops) for row in rows), sum(row.connections for row in rows)
    axes.set_title(_DROPS_TITLE)
    if dropped:
        plot_drops(axes, rows, axis)
    else:
        say_empty(axes, f"no drops among {count(connections, 'connection')}")


def _drawn_alerts(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Every orderly close is an alert too; those would hide the rest."""
    return [row for row in rows if row["what"] != "close_notify"]


def _most_frequent(rows: list[dict[str, Any]]) -> str:
    totals: dict[str, int] = defaultdict(int)
    for row in rows:
        totals[row["detail"]] += row["count"]
    order = sorted(totals, key=lambda detail: (-totals[detail], detail))
    shown = [f"{detail} {totals[detail]:,}" for detail in order[:_TOP_ALERTS]]
    return ", ".join(shown + (["…"] if len(order) > _TOP_ALERTS else []))


def _title(what: str, rows: list[dict[str, Any]]) -> str:
    return f"{what} {interval_words(round(rows[0]['interval_s'] * NS))}" if rows else what
