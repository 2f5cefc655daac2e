"""Makes connections give up what they hold, those first that hold most, when all together hold too much.

What is given up was captured, and is lost to the analysis alone: a gap says so in the timeline, with the reason
`cut`, and so does an anomaly `buffers_given_up`. It is never taken for a loss on the network.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tlscap.engine.engine import Engine
    from tlscap.engine.stubs import Holder

RELIEVED_TO = 0.75
"""The part of the limit that is held afterwards at most: looking at all connections is worth a quarter of it."""


def relieve(engine: Engine) -> None:
    """Brings what is held to RELIEVED_TO of `Limits.buffered_bytes`; counts who gave up in coverage."""
    enough = int(engine.most_buffered * RELIEVED_TO)
    everyone: list[Holder] = [*engine.flows.connections(), *engine.datagrams.associations()]
    holders = [(each.held_bytes(), place) for place, each in enumerate(everyone)]
    for held, place in sorted(holders, reverse=True):
        if engine.held.bytes <= enough or held == 0:
            return
        holder = everyone[place]
        holder.give_up()
        engine.coverage_of(holder.facts).relieved += 1
