"""`tlscap renegotiations`: the ledger of renegotiations, and their rates."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from tlscap.cli.captures import CAPTURE_OPTIONS, capture_options, captures_of
from tlscap.cli.failure import BROKEN_PIPE, INTERRUPTED, hush
from tlscap.cli.interrupt import Interrupt
from tlscap.cli.keylog import keylog_option
from tlscap.cli.limits import limit_options, take_limits
from tlscap.cli.reading import read
from tlscap.cli.screen import talk

if TYPE_CHECKING:
    from tlscap.analysis import Analysis

WITHIN_S = 60.0


@click.command()
@capture_options
@click.option("--by", type=click.Choice(("server", "client", "sni")), help="Their rates by this, in place of the list.")
@click.option(
    "--within",
    type=click.FloatRange(min=0),
    default=WITHIN_S,
    show_default=True,
    metavar="SECONDS",
    help="With --by: a drop this long after one is counted as its consequence.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, with all messages.")
@keylog_option
@limit_options
def renegotiations(by: str | None, within: float, as_json: bool, keylog: tuple[str, ...], **options: Any) -> int:
    """Lists every TLS renegotiation in CAPTURE: who asked, what came of it, and how sure that is.

    Told without keys, from the types and lengths of encrypted records; with --keylog it is read. `sure` is
    the confidence in who asked, the kind and the outcome.

    With --by server, client or sni: how many were attempted, completed, refused and failed (or stalled), the
    median duration, the share that a drop of the connection followed, and whether the server supports
    secure renegotiation (RFC 5746).

    \b
    Examples:
      tlscap renegotiations lb1.pcap
      tlscap renegotiations lb1.pcap --by server --within 10
      tlscap renegotiations lb1.pcap --json | jq 'select(.outcome == "refused")'
    """
    captures = replace(captures_of(**{name: options.pop(name) for name in CAPTURE_OPTIONS}), keylog=keylog)
    with Interrupt() as interrupt:
        analysis = read(captures, take_limits(options), interrupt)
    for sentence in analysis.warnings:
        talk(f"tlscap: warning: {sentence}")
    for sentence in _limits_reached(analysis):
        talk(f"tlscap: warning: {sentence}")
    try:
        for line in _lines(analysis, by, within, as_json):
            print(line)
        sys.stdout.flush()
    except BrokenPipeError:
        hush()
        return BROKEN_PIPE
    return INTERRUPTED if interrupt.wanted and captures.paths != ["-"] else 0


def _limits_reached(analysis: Analysis) -> Iterator[str]:
    """That there may have been more renegotiations than are listed."""
    from tlscap.report.renegotiations import untold

    more = untold(analysis)
    if more:
        yield (
            f"renegotiations may be missing: {more:,} connections have more records than are kept (anomalies "
            "too_many_events, renegotiations_not_told)"
        )


def _lines(analysis: Analysis, by: str | None, within: float, as_json: bool) -> Iterator[str]:
    from tlscap.report.renegotiations import LEDGER, rates, render_ledger, render_rates

    if as_json:
        from tlscap.tables.jsonl import render_rows

        yield from render_rows(rates(analysis, by, within) if by else analysis.sql(LEDGER))
    elif by:
        yield from render_rates(analysis, by, within)
    else:
        yield from render_ledger(analysis)
