"""The programs of a run: each in a session of its own, its output in a log; all of them are stopped, and nothing else.

Ctrl-C reaches only the lab, which then stops them. If the lab itself is killed the kernel kills them: by the end of
the process namespace, or on loopback by the parent-death signal that `setpriv` asks for.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tlscap.lab.waiting import SECONDS, wait_until

_VERSION = re.compile(r"\d\.\d")

GRACE_S = 3.0
"""For a program to end when asked, before it is killed."""

PATH = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin:/usr/local/sbin"
"""Where programs are looked for: servers are in sbin, which is not in every user's path."""

PYTHON = (sys.executable, "-P", "-u", "-m")
"""Runs a module of tlscap as a program of its own."""


class Program:
    """A process that was started: its standard input, and what it says."""

    def __init__(self, name: str, process: subprocess.Popen[bytes], log: Path) -> None:
        self.name, self.process, self.log = name, process, log
        self._heard = 0

    @property
    def running(self) -> bool:
        return self.process.poll() is None

    def said(self) -> str:
        """All of its output so far."""
        return self.log.read_bytes().decode(errors="replace")

    def send(self, text: str) -> None:
        """To its standard input; a program that has gone hears nothing."""
        assert self.process.stdin
        try:
            self.process.stdin.write(text.encode())
            self.process.stdin.flush()
        except BrokenPipeError:
            pass

    def hang_up(self) -> None:
        """Closes its standard input."""
        assert self.process.stdin
        self.process.stdin.close()

    def expect(self, pattern: str | re.Pattern[str], seconds: float = SECONDS) -> re.Match[str]:
        """Waits for the next place in the output that matches."""
        wanted = re.compile(pattern, re.MULTILINE) if isinstance(pattern, str) else pattern
        found: list[re.Match[str]] = []

        def look() -> bool:
            found.extend(filter(None, [wanted.search(self.said(), self._heard)]))
            if not found and not self.running and not wanted.search(self.said(), self._heard):
                raise ConnectionError(f"{self.name} ended before it said {wanted.pattern!r}; see {self.log.name}")
            return bool(found)

        wait_until(look, f"{wanted.pattern!r} from {self.name}; see {self.log.name}", seconds)
        self._heard = found[0].end()
        return found[0]

    def wait(self, seconds: float = SECONDS) -> int:
        """Waits until it ends by itself; gives its exit status."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise TimeoutError(f"waited in vain for {self.name} to end; see {self.log.name}") from None

    def signal(self, number: int) -> None:
        """To the program and its children; nothing if they have gone."""
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            pass

    def stop(self) -> None:
        """Asks it to end, and kills it if it does not."""
        self.signal(signal.SIGTERM)
        try:
            self.process.wait(GRACE_S)
        except subprocess.TimeoutExpired:
            pass
        self.signal(signal.SIGKILL)
        self.process.wait()


class Programs:
    """All that were started, and their versions."""

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self._started: list[Program] = []
        # The parent-death signal comes when the thread ends that started a program, and clients run in threads.
        self._starter = ThreadPoolExecutor(1, "starter")
        self.versions: dict[str, str] = {}

    def start(self, name: str, argv: list[str], *, cwd: Path, env: Mapping[str, str] | None = None) -> Program:
        """Starts `argv`; its output goes into `logs/NAME.log`."""
        log = self._new_log(name)
        with log.open("wb") as out:
            process = self._starter.submit(
                subprocess.Popen[bytes], ["setpriv", "--pdeathsig", "KILL", *argv],
                stdin=subprocess.PIPE, stdout=out, stderr=subprocess.STDOUT,
                cwd=cwd, env={**os.environ, "PATH": PATH, **(env or {})}, start_new_session=True,
            ).result()  # fmt: skip
        program = Program(name, process, log)
        self._started.append(program)
        return program

    def note_version(self, program: str, *argv: str) -> str:
        """Asks a program for its version, once; gives the first line that has one."""
        if program not in self.versions:
            done = subprocess.run(
                argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env={**os.environ, "PATH": PATH}
            )
            lines = (" ".join(line.split()) for line in done.stdout.splitlines())
            self.versions[program] = next(filter(_VERSION.search, lines), "unknown")
        return self.versions[program]

    def stop(self) -> None:
        """Stops all that still run, the last started first: all are asked at once, so that one wait serves all."""
        running = [program for program in reversed(self._started) if program.running]
        for program in running:
            program.signal(signal.SIGTERM)
        for program in running:
            program.stop()

    def _new_log(self, name: str) -> Path:
        taken = sum(program.name == name for program in self._started)
        return self._logs / (f"{name}-{taken + 1}.log" if taken else f"{name}.log")


def is_installed(program: str) -> bool:
    return shutil.which(program, path=PATH) is not None
