"""A stage whose cable loses and reorders frames; not every kernel has netem, so a program carries them.

`lossy.py LEFT RIGHT LOSS REORDER SEED` is that program: it forwards frames between two interfaces, loses
that share of them, and lets that share wait until a few later ones have passed.
"""

from __future__ import annotations

import random
import selectors
import socket
import subprocess
import sys
from pathlib import Path

from hosts import CLIENTS, OFFLOADS, Stage

ALL, IGNORE_OUTGOING = 3, 23  # ETH_P_ALL; PACKET_IGNORE_OUTGOING, for which Python has no name
SOL_PACKET = 263
OVERTAKEN_BY = (1, 6)
"""How many frames pass one that waits."""
HELD_AT_MOST_S = 0.02


class LossyStage(Stage):
    """The client's addresses move to `client1`; frames between it and `client0` are carried by the program."""

    def __init__(self, work: Path, loss: float, reorder: float) -> None:
        super().__init__(work)
        self._shares = (str(loss), str(reorder))

    def _join_hosts(self) -> None:
        super()._join_hosts()
        commands = ["addr flush dev client0", "link set client0 arp off", "link add client1 type veth peer name cable1"]
        commands += ["link set cable1 arp off up", "link set client1 up"]
        commands += [f"address add 10.20.0.{host}/24 dev client1" for host in CLIENTS]
        subprocess.run(["ip", "-batch", "-"], input="\n".join(commands), text=True, check=True)
        for device in ("client1", "cable1"):
            offloads = [word for name in OFFLOADS for word in (name, "off")]
            subprocess.run(["ethtool", "-K", device, *offloads], check=True, stdout=subprocess.DEVNULL)
        cable = [sys.executable, __file__, "cable1", "client0", *self._shares, "1"]
        self.adopt(subprocess.Popen(cable))


class Way:
    """One direction of the cable."""

    def __init__(self, source: socket.socket, target: socket.socket, loss: float, reorder: float) -> None:
        self._source, self._target, self._loss, self._reorder = source, target, loss, reorder
        self._held: list[tuple[int, bytes]] = []
        self.passed = 0

    def carry(self) -> None:
        frame = self._source.recv(65536)
        self.passed += 1
        luck = random.random()
        if luck < self._loss:
            return
        if luck < self._loss + self._reorder:
            self._held.append((self.passed + random.randint(*OVERTAKEN_BY), frame))
            return
        self._target.send(frame)
        self.release(self.passed)

    def release(self, upto: int) -> None:
        while self._held and self._held[0][0] <= upto:
            self._target.send(self._held.pop(0)[1])


def main(left: str, right: str, loss: str, reorder: str, seed: str) -> None:
    random.seed(int(seed))
    ends = [packets_of(left), packets_of(right)]
    ways = [Way(ends[0], ends[1], float(loss), float(reorder)), Way(ends[1], ends[0], float(loss), float(reorder))]
    selector = selectors.DefaultSelector()
    for end, way in zip(ends, ways):
        selector.register(end, selectors.EVENT_READ, way)
    while True:
        ready = selector.select(HELD_AT_MOST_S)
        for key, _ in ready:
            key.data.carry()
        if not ready:
            for way in ways:
                way.release(sys.maxsize)


def packets_of(interface: str) -> socket.socket:
    end = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ALL))
    end.setsockopt(socket.SOL_SOCKET, 33, 16 << 20)  # SO_RCVBUFFORCE
    end.setsockopt(SOL_PACKET, IGNORE_OUTGOING, 1)
    end.bind((interface, ALL))
    return end


if __name__ == "__main__":
    main(*sys.argv[1:])
