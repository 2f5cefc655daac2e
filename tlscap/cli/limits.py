"""The limits of the engine that a user may need to change, as options named after them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from tlscap.engine.limits import Limits

_Command = TypeVar("_Command", bound=Callable[..., Any])

_HELP = {
    "connections": "TCP connections held at once; beyond it the longest silent ones are put aside.",
    "stub_bytes": "Bytes for connections put aside; beyond it the first of them is given up.",
    "buffered_bytes": "Bytes held in all that cannot be read yet; beyond it who holds most gives them up.",
    "out_of_order_bytes": "Bytes held behind a hole, for each direction of a connection.",
    "search_bytes": "Plaintext searched for the start of TLS, for each direction.",
}

CHANGEABLE = tuple(_HELP)
"""The fields of Limits that have an option."""


def limit_options(command: _Command) -> _Command:
    """Adds --max-FIELD for these fields of Limits; the command takes them as keywords `max_FIELD`."""
    for field, sentence in reversed(_HELP.items()):
        command = click.option(
            f"--max-{field.replace('_', '-')}",
            type=click.IntRange(min=1),
            default=getattr(Limits(), field),
            show_default=True,
            metavar="N",
            help=sentence,
        )(command)
    return command


def take_limits(options: dict[str, Any]) -> Limits:
    """Takes the limits out of a command's options."""
    return Limits(**{field: options.pop(f"max_{field}") for field in _HELP})
