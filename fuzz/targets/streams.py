"""TCP packets of one connection, in any order and of any content: written as a script of bytes.

The first byte chooses the limits. Then every packet has a byte that says who sends it, its flags,
where it stands in the stream, and whether time passes or the capture cut it; what needs a number
takes it from the bytes behind; then a length of two bytes, and so many bytes of payload.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from engine.consistent import SMALL, check
from engine.playbook import ACK, FIN, PSH, RST, SYN, Ends, Packet, Play, Seen, fed
from targets.shown import is_safe
from tlscap.engine.decryption.keys import Keys
from tlscap.engine.limits import Limits
from tlscap.judge import judge
from tlscap.report.ladder import render_ladder
from tlscap.tables.collector import Collector

FLAGS = (PSH | ACK, ACK, FIN | ACK, SYN, SYN | ACK, RST | ACK, RST, FIN | PSH | ACK)
IN_ORDER, BEHIND_A_HOLE, AGAIN, ANYWHERE = 0, 1, 2, 3
MOST_PACKETS = 200

_TIME, _CUT = 0x40, 0x80
_WRAP = 1 << 32


def run(data: bytes) -> None:
    judged(packets_of(data[1:]), SMALL if data[:1] > b"\x7f" else Limits())


def judged(packets: list[Packet], limits: Limits, keys: Keys | None = None) -> None:
    """Follows the packets to the tables' rows, and each connection to its ladder."""
    engine = fed(packets, limits, batch_size=7, keys=keys)
    engine.finish()
    assert engine.held.bytes == 0
    engine.flush()
    collector = Collector()
    for block in engine.take_blocks():
        verdicts = [judge(facts) for facts in block.rows]
        for facts, verdict in zip(block.rows, verdicts):
            check(Seen(facts, verdict))
            assert all(is_safe(line) for line in render_ladder(facts, verdict, ["a"], frames=True))
        collector.add(block, verdicts)


def packets_of(script: bytes) -> list[Packet]:
    play = Play(Ends())
    at = 0

    def number(size: int) -> int:
        nonlocal at
        value = int.from_bytes(script[at : at + size])
        at += size
        return value

    while at < len(script) and len(play.packets) < MOST_PACKETS:
        told = number(1)
        sender, flags, place = told & 1, FLAGS[told >> 1 & 7], told >> 4 & 3
        if told & _TIME:
            play.wait((number(2) - 1000) / 1000)
        if place == BEHIND_A_HOLE:
            play.next_seq[sender] = (play.next_seq[sender] + number(1)) % _WRAP
        moved = number(2) - (1 << 15) if place == ANYWHERE else 0
        cut = number(1) if told & _CUT else 0
        size = number(2)
        payload = script[at : at + size]
        at += len(payload)
        before = list(play.next_seq)
        play.packet(sender, flags, payload)
        sent = play.packets[-1]
        if place == AGAIN:
            moved = -len(payload)
        if moved:
            play.packets[-1] = replace(sent, seq=(sent.seq + moved) % _WRAP)
            play.next_seq = before
        if cut:
            play.packets[-1] = replace(play.packets[-1], cut=min(cut, len(payload)))
    return play.packets


def script_of(steps: Iterable[tuple[int, bytes]], size: int = 1460) -> bytes:
    """The script of a conversation that goes well, in packets of `size` bytes: a seed."""
    script = bytearray(b"\0")
    for sender, flags in ((0, 3), (1, 4), (0, 1)):
        script += bytes((sender | flags << 1, 0, 0))
    for sender, data in steps:
        for at in range(0, len(data), size):
            part = data[at : at + size]
            script += bytes((sender,)) + len(part).to_bytes(2) + part
    for sender in (0, 1):
        script += bytes((sender | 2 << 1, 0, 0))
    return bytes(script)
