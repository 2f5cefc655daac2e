"""`tlscap analyze`: captures in, a summary and a report out."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tlscap.cli.captures import CAPTURE_OPTIONS, Captures, capture_options, captures_of
from tlscap.cli.failure import BROKEN_PIPE, INTERRUPTED, MISUSE, Failure
from tlscap.cli.interrupt import Interrupt
from tlscap.cli.keylog import keylog_option
from tlscap.cli.limits import limit_options, take_limits
from tlscap.cli.output import Output, deliver, output_of, output_options
from tlscap.cli.reading import read
from tlscap.cli.screen import printer, talk

if TYPE_CHECKING:
    from tlscap.analysis import Analysis
    from tlscap.engine.limits import Limits

REPORTS = Path("reports")

MAX_WARNINGS = 10
"""Sentences on damage to one capture; more would push the summary off the screen."""

_COMPRESSED = {".gz", ".zst", ".xz", ".lz4", ".bz2"}


@click.command()
@capture_options
@click.option("--separate", is_flag=True, help="Analyse each capture on its own; the report goes to DIR/NAME/.")
@click.option(
    "--follow", is_flag=True, help="Wait for more when the last capture ends; Ctrl-C ends it with the report."
)
@click.option(
    "-j",
    "--jobs",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    metavar="N",
    help="Processes that share the connections, or with --separate the captures.",
)
@keylog_option
@output_options
@limit_options
def analyze(separate: bool, follow: bool, jobs: int, keylog: tuple[str, ...], **options: Any) -> int:
    """Tells how every TLS session in CAPTURE was negotiated and how it ended.

    Reads pcap and pcapng, compressed or not. `-` is standard input, a directory is the captures in it.
    Several captures, as tcpdump's -C, -G and -W leave them, are one in time order, whose sessions go on
    from file to file. Prints a summary, and leaves a report in reports/NAME/, NAME being that of the
    first capture; with --json or --csv only if -o is given.

    A BPF filter as tcpdump has it may follow the captures. What exists is a capture; the first argument
    that does not exist and begins as filters do (tcp, host, port, not, ...) begins the filter. -f and -F
    leave no doubt.

    With --keylog, or secrets in a pcapng, handshakes and alerts are decrypted; application data never
    leaves memory.

    With --follow, captures that are still being written are read as they grow, and new ones in a
    directory are taken up; drops and failed handshakes are told as they happen.

    With --jobs, processes share the work; the tables are the same. Every one reads and decodes all and then
    follows its share of the connections. One process does it alone where a capture can be read only once
    (a pipe), or where there are so many connections that a limit is reached.

    Exit status: 0 done, 1 findings at or above --fail-on, 2 misuse or unreadable input.

    \b
    Examples:
      tlscap analyze lb1.pcap
      tlscap analyze lb1.pcap0 lb1.pcap1.gz -o lb1-report
      tlscap analyze captures/ tcp port 443 and host 10.0.0.7
      tlscap analyze --follow /var/tmp/ring/
      tlscap analyze --jobs 4 large.pcap
      tlscap analyze lb1.pcap --keylog keys.txt
      tcpdump -U -w - | tlscap analyze -
      tlscap analyze lb1.pcap --json | jq 'select(.dropped)'
    """
    if separate and follow:
        raise click.UsageError("--separate or --follow, not both.")
    if jobs > 1 and follow:
        raise click.UsageError("--jobs is for captures that are complete, not for --follow.")
    captures = replace(captures_of(**{name: options.pop(name) for name in CAPTURE_OPTIONS}), keylog=keylog)
    limits = take_limits(options)
    output = output_of(options)
    if separate:
        return _run_each(captures, limits, output, jobs)
    output = _with_directory(output, _name(captures.paths[0]))
    return _follow(captures, limits, output) if follow else _run(captures, limits, output, jobs=jobs)


def _run_each(captures: Captures, limits: Limits, output: Output, jobs: int) -> int:
    """One after the other, or `jobs` at a time; one that cannot be read is said so, and the others are analysed."""
    from tlscap.cli.side_by_side import side_by_side

    paths = _each(captures)
    tasks = [
        partial(_run_one, replace(captures, paths=[path]), limits, _for_one(output, name), number)
        for number, (path, name) in enumerate(zip(paths, _distinct([_name(path) for path in paths])))
    ]
    worst = 0
    for status in (task() for task in tasks) if jobs == 1 else side_by_side(tasks, jobs):
        worst = max(worst, status)
        if status == INTERRUPTED or (status == BROKEN_PIPE and output.is_data and output.directory is None):
            break
    return worst


def _for_one(output: Output, name: str) -> Output:
    if output.directory is not None:
        return replace(output, directory=output.directory / name)
    return _with_directory(output, name)


def _run_one(captures: Captures, limits: Limits, output: Output, number: int) -> int:
    if number and not output.is_data:
        click.echo()
    try:
        return _run(captures, limits, output, csv_header=number == 0)
    except Failure as failure:
        talk(f"tlscap: {failure.format_message()}")
        return MISUSE


def _each(captures: Captures) -> list[str]:
    """The single captures, those in directories too; a filter that is none is told once, not for each."""
    from tlscap.capture import CaptureError
    from tlscap.capture.fileset import expand

    try:
        if captures.filter is not None:
            from tlscap.capture.bpf import BatchFilter

            BatchFilter(captures.filter)
        return [file for path in captures.paths for file in expand([path])]
    except CaptureError as error:
        raise Failure(str(error)) from None


def _run(captures: Captures, limits: Limits, output: Output, *, jobs: int = 1, csv_header: bool = True) -> int:
    with Interrupt() as interrupt:
        analysis = read(captures, limits, interrupt, jobs)
        _warn(analysis)
        status = deliver(analysis, output, csv_header=csv_header)
    # Ctrl-C is how a stream is ended; a file has been read only in part.
    if interrupt.wanted and captures.paths != ["-"]:
        talk("tlscap: interrupted: this is about what was read until then")
        return INTERRUPTED
    return status


def _follow(captures: Captures, limits: Limits, output: Output) -> int:
    from tlscap.capture import CaptureError
    from tlscap.context.errors import KeylogError
    from tlscap.live.follow import follow

    with Interrupt() as interrupt:
        say = talk if output.is_data else printer(interrupt)
        try:
            analysis = follow(
                captures.paths,
                captures.filter,
                keylog=captures.keylog,
                limits=limits,
                say=say,
                stop=interrupt.is_wanted,
            )
        except (CaptureError, KeylogError) as error:
            raise Failure(str(error)) from None
        _warn(analysis)
        if not output.is_data:
            say("")
        return deliver(analysis, output)


def _warn(analysis: Analysis) -> None:
    """Says where a capture is cut or damaged, what comes after is missing from all that follows; and a key log odd."""
    from tlscap.report.printable import printable

    for sentence in analysis.warnings:
        talk(f"tlscap: warning: {printable(sentence)}")
    for row in analysis.coverage.select(["capture", "damage"]).to_pylist():
        sentences = row["damage"]
        if len(sentences) > MAX_WARNINGS:
            sentences = [*sentences[:MAX_WARNINGS], "damaged in more places; the table coverage of the report has them"]
        for sentence in sentences:
            talk(f"tlscap: warning: {printable(row['capture'])}: {printable(sentence)}")


def _with_directory(output: Output, name: str) -> Output:
    """Where the report goes if nobody said so."""
    if output.directory is not None or output.is_data:
        return output
    return replace(output, directory=REPORTS / name)


def _name(capture: str) -> str:
    """`lb1` for /tmp/lb1.pcap.gz; the name of a directory as it is."""
    if capture == "-":
        return "stdin"
    path = Path(capture)
    if path.is_dir():
        return path.resolve().name or "capture"
    if path.suffix in _COMPRESSED:
        path = path.with_suffix("")
    return path.stem or "capture"


def _distinct(names: list[str]) -> list[str]:
    """`a`, `a-2` where two captures have the same name."""
    seen: dict[str, int] = {}
    result = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        result.append(name if seen[name] == 1 else f"{name}-{seen[name]}")
    return result
