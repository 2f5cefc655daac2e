"""Waiting for other programs: poll until something holds, never for ever."""

from __future__ import annotations

import time
from collections.abc import Callable

SECONDS = 15.0
"""Longer than any program here takes for one step, on a busy machine too."""

_EVERY_S = 0.02


def wait_until(condition: Callable[[], object], what: str, seconds: float = SECONDS) -> None:
    """Polls `condition` until it holds; raises TimeoutError naming `what` after `seconds`."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"waited in vain for {what}")
        time.sleep(_EVERY_S)
