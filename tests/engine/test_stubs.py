"""Connections that memory has no room for wait as stubs, and go on as if they had never been away."""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import zip_longest
from pathlib import Path

import pytest

import tlscap
from engine import conversation
from engine.playbook import CLIENT, SECOND, START_NS, Ends, Packet, Play, batch_of, essence, fed, left, retimed, watch
from tlscap.engine.decryption.keys import Keys
from tlscap.engine.engine import Engine
from tlscap.engine.facts import END_CLOSED, END_EVICTED, END_OPEN
from tlscap.engine.limits import Limits
from tlscap.engine.stubs import OVERHEAD, WHOLE

SAMPLES = ("closes", "edges", "haproxy-mtls-tls13", "renegotiation-ok", "versions")
TABLES = ("connections", "handshakes", "alerts", "anomalies", "certificates", "endpoints")


def plays(count: int, close: bool = True) -> list[Play]:
    talks = (conversation.tls12(), conversation.tls13(), conversation.tls12_mutual(True), conversation.tls13_resumed())
    made = []
    for i in range(count):
        play = Play(Ends(client_port=40_000 + i), mss=500 + 97 * i).open().speak(talks[i % len(talks)])
        made.append(play.close(CLIENT) if close else play)
    return made


def interleaved(of: list[Play]) -> list[Packet]:
    """All open, then one packet of each in turn: with room for few, each finds its connection put aside."""
    opening = [packet for play in of for packet in play.packets[:3]]
    rounds = zip_longest(*(play.packets[3:] for play in of))
    return retimed([*opening, *(packet for each in rounds for packet in each if packet is not None)])


def told(engine: Engine) -> list[tuple[object, ...]]:
    engine.finish()
    seen = sorted(left(engine), key=lambda one: one.facts.client.port)
    return [(one.facts.client.port, one.facts.first_frame, one.facts.end, one.events, one.verdict) for one in seen]


def test_a_connection_that_is_decrypted_is_put_aside_whole() -> None:
    packets = interleaved(plays(6, close=False))
    whole, squeezed = fed(packets), Engine(Limits(connections=3), Keys())
    for packet in packets:
        squeezed.feed(batch_of([packet]))
    assert len(squeezed.stubs) >= 3
    assert squeezed.stubs.bytes > len(squeezed.stubs) * WHOLE  # and the transcripts that they hold
    squeezed.finish()
    assert [one[3] for one in told(squeezed)] == [one[3] for one in told(whole)]


def test_connections_go_on_from_any_packet_as_if_they_had_never_been_away() -> None:
    packets = interleaved(plays(8))
    whole, squeezed = fed(packets), fed(packets, Limits(connections=3))
    true, seen = told(whole), told(squeezed)
    assert squeezed.coverage[0].evicted > len(packets) // 2
    assert squeezed.coverage[0].forgotten == 0
    assert [one[:4] for one in seen] == [one[:4] for one in true]
    for one, other in zip(seen, true):
        assert essence(one[4]) == essence(other[4])


@pytest.mark.parametrize("name", SAMPLES)
def test_samples_give_the_same_tables_with_room_for_few_connections(name: str, pcaps: Path) -> None:
    capture = pcaps / f"{name}.pcap"
    whole = tlscap.analyze(capture)
    squeezed = tlscap.analyze(capture, limits=Limits(connections=2))
    assert squeezed.coverage["forgotten"].to_pylist() == [0]
    for table in TABLES:
        assert getattr(squeezed, table).equals(getattr(whole, table)), table


def test_a_message_that_is_half_there_is_put_aside_too() -> None:
    hello = conversation.tls12()[0][1]
    first = Play(Ends(client_port=40_000)).open().send(CLIENT, hello[:100])
    others = [Play(Ends(client_port=50_000 + i), ns=START_NS + SECOND).open().send(CLIENT, hello) for i in range(3)]
    first.now_ns += 2 * SECOND
    rest = len(first.packets)
    first.send(CLIENT, hello[100:])
    packets = [*first.packets[:rest], *(packet for play in others for packet in play.packets), *first.packets[rest:]]
    engine = fed(packets, Limits(connections=2))
    (seen,) = (one for one in (engine.finish(), left(engine))[1] if one.facts.client.port == 40_000)
    assert seen.facts.client_hello.sni == conversation.HOST
    assert seen.facts.end == END_OPEN
    assert engine.coverage[0].under_way == 0


def test_a_syn_leaves_no_stub_and_neither_does_its_answer() -> None:
    half_open = [Play(Ends(client_port=40_000 + i)).open().packets[: 1 + i % 2] for i in range(20)]
    engine = fed([packet for packets in half_open for packet in packets], Limits(connections=4))
    assert len(engine.stubs) == 0
    assert engine.flows.count <= 4
    assert engine.coverage[0].evicted == 20 - engine.flows.count


def test_what_has_closed_leaves_as_closed_where_room_is_needed() -> None:
    packets = [packet for play in plays(6) for packet in play.packets]
    engine = fed(packets, Limits(connections=2, linger_ns=10**6 * SECOND))
    gone = left(engine)
    assert gone
    assert {seen.facts.end for seen in gone} == {END_CLOSED}
    assert engine.coverage[0].evicted == 0


def test_stubs_take_as_much_as_the_limit_and_beyond_it_the_oldest_is_forgotten() -> None:
    packets = [packet for play in plays(4, close=False) for packet in play.packets]
    full = fed(packets, Limits(connections=1))
    assert len(full.stubs) == 3
    assert full.stubs.bytes > 3 * OVERHEAD
    for most, forgotten in ((full.stubs.bytes, []), (full.stubs.bytes - 1, [40_000])):
        engine = fed(packets, Limits(connections=1, stub_bytes=most))
        gone = left(engine)
        assert [seen.facts.client.port for seen in gone] == forgotten
        assert all(seen.facts.end == END_EVICTED for seen in gone)
        assert engine.coverage[0].forgotten == len(forgotten)
        assert engine.coverage[0].evicted == 3
        assert engine.stubs.bytes <= most


def test_a_new_connection_on_the_ports_of_a_stub_ends_it() -> None:
    old, other, new = plays(1, close=False)[0], plays(2)[1], Play(Ends(client_port=40_000), isn=(77_000, 99_000))
    new.open().speak(conversation.tls13())
    engine = fed([*old.packets, *other.packets, *new.packets], Limits(connections=1))
    engine.finish()
    rows = [seen for seen in left(engine) if seen.facts.client.port == 40_000]
    assert [seen.verdict.version for seen in rows] == [watch(old.packets).verdict.version, "TLSv1.3"]


MEASURE = """
import sys
from engine import half_open
from tlscap.engine.limits import Limits
count, kind, connections, stub_bytes = sys.argv[1:]
limits = Limits(connections=int(connections), stub_bytes=int(stub_bytes))
print(half_open.grown_by(int(count), kind, limits))
"""


@pytest.mark.parametrize("kind", ["syn", "half_hello"])
def test_a_flood_of_half_open_connections_takes_no_more_memory_than_the_limits_allow(kind: str) -> None:
    """A fiftieth of the real thing, which tests/engine/half_open.py measures: limits and flood."""
    connections, stub_bytes = 2_000, 5 << 20
    command = [sys.executable, "-c", MEASURE, "20000", kind, str(connections), str(stub_bytes)]
    env = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    assert int(done.stdout) < connections * 11_000 + stub_bytes * 1.5 + (8 << 20)
