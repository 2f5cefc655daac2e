"""A firewall, a NAT, a balancer: it remembers flows, forgets those that are idle, and knows no late segment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from tlscap.lab import frame
from tlscap.lab.frame import ACK, RST, SYN, Segment
from tlscap.lab.hop import Out

OWN_TTL = 255
"""Of the resets that it sends, as many a firewall does; hosts here begin with 64."""

Flow = frozenset[tuple[str, int]]


class Forget:
    """Forgets a flow after `idle_s` without a segment; what comes then is lost, or answered with resets.

    `how` is `silent`, or `reset`: to both ends in each other's name, with a TTL of its own.
    """

    def __init__(self, idle_s: float, how: str = "silent") -> None:
        self._idle_s, self._how = idle_s, how
        self._last: dict[Flow, tuple[float, Segment]] = {}

    def passes(self, data: bytes, direction: int, now: float) -> Iterable[Out]:
        segment = frame.read(data)
        if segment is None:
            return [(0.0, direction, data)]
        flow = frozenset((segment.source, segment.target))
        if not segment.flags & SYN and not self._knows(flow, now):
            known = self._last.pop(flow, None)
            return self._refuse(segment, direction) if known and self._how == "reset" else []
        self._last[flow] = (now, segment)
        return [(0.0, direction, data)]

    def command(self, words: list[str]) -> None:
        """`idle SECONDS`, from now on."""
        self._idle_s = float(words[1])

    def _knows(self, flow: Flow, now: float) -> bool:
        return flow in self._last and now - self._last[flow][0] < self._idle_s

    def _refuse(self, segment: Segment, direction: int) -> list[Out]:
        """Resets for both ends that fit what they expect: `segment` tells both sequence numbers."""
        onward = replace(segment, ttl=OWN_TTL, flags=RST | ACK, window=0, options=b"", payload=b"")
        back = replace(
            onward, ethernet=_turned(segment.ethernet), source=segment.target, target=segment.source,
            sequence=segment.acknowledgment, acknowledgment=segment.next_sequence,
        )  # fmt: skip
        return [(0.0, 1 - direction, frame.write(back)), (0.0, direction, frame.write(onward))]


def _turned(ethernet: bytes) -> bytes:
    """The header of a frame that goes back to where this one came from."""
    return ethernet[6:12] + ethernet[:6] + ethernet[12:]
