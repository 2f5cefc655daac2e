"""Packets that the capture holds twice, and what looks like them and is none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from engine import conversation
from engine.playbook import CLIENT, SERVER, Ends, Packet, Play, Seen, flights, retimed, watch
from tlscap.engine.duplicates import DUPLICATE_NS

V4 = Ends()
V6 = Ends("2001:db8::1", 40000, "2001:db8:ffff::2", 443)
COPY_NS = 1000


def session(ends: Ends, mss: int = 200) -> Play:
    return Play(ends, mss=mss, step_ns=2000).open().speak(conversation.tls12()).close(CLIENT)


def each_twice(packets: list[Packet]) -> list[Packet]:
    return [copy for packet in packets for copy in (packet, packet.at(packet.ns + COPY_NS))]


def bursts_twice(packets: list[Packet]) -> list[Packet]:
    """Every flight, and then every flight again."""
    return [copy for run in flights(packets) for copy in (*run, *run)]


def both_directions_later(packets: list[Packet]) -> list[Packet]:
    """A second capturing point sees every packet five packets later."""
    late = [(packet.ns + 11_000, 1, packet) for packet in packets]
    both = sorted([(packet.ns, 0, packet) for packet in packets] + late, key=lambda entry: entry[:2])
    return [packet.at(ns) for ns, _, packet in both]


def behind_a_router(packets: list[Packet]) -> list[Packet]:
    return [copy for packet in packets for copy in (packet, replace(packet, ttl=packet.ttl - 1))]


def without_ip_id(packets: list[Packet]) -> list[Packet]:
    return [replace(packet, ip_id=0) for packet in packets]


def told(seen: Seen) -> tuple[object, ...]:
    """What duplicates must not change."""
    sides = [
        (side.packets, side.bytes, side.records, side.retransmitted, side.out_of_order, side.missing_bytes)
        for side in (seen.facts.client, seen.facts.server)
    ]
    return seen.events, sides, seen.anomalies, seen.verdict.outcome


@pytest.mark.parametrize("doubled", [each_twice, bursts_twice, both_directions_later, behind_a_router])
@pytest.mark.parametrize("ends", [V4, V6], ids=["IPv4", "IPv6"])
def test_duplicates_are_counted_and_change_nothing(ends: Ends, doubled: Callable[[list[Packet]], list[Packet]]) -> None:
    packets = session(ends).packets
    seen = watch(doubled(packets))
    assert seen.facts.duplicates == len(packets)
    assert told(seen) == told(watch(packets))
    assert max(len(run) for run in flights(packets)) > 3


def test_knows_duplicates_by_their_header_where_the_ip_id_is_0() -> None:
    packets = without_ip_id(session(V4).packets)
    seen = watch(bursts_twice(packets))
    assert seen.facts.duplicates == len(packets)
    assert told(seen) == told(watch(packets))


def test_counts_every_further_copy() -> None:
    packets = session(V6).packets
    assert watch([packet for packet in packets for _ in range(3)]).facts.duplicates == 2 * len(packets)


@pytest.mark.parametrize("ends", [V4, V6], ids=["IPv4", "IPv6"])
def test_a_copy_whose_clock_is_behind_is_a_duplicate(ends: Ends) -> None:
    packets = session(ends).packets
    seen = watch([copy for packet in packets for copy in (packet, packet.at(packet.ns - COPY_NS))])
    assert seen.facts.duplicates == len(packets)


RETRANSMITTED: dict[str, tuple[Ends, Callable[[Packet], Packet]]] = {
    "later": (V4, lambda packet: packet.at(packet.ns + DUPLICATE_NS)),
    "later, IPv6": (V6, lambda packet: packet.at(packet.ns + DUPLICATE_NS)),
    "another IP id": (V4, lambda packet: replace(packet, ip_id=packet.ip_id + 1)),
    "another window, IPv6": (V6, lambda packet: replace(packet, window=packet.window - 1)),
    "another acknowledgment, IPv6": (V6, lambda packet: replace(packet, ack=packet.ack - 1)),
    "shorter, IPv6": (V6, lambda packet: replace(packet, payload=packet.payload[:-1])),
}


@pytest.mark.parametrize("name", RETRANSMITTED)
def test_a_retransmission_is_no_duplicate(name: str) -> None:
    ends, copied = RETRANSMITTED[name]
    play = session(ends)
    packet = max(play.packets, key=lambda packet: len(packet.payload))
    at = play.packets.index(packet) + 1
    seen = watch([*play.packets[:at], copied(packet), *play.packets[at:]])
    assert seen.facts.duplicates == 0
    assert seen.facts.client.retransmitted + seen.facts.server.retransmitted == 1


def test_what_two_connections_send_alike_is_no_duplicate() -> None:
    first = session(V6).packets
    second = session(replace(V6, client_port=40001)).packets
    other_way = replace(V6, client=V6.server, server=V6.client)
    third = session(other_way).packets
    for packets in (second, third):
        seen = watch([*first, *without_tls(packets)])
        assert seen.facts.duplicates == 0


def without_tls(packets: list[Packet]) -> list[Packet]:
    """The same packets, whose payload is not TLS."""
    return [replace(packet, payload=b"x" * len(packet.payload)) for packet in packets]


def test_resets_that_look_alike_are_no_duplicates() -> None:
    play = Play().open().speak(conversation.tls12()).rst(CLIENT)
    seen = watch([*play.packets, play.packets[-1], play.packets[-1]])
    assert seen.facts.duplicates == 0
    assert seen.facts.client.packets == 2 + watch(play.packets).facts.client.packets


def test_a_reset_is_a_duplicate_where_other_packets_were() -> None:
    packets = without_ip_id(Play().open().speak(conversation.tls12()).rst(CLIENT).packets)
    seen = watch(each_twice(packets))
    assert seen.facts.duplicates == len(packets)
    assert told(seen) == told(watch(packets))


def test_remembers_a_thousand_packets_well_enough() -> None:
    play = session(V4, mss=1)
    packets = [packet for packet in play.packets if packet.payload]
    half = packets[:1000]
    seen = watch(retimed([*half, *half], step_ns=1))
    assert seen.facts.duplicates > 900
    known = seen.facts.duplicates + seen.facts.client.retransmitted + seen.facts.server.retransmitted
    assert 998 <= known <= 1000  # the last byte of a side may pass for a keep-alive
    assert {packet.sender for packet in half} == {CLIENT, SERVER}
