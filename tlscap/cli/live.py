"""`tlscap live`: an interface in, a line for each drop and failed handshake, the summary at the end."""

from __future__ import annotations

from typing import Any

import click

from tlscap.cli.failure import Failure
from tlscap.cli.filter import filter_of, filter_options
from tlscap.cli.interrupt import Interrupt
from tlscap.cli.keylog import keylog_option
from tlscap.cli.limits import limit_options, take_limits
from tlscap.cli.output import deliver, output_of, output_options
from tlscap.cli.screen import printer, talk


@click.command()
@click.option("-i", "--interface", required=True, metavar="IFACE", help="Listen on this interface.")
@click.argument("words", nargs=-1, metavar="[BPF FILTER]")
@filter_options
@keylog_option
@output_options
@limit_options
def live(
    interface: str,
    words: tuple[str, ...],
    expression: str | None,
    filter_file: str | None,
    keylog: tuple[str, ...],
    **options: Any,
) -> int:
    """Tells of each drop and failed handshake on an interface as it happens.

    Prints a line for each, and the summary on Ctrl-C. The filter is tcpdump's, as the last arguments, or
    by -f or -F. With -o the same report as `analyze` leaves is written at the end. With --json or --csv
    the lines go to standard error, and the connections to standard output at the end. Listening takes
    root or the capability CAP_NET_RAW.

    \b
    Examples:
      tlscap live -i eth0
      tlscap live -i eth0 -o incident tcp port 443 and host 10.0.0.7
    """
    from tlscap.capture import CaptureError
    from tlscap.context.errors import KeylogError
    from tlscap.live.watch import watch

    filter = filter_of(words, expression, filter_file) or ""
    limits = take_limits(options)
    output = output_of(options)
    with Interrupt() as interrupt:
        say = talk if output.is_data else printer(interrupt)
        try:
            analysis = watch(
                interface, filter, keylog=keylog, limits=limits, say=say, talk=talk, stop=interrupt.is_wanted
            )
        except (CaptureError, KeylogError) as error:
            raise Failure(str(error)) from None
    if not output.is_data:
        say("")
    return deliver(analysis, output)
