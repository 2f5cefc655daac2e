"""The command line: one file a command, each a thin layer over what Python callers have too.

Standard output is data, standard error is talk. `group.py` finds the commands and imports only the one
that is run; `failure.py` turns what goes wrong into one line and an exit status.
"""

from __future__ import annotations


def main() -> None:
    """The program `tlscap`; ends the process."""
    from tlscap.cli.failure import run
    from tlscap.cli.group import tlscap

    run(tlscap)
