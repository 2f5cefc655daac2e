"""Ctrl-C and SIGTERM as a wish to end in order: what was read until then is reported."""

from __future__ import annotations

import signal
from types import FrameType, TracebackType


class Interrupt:
    """As a context, turns the first signal into `wanted`; a second one ends the program at once."""

    def __init__(self) -> None:
        self.wanted = False
        self._before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def __enter__(self) -> Interrupt:
        for number in self._before:
            signal.signal(number, self._note)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def is_wanted(self) -> bool:
        return self.wanted

    def want(self) -> None:
        """Ends as a signal would."""
        self.wanted = True

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.wanted:
            raise KeyboardInterrupt
        self.wanted = True
