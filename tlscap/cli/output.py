"""What every command that ends with an analysis does with it: the options, standard output, files, exit status."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from tlscap.cli.failure import BROKEN_PIPE, FOUND, Failure, hush
from tlscap.cli.screen import show, talk, width

if TYPE_CHECKING:
    from tlscap.analysis import Analysis

SEVERITIES = ("info", "warning", "critical")

_Command = TypeVar("_Command", bound=Callable[..., Any])

_OPTIONS = (
    click.option(
        "-o",
        "--output",
        "directory",
        type=click.Path(path_type=Path),
        metavar="DIR",
        help="Write the report (tables, summary.json, charts) into this folder.",
    ),
    click.option("--json", "as_json", is_flag=True, help="One JSON object a connection on standard output."),
    click.option("--csv", "as_csv", is_flag=True, help="The table of connections as CSV on standard output."),
    click.option("--no-charts", is_flag=True, help="Draw no charts."),
    click.option("-v", "--verbose", is_flag=True, help="List all connections after the summary."),
    click.option("--fail-on", type=click.Choice(SEVERITIES), help="Exit with 1 if a finding is at least so severe."),
)


@dataclass(frozen=True, slots=True)
class Output:
    """What was asked for; `directory` None means that no files are written."""

    directory: Path | None
    as_json: bool
    as_csv: bool
    no_charts: bool
    verbose: bool
    fail_on: str | None

    @property
    def is_data(self) -> bool:
        """Standard output carries the connections for another program, and nothing else."""
        return self.as_json or self.as_csv


def output_options(command: _Command) -> _Command:
    """Adds the options; the command takes them as keywords and makes an `Output` of them with `output_of`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def output_of(options: dict[str, Any]) -> Output:
    """Checks the options against each other, and that the report can be written, before anything is read."""
    output = Output(**options)
    if output.as_json and output.as_csv:
        raise click.UsageError("--json or --csv, not both.")
    if output.directory is not None:
        _check_writable(output.directory)
    return output


def deliver(analysis: Analysis, output: Output, *, csv_header: bool = True) -> int:
    """Prints, writes, and gives the exit status: BROKEN_PIPE, not an error that click would make 1 of, if the
    reader has what it wants; the report is written all the same."""
    hung_up = False
    try:
        _print(analysis, output, csv_header)
        sys.stdout.flush()
    except BrokenPipeError:
        hush()
        hung_up = True
    except OSError as error:
        hush()
        raise Failure(f"standard output cannot be written: {error.strerror or error}") from None
    if output.directory is not None:
        _write(analysis, output.directory, charts=not output.no_charts)
    return BROKEN_PIPE if hung_up else _status(analysis, output.fail_on)


def _print(analysis: Analysis, output: Output, csv_header: bool) -> None:
    if output.as_json:
        _print_lines(analysis.json_lines())
    elif output.as_csv:
        lines = analysis.csv_lines()
        if not csv_header:
            next(lines)
        _print_lines(lines)
    else:
        _print_summary(analysis, output.verbose)


def _print_summary(analysis: Analysis, verbose: bool) -> None:
    from tlscap.report.terminal import render_summary

    show(render_summary(analysis, width()))
    if verbose:
        from tlscap.report.connections_table import render_connections

        print()
        _print_lines(render_connections(analysis, width() if sys.stdout.isatty() else None))


def _print_lines(lines: Iterable[str]) -> None:
    for line in lines:
        sys.stdout.write(line + "\n")


def _write(analysis: Analysis, directory: Path, *, charts: bool) -> None:
    from tlscap.tables.errors import TablesError

    if charts:
        import logging  # takes 4 ms

        logging.getLogger("matplotlib").setLevel(logging.ERROR)  # it tells of its font cache
    try:
        analysis.write(directory, charts=charts)
    except TablesError as error:
        raise Failure(str(error)) from None
    except OSError as error:
        raise Failure(f"{directory}: the report cannot be written: {error.strerror or error}") from None
    talk(f"report in {directory}/")


def _check_writable(directory: Path) -> None:
    """The nearest folder that is there must take new ones; nothing is made yet."""
    there = next((path for path in (directory, *directory.absolute().parents) if path.exists()), Path("/"))
    if not there.is_dir():
        raise Failure(f"{there}: is a file; name a folder with -o")
    if not os.access(there, os.W_OK | os.X_OK):
        raise Failure(f"{there}: no permission to write the report there; name another folder with -o")


def _status(analysis: Analysis, fail_on: str | None) -> int:
    if fail_on is None:
        return 0
    severe = SEVERITIES[SEVERITIES.index(fail_on) :]
    return FOUND if any(finding.severity in severe for finding in analysis.findings) else 0
