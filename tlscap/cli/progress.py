"""A progress bar on standard error, for captures that take a while, where somebody may be watching."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

PATIENCE_S = 0.7
"""Shorter runs show nothing, and do not pay for importing rich."""

_EVERY_S = 0.1


class ProgressBar:
    """Call it with bytes read and bytes in all (0 where nobody knows); use it as a context."""

    def __init__(self) -> None:
        self._is_watched = sys.stderr.isatty()
        self._next = time.monotonic() + PATIENCE_S
        self._bar: Progress | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> ProgressBar:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def __call__(self, done: int, total: int) -> None:
        if not self._is_watched or time.monotonic() < self._next:
            return
        self._next = time.monotonic() + _EVERY_S
        if self._bar is None:
            self._bar = _make()
            self._task = self._bar.add_task("reading", total=total or None)
            self._bar.start()
        assert self._task is not None
        self._bar.update(self._task, completed=done, total=total or None, refresh=True)


def _make() -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
        auto_refresh=False,  # a thread of its own would take turns with the engine
    )
