"""The program as a user runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

PROGRAM = [sys.executable, "-m", "tlscap"]


def tlscap(*arguments: str | Path, cwd: Path, stdin: bytes = b"", **env: str) -> subprocess.CompletedProcess[str]:
    """Runs `tlscap` in `cwd` with pipes for streams; never longer than a minute."""
    done = subprocess.run(
        [*PROGRAM, *map(str, arguments)], cwd=cwd, input=stdin, env=environment(**env), capture_output=True, timeout=60
    )
    return subprocess.CompletedProcess(
        done.args, done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8")
    )


def environment(**env: str) -> dict[str, str]:
    """The tests' own, with any relative PYTHONPATH made absolute: the program runs elsewhere."""
    paths = [str(Path(path).resolve()) for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths), **env}
