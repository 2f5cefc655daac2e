"""Whatever a peer sends, the inference costs no more than a connection and a run are allowed."""

from __future__ import annotations

import random
import struct
import time

import tlscap
from engine import samples
from engine.playbook import CLIENT, START_NS, Packet, Play, fed
from tlscap.engine.facts import Facts
from tlscap.judge import judge
from tlscap.judge.inference.allowance import MAX_WORK, MAX_WORK_IN_ALL, WORK_THEN, Allowance

LENGTHS = {20: (25,), 21: (26,), 22: (28, 40, 61, 113, 210, 239, 324, 813), 23: (60, 90)}
LARGEST_STEP = 40_000
"""What one event more may take: each reading that is followed goes on in many ways where a flight is missing."""


def spent() -> Allowance:
    """That of a run which has spent its share."""
    allowance = Allowance()
    allowance.spent = MAX_WORK_IN_ALL + 1
    return allowance


def rows_of(packets: list[Packet]) -> list[Facts]:
    engine = fed(packets)
    engine.finish()
    engine.flush()
    return [facts for block in engine.take_blocks() for facts in block.rows]


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
    allowance = Allowance()
    allowance.spent = MAX_WORK_IN_ALL
    assert allowance.of_one() == MAX_WORK
    allowance.spent += 1
    assert allowance.of_one() == WORK_THEN


def test_a_connection_spends_no_more_than_it_may_and_says_what_is_not_told() -> None:
    (facts,) = rows_of(hostile(1))
    allowance = spent()
    judge(facts, allowance)
    assert MAX_WORK_IN_ALL + 1 < allowance.spent <= MAX_WORK_IN_ALL + 1 + WORK_THEN + LARGEST_STEP
    assert "renegotiations_not_told" in [kind for _, _, kind, _ in facts.anomalies]


def test_what_hostile_connections_cost_does_not_grow_once_the_run_has_spent_its_share() -> None:
    rows = [facts for seed in range(6) for facts in rows_of(hostile(seed))]
    allowance = spent()
    began = time.process_time()
    for facts in rows:
        judge(facts, allowance)
    assert time.process_time() - began < 0.5 * len(rows)
    assert allowance.spent <= MAX_WORK_IN_ALL + 1 + len(rows) * (WORK_THEN + LARGEST_STEP)


def test_two_runs_in_turn_have_an_allowance_each() -> None:
    one, other = tlscap.Analyzer(), tlscap.Analyzer()
    for packet in hostile(2):
        one.feed(packet.ns, packet.frame())
    other.feed(START_NS, b"")
    assert one.part([]).inference_work > 0
    assert other.part([]).inference_work == 0


def test_where_the_allowance_ends_a_session_is_not_said_to_have_ended_in_a_renegotiation() -> None:
    """Forty renegotiations, each completed, of which the first few are read."""
    steps = samples.conversation("renegotiation-ok", samples.truths("renegotiation-ok")[0])
    first_data = next(i for i, (_, said) in enumerate(steps) if said[:1] == b"\x17")
    again = [step for step in steps[first_data:] if step[1][0] != 21]
    play = Play().open().speak(steps[:first_data]).speak(again * 12).speak(steps[-1:]).close(CLIENT)
    (facts,) = rows_of(play.packets)
    verdict = judge(facts, spent())
    assert "renegotiations_not_told" in [kind for _, _, kind, _ in facts.anomalies]
    assert verdict.outcome != "renegotiation_failed"
    assert not verdict.dropped
