"""What a program takes: seconds, CPU seconds, memory."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

DONE = (0, 1)
"""Exit statuses of success; 1 is for findings."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a run took: seconds, CPU seconds, and MiB at its peak; `stopped` if it was not let to end.

    The kernel counts the peak from before exec, so that it is never below what this program has.
    """

    wall_s: float
    cpu_s: float
    peak_mib: float
    stopped: bool = False


def run(command: Sequence[str], most_s: float = 3600) -> Cost:
    """Runs a program to its end, or for `most_s`; a failure ends the benchmark."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    stopper = threading.Timer(most_s, process.kill)
    stopper.start()
    assert process.stderr
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall_s = time.perf_counter() - start
    stopper.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    stopped = wall_s >= most_s
    if process.returncode not in DONE and not stopped:
        sys.exit(f"{' '.join(command)}: {errors.decode(errors='replace')}")
    return Cost(wall_s, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, stopped)


def middle(costs: Sequence[Cost]) -> Cost:
    """Medians of each figure."""
    return Cost(
        median(cost.wall_s for cost in costs),
        median(cost.cpu_s for cost in costs),
        median(cost.peak_mib for cost in costs),
        any(cost.stopped for cost in costs),
    )
