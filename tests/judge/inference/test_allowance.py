"""Whatever a peer sends, the inference costs no more than a connection and a run are allowed."""

from __future__ import annotations

import random
import struct
import time
from collections.abc import Iterator

import pytest

from engine import samples
from engine.playbook import CLIENT, Packet, Play, fed, left
from tlscap.judge import judge
from tlscap.judge.inference.allowance import ALLOWANCE, MAX_WORK, MAX_WORK_IN_ALL, WORK_THEN

LENGTHS = {20: (25,), 21: (26,), 22: (28, 40, 61, 113, 210, 239, 324, 813), 23: (60, 90)}
LARGEST_STEP = 40_000
"""What one event more may take: each reading that is followed goes on in many ways where a flight is missing."""


@pytest.fixture(autouse=True)
def allowance() -> Iterator[None]:
    ALLOWANCE.spent = 0
    yield
    ALLOWANCE.spent = 0


def hostile(seed: int, records: int = 200) -> list[Packet]:
    """A real handshake, then encrypted records of any kind and order, of which some were not captured."""
    chance = random.Random(seed)
    steps = samples.conversation("renegotiation-ok", samples.truths("renegotiation-ok")[1])
    first_data = next(i for i, (_, said) in enumerate(steps) if said[:1] == b"\x17")
    play = Play(mss=20_000).open().speak(steps[:first_data])
    lost = set()
    for _ in range(records):
        kind = chance.choice([22] * 8 + [20, 21, 23, 23])
        size = chance.choice(LENGTHS[kind])
        play.send(chance.randrange(2), struct.pack("!BHH", kind, 0x0303, size) + bytes(size))
        if chance.random() < 0.1:
            lost.add(len(play.packets) - 2)
    return [packet for i, packet in enumerate(play.close(CLIENT).packets) if i not in lost]


def test_a_run_may_spend_as_much_as_the_limit_and_then_each_connection_little() -> None:
    ALLOWANCE.spent = MAX_WORK_IN_ALL
    assert ALLOWANCE.of_one() == MAX_WORK
    ALLOWANCE.spent += 1
    assert ALLOWANCE.of_one() == WORK_THEN


def test_a_connection_spends_no_more_than_it_may_and_says_what_is_not_told() -> None:
    engine = fed(hostile(1))
    engine.finish()
    ALLOWANCE.spent = before = MAX_WORK_IN_ALL + 1
    (seen,) = left(engine)
    assert ALLOWANCE.spent - before <= WORK_THEN + LARGEST_STEP
    assert "renegotiations_not_told" in seen.anomalies


def test_what_hostile_connections_cost_does_not_grow_once_the_run_has_spent_its_share() -> None:
    engines = [fed(hostile(seed)) for seed in range(6)]
    rows = []
    for engine in engines:
        engine.finish()
        engine.flush()
        rows += [facts for block in engine.take_blocks() for facts in block.rows]
    ALLOWANCE.spent = MAX_WORK_IN_ALL + 1
    began = time.process_time()
    for facts in rows:
        judge(facts)
    assert time.process_time() - began < 0.5 * len(rows)
    assert ALLOWANCE.spent <= MAX_WORK_IN_ALL + 1 + len(rows) * (WORK_THEN + LARGEST_STEP)
