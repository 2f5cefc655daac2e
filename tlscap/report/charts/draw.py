"""Charts of an analysis, made and saved: the one place that imports matplotlib."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

from tlscap.report.charts import CHART_FILES, style
from tlscap.report.charts.time_axis import TimeAxis
from tlscap.report.charts.timeline import Heading, plot_timeline
from tlscap.report.charts.timeline_table import time_axis, timeline_table
from tlscap.report.losses import Covered
from tlscap.report.overview import DROP_WORDS, Overview
from tlscap.report.printable import printable
from tlscap.report.quantities import count, span
from tlscap.report.subject import Subject

if TYPE_CHECKING:
    import pyarrow
    from matplotlib.figure import Figure


MAX_SENTENCES = 3
"""Findings above the lanes; the summary has all of them."""

_LINE_LENGTH, _NOTE_LENGTH = 165, 190
"""Characters that fit the width of the figure."""


def draw_timeline(analysis: Subject) -> Figure:
    """The timeline as a matplotlib Figure with the Agg canvas."""
    return _timeline(analysis)[0]


def write_timeline(analysis: Subject, directory: Path) -> list[Path]:
    """Writes `timeline.png`, and the table behind it as `timeline.csv`, into an existing directory."""
    from pyarrow import csv

    figure, table = _timeline(analysis)
    picture, text = (directory / name for name in CHART_FILES)
    figure.savefig(picture)
    csv.write_csv(table, text)
    return [picture, text]


def _timeline(analysis: Subject) -> tuple[Figure, pyarrow.Table]:
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    covered = Covered(analysis.coverage)
    axis = time_axis(analysis.sql) or TimeAxis(covered.first_ns or 0, covered.last_ns or 0)
    table = timeline_table(analysis.sql, axis)
    with matplotlib.rc_context(style.RC):
        figure = Figure()
        FigureCanvasAgg(figure)
        plot_timeline(figure, table, axis, _heading(analysis, covered, axis))
    return figure, table


def _heading(analysis: Subject, covered: Covered, axis: TimeAxis) -> Heading:
    lines = [f"{span(axis.first_ns, axis.last_ns)}: {_counts(analysis.overview)}"]
    for finding in analysis.findings[:MAX_SENTENCES]:
        sentence = f"{finding.severity.capitalize()}: {printable(finding.sentence)}"
        lines += textwrap.wrap(sentence, _LINE_LENGTH, subsequent_indent="    ")
    notes = textwrap.wrap(_note(covered), _NOTE_LENGTH)
    return Heading(f"TLS sessions in {covered.name()}", lines, notes)


def _counts(numbers: Overview) -> str:
    totals = numbers.totals
    drops = f"{totals['dropped']:,} dropped" if totals["dropped"] else "no drops"
    if len(numbers.drops) == 1:
        drops += f" ({DROP_WORDS[next(iter(numbers.drops))]})"
    parts = [
        f"{count(totals['connections'], 'connection')} to {count(totals['servers'], 'server')}",
        drops,
        f"{count(totals['failed'], 'handshake')} failed",
        f"{totals['renegotiations_refused']:,} of {count(totals['renegotiations'], 'renegotiation')} refused",
    ]
    return ", ".join(parts[: 4 if totals["renegotiations"] else 3])


def _note(covered: Covered) -> str:
    """How far the picture can be trusted."""
    lost = "; ".join(covered.losses())
    edges = covered.edges()
    sentences = [
        f"Capture: {covered.volume()}, {covered.span()}.",
        f"Lost by the capture: {lost}." if lost else "The capture tells of no loss of its own.",
        f"Connections at its edges: {edges}." if edges else "",
    ]
    return " ".join(sentence for sentence in sentences if sentence)
