"""The command line: one file a command, each a thin layer over what Python callers have too.

Standard output is data, standard error is talk. `group.py` finds the commands and imports only the one
that is run; `failure.py` turns what goes wrong into one line and an exit status.
"""

from __future__ import annotations

import atexit
import gc
import os
import sys

NEW_OBJECTS = 200_000
"""Between two walks of the cycle collector, not 700: imports make them by the ten thousand, and no garbage."""


def main() -> None:
    """The program `tlscap`; ends the process."""
    gc.set_threshold(NEW_OBJECTS)
    atexit.register(_end_soon)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # numpy's idle threads take CPU, and nothing here multiplies
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")  # Arrow's own holds 40 MB that malloc could give again
    from tlscap.cli.failure import run
    from tlscap.cli.group import tlscap

    run(tlscap)


def _end_soon() -> None:
    """Spares the walk over all modules in search of cycles that the interpreter makes before it ends, 40 ms.

    duckdb complains of what is left over, so where it was asked, everything is taken down.
    """
    if "duckdb" not in sys.modules:
        gc.freeze()
