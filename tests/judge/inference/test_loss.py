"""Renegotiations of which packets are missing: no outcome may be wrong and sure of itself."""

from __future__ import annotations

from functools import cache

import pytest

from engine import samples
from engine.playbook import CLIENT, Packet, Play, watch
from tlscap.judge.verdict import Handshake

CASES = [("renegotiation-ok", 1), ("renegotiation-ok", 3), ("renegotiation-ok", 5), ("renegotiation-refused", 0)]
SURE = 0.9


@cache
def packets(name: str, number: int) -> tuple[Packet, ...]:
    truth = samples.truths(name)[number]
    play = Play().open().speak(samples.conversation(name, truth))
    return tuple(play.close(1 - CLIENT if truth.get("closed_by") == "server" else CLIENT).packets)


def ledger(seen: list[Packet]) -> list[Handshake]:
    return [each for each in watch(seen).verdict.handshakes if each.number > 0]


def at(handshakes: list[Handshake], ns: int) -> Handshake | None:
    """The handshake that was under way at an instant, or the next."""
    later = [each for each in handshakes if not each.messages or each.messages[-1].ns >= ns]
    return later[0] if later else None


@pytest.mark.parametrize(("name", "number"), CASES)
def test_no_outcome_is_wrong_and_sure_where_a_packet_is_missing(name: str, number: int) -> None:
    whole = list(packets(name, number))
    truth = ledger(whole)
    sure = 0
    for i, packet in enumerate(whole):
        if not packet.payload or packet.ns < truth[0].start_ns:
            continue
        for each in ledger(whole[:i] + whole[i + 1 :]):
            if each.confidence < SURE or not each.messages:
                continue
            true = at(truth, each.messages[0].ns)
            assert true is not None, f"without packet {i}"
            assert (each.initiator, each.outcome) == (true.initiator, true.outcome), f"without packet {i}"
            sure += 1
    assert sure > 0


@pytest.mark.parametrize(("name", "number"), CASES)
def test_no_outcome_is_wrong_and_sure_where_the_capture_begins_late(name: str, number: int) -> None:
    whole = list(packets(name, number))
    truth = ledger(whole)
    begins = [i for i, packet in enumerate(whole) if packet.payload]
    for i in begins:
        try:
            found = ledger(whole[i:])
        except AssertionError:
            continue  # so little is left that no TLS is recognised
        for each in found:
            if each.confidence >= SURE and each.messages:
                true = at(truth, each.messages[0].ns)
                assert true is not None, f"from packet {i}"
                assert each.outcome == true.outcome, f"from packet {i}"


def test_a_whole_renegotiation_is_told_also_where_the_first_handshake_is_missing() -> None:
    whole = list(packets("renegotiation-ok", 0))
    truth = ledger(whole)
    data = next(i for i, packet in enumerate(whole) if packet.payload[:1] == b"\x17")
    found = ledger(whole[data:])
    told = [(each.initiator, each.kind, each.outcome) for each in found]
    assert told == [(each.initiator, each.kind, each.outcome) for each in truth]
    assert [message.type for each in found for message in each.messages] == [
        message.type for each in truth for message in each.messages
    ]


def test_one_direction_tells_less_and_says_so() -> None:
    whole = list(packets("renegotiation-ok", 0))
    for side in (0, 1):
        for each in ledger([packet for packet in whole if packet.sender == side]):
            assert each.outcome in ("completed", "unfinished")
            assert each.confidence < 1
