"""What all connections hold together: counted to the byte, limited, and given up where most is held."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import conversation, samples
from engine.consistent import SMALL, check
from engine.playbook import CLIENT, SERVER, Ends, Packet, Play, Seen, batch_of, fed, left
from engine.test_invariants import damaged
from tlscap.engine.engine import Engine
from tlscap.engine.events import GAP, MOST_KEPT_IN_NEED
from tlscap.engine.held import SEGMENT_OVERHEAD
from tlscap.engine.limits import Limits

HELLO = conversation.tls12()[0][1]
HALF = 120


def half_a_hello(port: int) -> list[Packet]:
    """A connection that holds HALF bytes, without the record's header, of a message that is not whole."""
    return Play(Ends(client_port=port)).open().send(CLIENT, HELLO[: 5 + HALF]).packets


def behind_a_hole(port: int, size: int) -> list[Packet]:
    """A connection whose server's stream holds `size` bytes behind a hole of one."""
    play = Play(Ends(client_port=port)).open().speak(conversation.tls12()[:1])
    play.next_seq[SERVER] += 1
    return play.packet(SERVER, 24, bytes(size)).packets


def census(engine: Engine) -> int:
    return sum(each.held_bytes() for each in [*engine.flows.connections(), *engine.datagrams.associations()])


def relieved(packets: list[Packet], most: int) -> Engine:
    engine = fed(packets, Limits(buffered_bytes=most), batch_size=10**6)
    assert engine.held.bytes == census(engine) <= most
    return engine


def test_counts_messages_that_are_not_whole_and_segments_behind_holes() -> None:
    assert fed(half_a_hello(1)).held.bytes == HALF
    assert fed(behind_a_hole(1, 1000)).held.bytes == 1000 + SEGMENT_OVERHEAD


def test_what_is_held_may_reach_the_limit_and_one_byte_more_is_given_up() -> None:
    packets = [packet for port in (1, 2, 3) for packet in half_a_hello(port)]
    packets += behind_a_hole(4, 1000)
    total = 3 * HALF + 1000 + SEGMENT_OVERHEAD
    assert relieved(packets, total).coverage == []
    engine = relieved(packets, total - 1)
    assert engine.times_relieved == 1
    assert engine.coverage[0].relieved == 1
    engine.finish()
    assert engine.held.bytes == 0
    told = {seen.facts.client.port: seen.anomalies for seen in left(engine)}
    assert [port for port, anomalies in told.items() if "buffers_given_up" in anomalies] == [4]


def test_what_is_given_up_is_told_as_a_gap_that_the_network_did_not_make() -> None:
    engine = relieved(half_a_hello(1), HALF - 1)
    engine.finish()
    (seen,) = left(engine)
    assert seen.facts.client_hello is None
    assert seen.events == [(CLIENT, GAP, 0, HALF)]
    assert seen.facts.client.cut_bytes == seen.facts.client.missing_bytes == HALF
    assert set(seen.verdict.unknown.values()) <= {"cut"}
    check(seen)


def test_a_packet_that_fills_a_hole_which_was_given_up_is_no_retransmission() -> None:
    packets = behind_a_hole(1, 1000)
    late = replace(packets[-1], seq=packets[-1].seq - 1, payload=b"x", ns=packets[-1].ns + 1)
    engine = relieved(packets, 1000)
    engine.feed(batch_of([late], first_frame=99))
    engine.finish()
    (seen,) = left(engine)
    assert (seen.facts.server.retransmitted, seen.facts.server.cut_bytes) == (0, 1)


def test_reading_goes_on_behind_what_was_given_up() -> None:
    steps = conversation.tls12()
    answer = steps[1][1]
    opening = Play(mss=16_000).open().speak(steps[:1])
    opened = len(opening.packets)
    opening.send(SERVER, answer[:-300])
    half = len(opening.packets)
    opening.send(SERVER, answer[-300:]).speak(steps[2:]).close(CLIENT)
    engine = Engine(Limits(buffered_bytes=1))
    for part in (opening.packets[:opened], opening.packets[opened:half], opening.packets[half:]):
        engine.feed(batch_of(part))
    engine.finish()
    (seen,) = left(engine)
    assert seen.facts.server.missing_bytes > 0
    assert seen.verdict.established
    assert not seen.verdict.dropped
    check(seen)


def many_alerts(port: int, count: int) -> list[Packet]:
    return (
        Play(Ends(client_port=port))
        .open()
        .speak(conversation.tls12()[:4])
        .send(CLIENT, (b"\x15\x03\x03\0\x1a" + bytes(26)) * count)
        .close(CLIENT)
        .packets
    )


def test_a_connection_of_very_many_events_keeps_its_first_and_how_it_closed() -> None:
    packets = many_alerts(1, 500)
    whole = fed(packets)
    held = whole.held.bytes
    assert held > 500 * 32
    engine = relieved(packets, held - 1)
    engine.finish()
    assert engine.held.bytes == 0
    (seen,) = left(engine)
    events = seen.facts.events
    assert events.count == MOST_KEPT_IN_NEED + 4
    assert [kind for _, kind, _, _ in seen.events[-4:]] == [GAP, GAP, 2, 2]
    assert "too_many_events" in seen.anomalies
    assert not seen.verdict.dropped


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(packets=damaged(), small=st.booleans(), most=st.sampled_from([1, 300, 5000, 10**6]))
def test_the_count_is_what_is_held_and_nothing_in_the_end(packets: list[Packet], small: bool, most: int) -> None:
    engine = Engine(replace(SMALL if small else Limits(), buffered_bytes=most))
    for at in range(0, len(packets), 5):
        engine.feed(batch_of(packets[at : at + 5], first_frame=at + 1))
        assert engine.held.bytes == census(engine) <= most
    engine.finish()
    assert engine.held.bytes == 0
    for seen in left(engine):
        check(seen)


@pytest.mark.parametrize("name", ["renegotiation-ok", "haproxy-mtls-tls13"])
def test_a_sample_without_any_room_makes_no_drop_that_was_none(name: str) -> None:
    for steps in list(samples.conversations(name).values())[:12]:
        packets = Play(mss=400).open().speak(steps).close(CLIENT).packets
        whole = fed(packets)
        whole.finish()
        squeezed = fed(packets, Limits(buffered_bytes=1), batch_size=1)
        squeezed.finish()
        for true, seen in zip(left(whole), left(squeezed), strict=True):
            assert_no_new_drop(true, seen)


def assert_no_new_drop(true: Seen, seen: Seen) -> None:
    if seen.verdict.dropped and not true.verdict.dropped:
        assert seen.verdict.drop_confidence < 0.7
