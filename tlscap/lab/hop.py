"""A bump in the wire: the program at a transparent site, which passes frames from one cable to the other, or does not.

`python -m tlscap.lab.hop LEFT RIGHT MODULE:CLASS JSON` on the site's two devices; `lab.start_hop` runs it. The class is
a Behaviour, made with the arguments in JSON: it is shown each frame and says what leaves instead. A line on standard
input is a command to it, so that a scenario can change its mind in the middle.
"""

from __future__ import annotations

import heapq
import json
import selectors
import socket
import sys
import time
from collections.abc import Iterable
from importlib import import_module
from typing import Protocol

LARGEST_FRAME = 65536
LEFT_TO_RIGHT, RIGHT_TO_LEFT = 0, 1
"""The direction of a frame; a client at the left sends from left to right."""

SOL_PACKET, PACKET_IGNORE_OUTGOING = 263, 23
"""Not to see what we send ourselves; Python has no names for them."""
ALL_PROTOCOLS = 0x0003
READY = "passing frames"

Out = tuple[float, int, bytes]
"""What leaves: after so many seconds, in which direction, and the Ethernet frame."""


class Behaviour(Protocol):
    """What a hop does to frames."""

    def passes(self, data: bytes, direction: int, now: float) -> Iterable[Out]:
        """What leaves for this frame: nothing, the frame, others. Answering its sender is leaving the other way."""

    def command(self, words: list[str]) -> None:
        """A line from the scenario."""


class PassAll:
    """Does nothing to anything."""

    def passes(self, data: bytes, direction: int, now: float) -> Iterable[Out]:
        return [(0.0, direction, data)]

    def command(self, words: list[str]) -> None:
        pass


def main(left: str, right: str, behaviour: str, arguments: str) -> None:
    module, _, name = behaviour.partition(":")
    chosen: Behaviour = getattr(import_module(module), name)(**json.loads(arguments))
    Hop(chosen, left, right).run()


class Hop:
    """The two devices, and the frames that wait to leave."""

    def __init__(self, behaviour: Behaviour, left: str, right: str) -> None:
        self._behaviour = behaviour
        self._sides = (_open(left), _open(right))
        self._waiting: list[tuple[float, int, int, bytes]] = []
        self._number = 0  # frames that leave at the same instant leave in the order in which they came

    def run(self) -> None:
        """Until standard input ends."""
        selector = selectors.DefaultSelector()
        for direction, side in enumerate(self._sides):
            selector.register(side, selectors.EVENT_READ, direction)
        selector.register(sys.stdin, selectors.EVENT_READ, None)
        print(READY, flush=True)
        while True:
            for key, _ in selector.select(self._until_next()):
                if key.data is not None:
                    self._take(key.data)
                elif not self._obey():
                    return
            self._let_go()

    def _take(self, direction: int) -> None:
        frame = self._sides[direction].recv(LARGEST_FRAME)
        now = time.monotonic()
        for after, towards, out in self._behaviour.passes(frame, direction, now):
            self._number += 1
            heapq.heappush(self._waiting, (now + after, self._number, towards, out))

    def _let_go(self) -> None:
        now = time.monotonic()
        while self._waiting and self._waiting[0][0] <= now:
            _, _, towards, frame = heapq.heappop(self._waiting)
            self._sides[1 - towards].send(frame)

    def _until_next(self) -> float | None:
        return max(0.0, self._waiting[0][0] - time.monotonic()) if self._waiting else None

    def _obey(self) -> bool:
        line = sys.stdin.readline()
        if line:
            self._behaviour.command(line.split())
        return bool(line)


def _open(device: str) -> socket.socket:
    side = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ALL_PROTOCOLS))
    side.bind((device, 0))
    side.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
    return side


if __name__ == "__main__":
    main(*sys.argv[1:])
