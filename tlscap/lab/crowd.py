"""Clients that run beside each other, each in a thread."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Crowd:
    """As a context, waits at its end for all that were sent."""

    def __init__(self) -> None:
        self._threads: list[threading.Thread] = []
        self._errors: list[BaseException] = []

    def send(self, act: Callable[[], object]) -> None:
        thread = threading.Thread(target=self._run, args=(act,), daemon=True)
        self._threads.append(thread)
        thread.start()

    def wait(self) -> None:
        """A client that went wrong ends the run, since its part of the truth would be missing."""
        for thread in self._threads:
            thread.join()
        if self._errors:
            raise self._errors[0]

    def __enter__(self) -> Crowd:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self.wait()

    def _run(self, act: Callable[[], object]) -> None:
        try:
            act()
        except BaseException as error:
            self._errors.append(error)
