"""`tlscap analyze`: captures in, a summary and a report out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tlscap.cli.failure import INTERRUPTED, MISUSE, Failure
from tlscap.cli.interrupt import Interrupt
from tlscap.cli.output import Output, deliver, output_of, output_options
from tlscap.cli.progress import ProgressBar
from tlscap.cli.screen import talk

if TYPE_CHECKING:
    from tlscap.analysis import Analysis

REPORTS = Path("reports")

_COMPRESSED = {".gz", ".zst", ".xz", ".lz4", ".bz2"}


@click.command()
@click.argument("captures", nargs=-1, required=True, metavar="CAPTURE...")
@output_options
@click.option("--separate", is_flag=True, help="Analyse each capture on its own; the report goes to DIR/NAME/.")
def analyze(captures: tuple[str, ...], separate: bool, **options: Any) -> int:
    """Tells how every TLS session in CAPTURE was negotiated and how it ended.

    Reads pcap and pcapng, compressed or not; `-` is standard input. Several captures are one, in time
    order. Prints a summary, and leaves a report in reports/NAME/, NAME being that of the first capture;
    with --json or --csv only if -o is given. Exit status: 0 done, 1 findings at or above --fail-on,
    2 misuse or unreadable input.

    \b
    Examples:
      tlscap analyze lb1.pcap
      tlscap analyze lb1.pcap0 lb1.pcap1.gz -o lb1-report
      tcpdump -U -w - | tlscap analyze -
      tlscap analyze lb1.pcap --json | jq 'select(.dropped)'
    """
    output = output_of(options)
    if not separate:
        return _run(list(captures), _with_directory(output, _name(captures[0])))
    names = _distinct([_name(capture) for capture in captures])
    return _run_each(list(zip(captures, names)), output)


def _run_each(captures: list[tuple[str, str]], output: Output) -> int:
    """One after the other; one that cannot be read is said so, and the others are analysed all the same."""
    worst = 0
    for number, (capture, name) in enumerate(captures):
        if output.directory is not None:
            one = replace(output, directory=output.directory / name)
        else:
            one = _with_directory(output, name)
        if number and not output.is_data:
            click.echo()
        try:
            status = _run([capture], one, csv_header=number == 0)
        except Failure as failure:
            talk(f"tlscap: {failure.format_message()}")
            status = MISUSE
        worst = max(worst, status)
        if status == INTERRUPTED:
            break
    return worst


def _run(captures: list[str], output: Output, *, csv_header: bool = True) -> int:
    with Interrupt() as interrupt:
        analysis = _read(captures, interrupt)
    _warn(analysis)
    status = deliver(analysis, output, csv_header=csv_header)
    # Ctrl-C is how a stream is ended; a file has been read only in part.
    if interrupt.wanted and captures != ["-"]:
        talk("tlscap: interrupted: this is about what was read until then")
        return INTERRUPTED
    return status


def _read(captures: list[str], interrupt: Interrupt) -> Analysis:
    from tlscap.analysis import analyze
    from tlscap.capture import CaptureError

    try:
        with ProgressBar() as bar:
            return analyze(captures, stop=interrupt.is_wanted, progress=bar)
    except CaptureError as error:
        raise Failure(str(error)) from None


def _warn(analysis: Analysis) -> None:
    """Says where a capture is cut or damaged: what comes after is missing from all that follows."""
    from tlscap.report.printable import printable

    for row in analysis.coverage.select(["capture", "damage"]).to_pylist():
        for sentence in row["damage"]:
            talk(f"tlscap: warning: {printable(row['capture'])}: {printable(sentence)}")


def _with_directory(output: Output, name: str) -> Output:
    """Where the report goes if nobody said so."""
    if output.directory is not None or output.is_data:
        return output
    return replace(output, directory=REPORTS / name)


def _name(capture: str) -> str:
    """`lb1` for /tmp/lb1.pcap.gz."""
    if capture == "-":
        return "stdin"
    path = Path(capture)
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
