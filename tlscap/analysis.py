"""What a run found: tables, findings and reports."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa
    from matplotlib.figure import Figure

    from tlscap.findings.finding import Finding
    from tlscap.report.overview import Overview
    from tlscap.tables.finish import Tables

_MAX_REMEMBERED_ANSWERS, _MAX_REMEMBERED_ROWS = 64, 1000
"""Of queries; a program may ask without end, and for whole tables."""


class Analysis:
    """What a run found: the tables, questions to them, and ways to write it down.

    `warnings` are sentences about what was given beside the packets: lines of key logs that make no sense.
    """

    def __init__(self, tables: Tables, warnings: Sequence[str] = ()) -> None:
        self.tables = tables
        self.warnings = list(warnings)
        self._answers: dict[str, pa.Table] = {}  # tables never change, and reports ask the same things

    @property
    def connections(self) -> pa.Table:
        return self.tables.connections

    @property
    def handshakes(self) -> pa.Table:
        return self.tables.handshakes

    @property
    def alerts(self) -> pa.Table:
        return self.tables.alerts

    @property
    def certificates(self) -> pa.Table:
        return self.tables.certificates

    @property
    def anomalies(self) -> pa.Table:
        return self.tables.anomalies

    @property
    def endpoints(self) -> pa.Table:
        return self.tables.endpoints

    @property
    def coverage(self) -> pa.Table:
        return self.tables.coverage

    def sql(self, query: str) -> pa.Table:
        """The answer of DuckDB over the tables by their names; it sees nothing else, no file either."""
        answer = self._answers.get(query)
        if answer is None:
            answer = self._connection.sql(query).to_arrow_table()
            if answer.num_rows <= _MAX_REMEMBERED_ROWS and len(self._answers) < _MAX_REMEMBERED_ANSWERS:
                self._answers[query] = answer
        return answer

    @cached_property
    def findings(self) -> list[Finding]:
        """What all rules found, the most severe first."""
        from tlscap.findings.run import run

        return run(self)

    @cached_property
    def overview(self) -> Overview:
        """The numbers that all reports share."""
        from tlscap.report.summing import overview

        return overview(self.connections, self.alerts)

    def summary(self) -> dict[str, Any]:
        """What summary.json holds: plain values only."""
        from tlscap.report.summary import summarise

        return summarise(self)

    def timeline(self) -> Figure:
        """The timeline as a matplotlib figure, in UTC."""
        from tlscap.report.charts.draw import draw_timeline

        return draw_timeline(self)

    def json_lines(self) -> Iterator[str]:
        """One JSON object a connection, without line ends; see `tlscap.tables.jsonl`."""
        from tlscap.tables.jsonl import render_json_lines

        return render_json_lines(self.tables)

    def csv_lines(self) -> Iterator[str]:
        """A header and a line a connection, without line ends; see `tlscap.tables.csv`."""
        from tlscap.tables.csv import render_csv

        return render_csv(self.tables)

    def write(self, directory: str | os.PathLike[str], *, charts: bool = True) -> list[Path]:
        """Writes tables/*.parquet, summary.json and, with `charts`, the timeline into `directory`.

        Without, a timeline that an earlier report left there goes: it is of other tables. Gives the paths. Raises
        TablesError, in one line, and then leaves nothing half-written.
        """
        from tlscap.report.charts import CHART_FILES
        from tlscap.tables.parquet import write_tables
        from tlscap.tables.whole import whole_files

        place = Path(directory)
        with whole_files(place, outdated=CHART_FILES) as part:
            made = write_tables(self.tables, part / "tables")
            made.append(part / "summary.json")
            made[-1].write_text(json.dumps(self.summary(), indent=2) + "\n", encoding="utf-8")
            if charts:
                from tlscap.report.charts.draw import write_timeline

                made += write_timeline(self, part)
        return [place / path.relative_to(part) for path in made]

    @cached_property
    def _connection(self) -> duckdb.DuckDBPyConnection:
        from tlscap.tables.database import connect

        return connect(self.tables)
