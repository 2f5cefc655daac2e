"""The loop of a live run: packets of an interface into an Analyzer, and the time where no packet comes."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from tlscap.capture.interface import Interface
from tlscap.context.secrets import Keylogs
from tlscap.engine.limits import Limits
from tlscap.live.event import event_teller

if TYPE_CHECKING:
    from tlscap.analysis import Analysis

FLUSH_S = 0.5
"""Connections that are over are judged this often, however busy the interface is."""


def watch(
    interface: str,
    filter: str,
    *,
    keylog: Keylogs = None,
    limits: Limits | None = None,
    say: Callable[[str], None],
    talk: Callable[[str], None],
    stop: Callable[[], bool],
) -> Analysis:
    """Listens until `stop` says so; gives `say` a line for each drop and failed handshake, and returns all of it.

    `talk` is told when listening begins and ends. Raises CaptureError if the interface cannot be listened to,
    KeylogError if a key log cannot be read.
    """
    from tlscap.analyzer import Analyzer

    with Interface(interface, filter, stop=stop) as capture:
        talk(f"listening on {interface}, Ctrl-C ends it and prints the summary")
        analyzer = Analyzer(keylog=keylog, limits=limits, on_verdict=event_teller(say))
        flush_at = time.monotonic() + FLUSH_S
        for batch in capture:
            analyzer.read_keylogs()
            analyzer.feed_batch(batch)
            if time.monotonic() >= flush_at:
                # The kernel may hold packets that are older than now, but none if there was none to read.
                analyzer.tick(0 if batch.count else time.time_ns())
                flush_at = time.monotonic() + FLUSH_S
    return analyzer.finish(capture.files)
