"""Lines of a report on standard output: painted on a terminal, plain text anywhere else."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from tlscap.cli.failure import hush
from tlscap.cli.interrupt import Interrupt
from tlscap.report.printable import printable

if TYPE_CHECKING:
    from tlscap.report.terminal import Line

PLAIN_WIDTH = 80


def width() -> int:
    """Columns of the terminal; a width that any mail or ticket takes where there is none."""
    return shutil.get_terminal_size((PLAIN_WIDTH, 0)).columns if sys.stdout.isatty() else PLAIN_WIDTH


def show(lines: Iterable[Line]) -> None:
    """Prints lines of spans; rich decides what the terminal can do and honours NO_COLOR."""
    from tlscap.report.terminal import plain

    if not sys.stdout.isatty():
        for line in lines:
            print(plain(line))
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(file=sys.stdout, highlight=False, soft_wrap=True)
    for line in lines:
        console.print(Text.assemble(*line))


def talk(sentence: str) -> None:
    """A line for the user on standard error; names of files in it are as safe to show as the rest."""
    print(printable(sentence), file=sys.stderr, flush=True)


def printer(interrupt: Interrupt) -> Callable[[str], None]:
    """Prints each line at once; when nobody reads them any more the run ends, and its report is written."""

    def say(line: str) -> None:
        try:
            print(printable(line), flush=True)
        except BrokenPipeError:
            hush()
            interrupt.want()

    return say
