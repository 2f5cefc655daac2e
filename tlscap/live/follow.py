"""The loop over captures that are still being written: their packets into an Analyzer, and the time in between."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from tlscap.context.secrets import Keylogs
from tlscap.engine.limits import Limits
from tlscap.live.event import event_teller
from tlscap.live.watch import FLUSH_S

if TYPE_CHECKING:
    from tlscap.analysis import Analysis

SILENCE_S = 5.0
"""Without a packet for so long the capture's time is taken to go on as ours does. A writer that does not flush
each packet (tcpdump without -U) keeps some back, and what is over may then leave without its last stray packets."""


def follow(
    paths: Sequence[str],
    filter: str | None,
    *,
    keylog: Keylogs = None,
    limits: Limits | None = None,
    say: Callable[[str], None],
    stop: Callable[[], bool],
) -> Analysis:
    """Reads until `stop` says so; gives `say` a line for each drop and failed handshake, and returns all of it.

    Raises CaptureError or KeylogError for what cannot be read, or no filter.
    """
    from tlscap.analyzer import Analyzer
    from tlscap.capture import open_capture

    analyzer = Analyzer(keylog=keylog, limits=limits, on_verdict=event_teller(say))
    last_ns, came_at, flush_at = 0, 0.0, 0.0
    with open_capture(paths, filter=filter, follow=True, stop=stop) as capture:
        for batch in capture:
            analyzer.take_secrets(capture)
            analyzer.read_keylogs()
            analyzer.feed_batch(batch)
            now = time.monotonic()
            if batch.count:
                last_ns, came_at = batch.ts_ns[batch.count - 1], now
            if now >= flush_at:
                silent_s = now - came_at
                analyzer.tick(last_ns + int(silent_s * 1e9) if last_ns and silent_s >= SILENCE_S else 0)
                flush_at = now + FLUSH_S
        return analyzer.finish(capture.files)
