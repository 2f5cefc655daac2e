"""`tlscap live`: an interface in, a line for each drop and failed handshake, the summary at the end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from tlscap.cli.failure import Failure, hush
from tlscap.cli.interrupt import Interrupt
from tlscap.cli.output import deliver, output_of, output_options
from tlscap.cli.screen import talk


@click.command()
@click.option("-i", "--interface", required=True, metavar="IFACE", help="Listen on this interface.")
@click.argument("filter", nargs=-1, metavar="[BPF FILTER]")
@output_options
def live(interface: str, filter: tuple[str, ...], **options: Any) -> int:
    """Tells of each drop and failed handshake on an interface as it happens.

    Prints a line for each, and the summary on Ctrl-C. The filter is tcpdump's. With -o the same report
    as `analyze` leaves is written at the end. With --json or --csv the lines go to standard error, and
    the connections to standard output at the end. Listening takes root or the capability CAP_NET_RAW.

    \b
    Examples:
      tlscap live -i eth0
      tlscap live -i eth0 -o incident tcp port 443 and host 10.0.0.7
    """
    from tlscap.capture import CaptureError
    from tlscap.live.watch import watch

    output = output_of(options)
    with Interrupt() as interrupt:
        say = talk if output.is_data else _printer(interrupt)
        try:
            analysis = watch(interface, " ".join(filter), say=say, talk=talk, stop=interrupt.is_wanted)
        except CaptureError as error:
            raise Failure(str(error)) from None
    if not output.is_data:
        say("")
    return deliver(analysis, output)


def _printer(interrupt: Interrupt) -> Callable[[str], None]:
    """Prints each line at once; when nobody reads them any more the run ends, and its report is written."""

    def say(line: str) -> None:
        try:
            print(line, flush=True)
        except BrokenPipeError:
            hush()
            interrupt.want()

    return say
