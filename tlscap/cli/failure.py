"""How the program ends: one line for the user, and an exit status.

0 done; 1 findings at or above --fail-on; 2 misuse or unreadable input; 130 interrupted; 141 when
whoever read standard output went away, as `head` does.
"""

from __future__ import annotations

import os
import sys
from typing import NoReturn

import click

from tlscap.report.printable import printable

FOUND, MISUSE, INTERRUPTED, BROKEN_PIPE = 1, 2, 130, 141


class Failure(click.ClickException):
    """Ends the program with a line that says what is wrong and what to do about it."""

    exit_code = MISUSE


def run(command: click.Command) -> NoReturn:
    """Runs `command` with the arguments of the process and ends the process, never with a traceback for misuse."""
    _survive_odd_terminals()
    try:
        status = command.main(prog_name="tlscap", standalone_mode=False)
        sys.stdout.flush()
    except click.UsageError as error:
        where = error.ctx.command_path if error.ctx else "tlscap"
        status = _say(f"{where}: {error.format_message()} See `{where} --help`.")
    except click.ClickException as error:
        status = _say(f"tlscap: {error.format_message()}") or error.exit_code
    except (click.Abort, KeyboardInterrupt):
        status = INTERRUPTED
    except BrokenPipeError:
        hush()
        status = BROKEN_PIPE
    sys.exit(status if isinstance(status, int) else 0)


def hush() -> None:
    """Nobody takes standard output any more: the interpreter flushes it once more when it ends, and would complain."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _say(line: str) -> int:
    click.echo(printable(" ".join(line.split())), err=True)
    return MISUSE


def _survive_odd_terminals() -> None:
    """What the terminal's encoding lacks is written as an escape; where standard output is closed nothing is kept."""
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115  (it stays open until the end)
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")
