"""`tlscap` itself: its commands, found by name, and its version."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

import click

import tlscap as package

COMMANDS = ("analyze", "show", "live", "lab", "renegotiations")
"""The command X is `X` in `tlscap.cli.X`."""

MAX_WIDTH = 100
"""Of what --help prints."""


class LazyGroup(click.Group):
    """Imports a command when it is run, or listed: start-up is paid by every user every time."""

    def list_commands(self, context: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        command = getattr(import_module(f"tlscap.cli.{name}"), name)
        assert isinstance(command, click.Command)
        return command


def build_kind() -> str:
    """`compiled`, or `plain` where the engine runs as the Python that it is written in."""
    spec = find_spec("tlscap.engine.events")
    return "plain" if spec is None or (spec.origin or "").endswith(".py") else "compiled"


def _print_version(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted and not context.resilient_parsing:
        click.echo(f"tlscap {package.__version__} ({build_kind()})")
        context.exit()


@click.group(cls=LazyGroup, context_settings={"max_content_width": MAX_WIDTH})
@click.option(
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=_print_version,
    help="Show the version and which build runs, compiled or plain.",
)
def tlscap() -> None:
    """Tells from packet captures how every TLS session was negotiated, resumed, renegotiated and ended.

    \b
    Example:
      tlscap analyze lb1.pcap
    """
