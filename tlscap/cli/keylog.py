"""The option with which key logs are given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

_Command = TypeVar("_Command", bound=Callable[..., Any])


def keylog_option(command: _Command) -> _Command:
    """Adds --keylog; the command takes it as the keyword `keylog`, a tuple of paths."""
    return click.option(
        "--keylog",
        multiple=True,
        metavar="FILE",
        help="Decrypt handshakes and alerts with this key log (SSLKEYLOGFILE); `env`: the one that variable names.",
    )(command)
