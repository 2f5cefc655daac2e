"""Encrypted records behind a real handshake, of any kind, length and order: what the renegotiations are read from.

The first byte chooses the handshake. Then each record has a byte for its sender, its kind, and whether packets were
lost or time passed before it, and two bytes for its length.
"""

from __future__ import annotations

import struct
from dataclasses import replace
from functools import cache

from engine import samples
from engine.consistent import SMALL
from engine.playbook import CLIENT, Play
from targets.streams import judged
from tlscap.engine.limits import Limits

SAMPLES = ("renegotiation-ok", "renegotiation-refused", "versions")
KINDS = (20, 21, 22, 23)
MOST_RECORDS = 400

_LOST, _TIME, _WITHOUT_HELLOS = 0x10, 0x20, 0x80
_DATA = 23
_LONGEST = 3000


@cache
def beginnings() -> list[samples.Steps]:
    """The handshakes of connections up to TLS 1.2 and of TLS 1.3: all steps before the first application data."""
    found = []
    for name in SAMPLES:
        for steps in list(samples.conversations(name).values())[:6]:
            data = next((i for i, (_, said) in enumerate(steps) if said[:1] == bytes((_DATA,))), len(steps))
            found.append(steps[: max(2, data)])
    return found


def run(data: bytes) -> None:
    if not data:
        return
    steps = beginnings()[(data[0] & 0x3F) % len(beginnings())]
    play = Play(mss=20_000).open()
    if not data[0] & _WITHOUT_HELLOS:
        play.speak(steps)
    lost = set()
    for told, length in struct.iter_unpack("!BH", data[1 : 1 + (len(data) - 1) // 3 * 3][: 3 * MOST_RECORDS]):
        if told & _TIME:
            play.wait(told >> 6)
        size = length % _LONGEST
        play.send(told & 1, struct.pack("!BHH", KINDS[told >> 1 & 3], 0x0303, size) + bytes(size))
        if told & _LOST:
            lost.add(len(play.packets) - 2)
    packets = play.close(CLIENT).packets
    kept = [replace(packet, cut=0) for i, packet in enumerate(packets) if i not in lost]
    judged(kept, SMALL if data[0] & 0x40 else Limits())
