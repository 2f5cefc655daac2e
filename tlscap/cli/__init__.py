"""The command line: one file a command, each a thin layer over what Python callers have too.

Standard output is data, standard error is talk. `group.py` finds the commands and imports only the one
that is run; `failure.py` turns what goes wrong into one line and an exit status.
"""

from __future__ import annotations

import atexit
import gc
import os

NEW_OBJECTS = 50_000
"""Between two walks of the cycle collector, not 700: imports make them by the ten thousand, and no garbage."""


def main() -> None:
    """The program `tlscap`; ends the process."""
    gc.set_threshold(NEW_OBJECTS)
    atexit.register(gc.freeze)  # or the interpreter walks over all modules in search of cycles, and then ends
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # numpy's idle threads take CPU, and nothing here multiplies
    from tlscap.cli.failure import run
    from tlscap.cli.group import tlscap

    run(tlscap)
