"""Commands that run at the same time, each in a process, and print as if they had run one after the other."""

from __future__ import annotations

import io
import pickle
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from multiprocessing import get_context
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

from tlscap.cli.failure import BROKEN_PIPE, Failure, hush
from tlscap.cli.interrupt import Interrupt

Task = Callable[[], int]
"""Prints, and gives an exit status."""


def side_by_side(tasks: Sequence[Task], jobs: int) -> Iterator[int]:
    """Runs `tasks`, `jobs` at a time, and gives their statuses in order, each when its output has been printed.

    What is under way when the first signal comes is ended as each task ends itself, and nothing is begun.
    """
    context = get_context("fork")  # begun before any library with threads is imported
    turn = context.Value("i", 0)
    with tempfile.TemporaryDirectory(prefix="tlscap-") as folder, Interrupt() as interrupt:
        pipes, workers = [], []
        for _ in range(min(jobs, len(tasks))):
            ours, theirs = context.Pipe(duplex=False)
            worker = context.Process(target=_work, args=(tasks, Path(folder), turn, theirs), daemon=True)
            worker.start()
            theirs.close()
            pipes.append(ours)
            workers.append(worker)
        try:
            yield from _in_order(Path(folder), len(tasks), pipes, turn, interrupt)
        finally:
            for worker in workers:
                worker.terminate()
                worker.join()


def _in_order(folder: Path, count: int, pipes: list[Any], turn: Any, interrupt: Interrupt) -> Iterator[int]:
    statuses: dict[int, int] = {}
    told = 0
    while told < count:
        if interrupt.wanted:
            turn.value = count
        if not pipes:
            return  # ended by a signal before the rest was begun
        ready: list[Any] = wait(pipes, 0.1)
        for pipe in ready:
            try:
                number, status = pipe.recv()
                statuses[number] = status
            except EOFError:
                pipes.remove(pipe)
                _check_ended_well(statuses, count, bool(pipes), interrupt)
        while told in statuses:
            hung_up = _print_all(folder / str(told))
            yield BROKEN_PIPE if hung_up else statuses[told]
            told += 1


def _check_ended_well(statuses: dict[int, int], count: int, others: bool, interrupt: Interrupt) -> None:
    if not others and len(statuses) < count and not interrupt.wanted:
        raise Failure("a process of --jobs was ended from outside; is there enough memory for all?")


def _work(tasks: Sequence[Task], folder: Path, turn: Any, pipe: Any) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a task ends itself; between two there is nothing to end
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    while True:
        with turn.get_lock():
            number = turn.value
            turn.value += 1
        if number >= len(tasks):
            return
        with (folder / str(number)).open("wb") as file:
            before = sys.stdout, sys.stderr
            sys.stdout, sys.stderr = Noted(file, False, before[0].isatty()), Noted(file, True, False)
            try:
                status = tasks[number]()
            finally:
                sys.stdout, sys.stderr = before
        pipe.send((number, status))


class Noted(io.TextIOBase):
    """Text for standard output or standard error, kept in one file in the order in which it was written."""

    def __init__(self, file: Any, is_error: bool, is_terminal: bool) -> None:
        self._file, self._is_error, self._is_terminal = file, is_error, is_terminal

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return "utf-8"

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError("text, not bytes")
        pickle.dump((self._is_error, text), self._file)
        return len(text)

    def isatty(self) -> bool:
        return self._is_terminal

    def writable(self) -> bool:
        return True


def _print_all(path: Path) -> bool:
    """Prints what was noted; gives whether nobody reads standard output any more."""
    with path.open("rb") as file:
        try:
            last = False
            for is_error, text in _noted(file):
                if is_error != last:
                    sys.stdout.flush()
                    last = is_error
                (sys.stderr if is_error else sys.stdout).write(text)
            sys.stdout.flush()
        except BrokenPipeError:
            hush()
            return True
    path.unlink()
    return False


def _noted(file: Any) -> Iterator[tuple[bool, str]]:
    while True:
        try:
            yield pickle.load(file)
        except EOFError:
            return
