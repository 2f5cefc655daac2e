"""Who is the client, where a connection begins and ends, and how long its round trip takes."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address

import pytest

from engine import conversation
from engine.conversation import TLS12
from engine.playbook import (
    ACK,
    CLIENT,
    RST,
    SECOND,
    SERVER,
    STEP_NS,
    SYN,
    Ends,
    Packet,
    Play,
    Seen,
    essence,
    retimed,
    watch,
    watch_all,
)
from tlscap.engine.facts import END_CLOSED, END_OPEN, END_REUSED, ROLES_HELLO, ROLES_PORT

ENDS = {
    "IPv4": Ends(),
    "IPv4, client sorts last": Ends("192.0.2.10", 40000, "10.0.0.1", 443),
    "IPv6": Ends("2001:db8::1", 40000, "2001:db8:ffff::2", 443),
    "IPv6, client sorts last": Ends("2001:db8:ffff::2", 40000, "2001:db8::1", 443),
    "same address": Ends("127.0.0.1", 40000, "127.0.0.1", 443),
    "same address, lower port": Ends("127.0.0.1", 1024, "127.0.0.1", 8443),
}


def tls12(play: Play | None = None) -> Play:
    return (play or Play()).open().speak(conversation.tls12()).close(CLIENT)


@pytest.mark.parametrize("ends", ENDS.values(), ids=ENDS)
def test_knows_the_ends_of_a_connection(ends: Ends) -> None:
    facts = watch(tls12(Play(ends)).packets).facts
    assert (facts.client.ip, facts.client.port) == (ip_address(ends.client).packed, ends.client_port)
    assert (facts.server.ip, facts.server.port) == (ip_address(ends.server).packed, ends.server_port)
    assert facts.roles == ROLES_HELLO
    assert facts.client.syn_frame == 1
    assert facts.server.syn_frame == 2


@pytest.mark.parametrize("ends", ENDS.values(), ids=ENDS)
@pytest.mark.parametrize("first", [CLIENT, SERVER])
def test_a_hello_tells_the_roles_whatever_came_first(ends: Ends, first: int) -> None:
    """Also where the client has the lower port, and the capture begins with a packet of the server."""
    packets = tls12(Play(ends)).packets[3:]
    if first == SERVER:
        # What the server sends first is no TLS: a greeting of some kind.
        greeting = Play(ends, isn=(1001, 500_001 - 4)).packet(SERVER, ACK, b"220 ").packets
        packets = retimed(greeting + packets)
    facts = watch(packets).facts
    assert facts.roles == ROLES_HELLO
    assert (facts.client.ip, facts.client.port) == (ip_address(ends.client).packed, ends.client_port)
    assert (facts.server.ip, facts.server.port) == (ip_address(ends.server).packed, ends.server_port)
    events = facts.events
    assert [events.side(i) for i in range(2)] == [CLIENT, SERVER]


def test_takes_the_higher_port_for_the_client_s_where_no_hello_tells() -> None:
    facts = watch(Play().speak(conversation.tls12()[4:]).packets).facts
    assert facts.roles == ROLES_PORT
    assert (facts.client.port, facts.server.port) == (40000, 443)
    facts = watch(Play(Ends(client_port=443, server_port=40000)).speak(conversation.tls12()[4:]).packets).facts
    assert (facts.client.port, facts.server.port) == (40000, 443)


def test_a_server_that_speaks_first_in_mid_stream_keeps_its_role() -> None:
    facts = watch(Play().speak(conversation.tls12()[5:]).packets).facts
    assert (facts.client.port, facts.server.port) == (40000, 443)


def test_measures_the_round_trip_from_syn_to_the_acknowledged_syn_ack() -> None:
    facts = watch(tls12(Play(step_ns=5_000_000)).packets).facts
    assert facts.rtt_ns == 10_000_000


@pytest.mark.parametrize("again", [0, 1])
def test_measures_no_round_trip_where_a_syn_was_sent_twice(again: int) -> None:
    """It is not known which of them was answered."""
    packets = tls12().packets
    twice = [*packets[: again + 1], replace(packets[again], ip_id=9), *packets[again + 1 :]]
    facts = watch(retimed(twice)).facts
    assert facts.rtt_ns == -1 or again == 1
    assert facts.client.retransmitted + facts.server.retransmitted == 1


def test_reads_a_connection_whose_syn_ack_came_before_its_syn() -> None:
    """Captures of several queues do this."""
    packets = tls12().packets
    packets[0], packets[1] = packets[1], packets[0]
    seen = watch(retimed(packets))
    assert essence(seen.verdict) == essence(watch(tls12().packets).verdict)
    assert seen.facts.client.syn_frame == 2
    assert seen.facts.server.syn_frame == 1


def test_a_syn_for_a_new_connection_ends_the_old_one() -> None:
    first = tls12(Play())
    second = tls12(Play(isn=(900_000, 7), ns=first.now_ns))
    seen = watch_all(first.packets + second.packets)
    assert len(seen) == 2
    assert [each.facts.end for each in seen] == [END_CLOSED, END_CLOSED]
    assert [each.facts.first_frame for each in seen] == [1, len(first.packets) + 1]
    assert essence(seen[0].verdict) == essence(seen[1].verdict)


def test_a_syn_ends_also_a_connection_that_never_closed() -> None:
    first = Play().open().speak(conversation.tls12()[:-1])
    second = tls12(Play(isn=(900_000, 7), ns=first.now_ns))
    old, new = watch_all(first.packets + second.packets)
    assert (old.facts.end, new.facts.end) == (END_REUSED, END_CLOSED)
    assert old.verdict.closed_how == "silence"
    assert not old.verdict.dropped
    assert new.verdict.outcome == "completed"


@pytest.mark.parametrize(
    "ends", [Ends(), Ends(client_port=443, server_port=40000)], ids=["roles known", "roles mistaken"]
)
def test_a_syn_ends_a_connection_that_was_under_way(ends: Ends) -> None:
    first = Play(ends).speak(conversation.tls12()[4:])
    second = tls12(Play(ends, isn=(900_000, 7), ns=first.now_ns))
    old, new = watch_all(first.packets + second.packets)
    assert old.facts.client.syn_ns == 0
    assert new.verdict.handshake == "full"


def test_a_syn_again_is_the_same_connection() -> None:
    packets = tls12().packets
    seen = watch(
        retimed([packets[0], replace(packets[0], ip_id=7), replace(packets[0], ip_id=8), *packets[1:]], step_ns=SECOND)
    )
    assert seen.facts.client.retransmitted == 2
    assert seen.verdict.handshake_outcome == "completed"


@pytest.mark.parametrize("ahead", [-500_000_000, 500_000_000])
def test_a_server_that_still_knows_the_old_connection_is_reset_and_asked_again(ahead: int) -> None:
    """It answers the SYN with an acknowledgment of the old sequence numbers (RFC 9293 §3.10.7.4)."""
    packets = tls12().packets
    syn = packets[0]
    old = (syn.seq + ahead) % 2**32
    challenge = replace(packets[1], flags=ACK, seq=77, ack=old)
    reset = replace(syn, flags=RST, seq=old, ip_id=2)
    again = replace(syn, ip_id=3)
    seen = watch(retimed([syn, challenge, reset, again, *packets[1:]], step_ns=STEP_NS))
    assert seen.verdict.outcome == "completed"
    assert seen.verdict.closed_how == "close_notify_fin"
    assert seen.verdict.history == watch(packets).verdict.history
    assert seen.facts.client.rst_ns == 0
    assert seen.facts.client.missing_bytes == 0


def test_a_copy_with_other_sequence_numbers_changes_nothing() -> None:
    """A firewall that draws numbers of its own, captured on both of its sides."""
    packets = tls12().packets
    shift = (0x51234567, 0x9ABCDEF0)
    both = [packets[0]]
    for packet in packets[1:]:
        own, peer = shift[packet.sender], shift[1 - packet.sender]
        other = replace(packet, seq=(packet.seq + own) % 2**32, ack=(packet.ack + peer) % 2**32, ip_id=packet.ip_id + 1)
        both += [other, packet]
    seen = watch(retimed(both, step_ns=STEP_NS))
    alone = watch(packets)
    assert essence(seen.verdict) == essence(alone.verdict)
    assert (seen.facts.client.missing_bytes, seen.facts.server.missing_bytes) == (0, 0)
    assert (seen.facts.client.retransmitted, seen.facts.server.retransmitted) == (0, 0)
    assert [kind for _, _, kind, _ in seen.facts.anomalies] == ["renumbered"]


@pytest.mark.parametrize("slow", [CLIENT, SERVER])
def test_two_clocks_do_not_change_what_came_first(slow: int) -> None:
    """Two processors stamp packets: what one sends is dated a bit before what the other sent ahead of it."""
    alone = tls12().packets
    both = [packet.at(packet.ns - 3 * STEP_NS // 2 * (packet.sender == slow)) for packet in alone]
    seen = watch(both)
    assert essence(seen.verdict) == essence(watch(alone).verdict)
    assert [kind for _, _, kind, _ in seen.facts.anomalies] == ["clocks_differ"]
    assert seen.verdict.pending is False
    assert seen.facts.end_ns >= max(packet.ns for packet in both)


def test_packets_of_two_queues_keep_their_own_times() -> None:
    """A client's second request comes out of its queue ahead of the answer that was on the wire before it."""
    packets = tls12().packets
    turned = [*packets]
    answer = next(i for i, packet in enumerate(packets) if packet.sender == SERVER and i > 10)
    turned[answer], turned[answer + 1] = turned[answer + 1], turned[answer]
    seen = watch(turned)
    assert not seen.facts.anomalies
    assert essence(seen.verdict) == essence(watch(packets).verdict)


def test_what_follows_a_gap_of_both_sides_is_no_copy() -> None:
    """A capture that paused while both sides sent more than 16 MB."""
    data = b"\x17\x03\x03\0\x32" + bytes(50)
    play = Play().open().speak(conversation.tls12())
    play.next_seq = [number + 40_000_000 for number in play.next_seq]
    for _ in range(100):
        play.send(CLIENT, data).send(SERVER, data)
    seen = watch(play.close(SERVER).packets)
    assert seen.facts.server.fin_ns > 0
    assert seen.facts.server.missing_bytes > 40_000_000


def test_what_is_left_of_a_closed_connection_does_not_begin_a_new_one() -> None:
    first = tls12()
    late = [
        replace(first.packets[-1], flags=flags).at(first.now_ns + 10 * SECOND + i) for i, flags in enumerate((ACK, RST))
    ]
    other = tls12(Play(Ends(client_port=40001), ns=first.now_ns + 5 * SECOND))
    assert len(watch_all(first.packets + other.packets + late)) == 2


def test_an_open_connection_says_so() -> None:
    seen = watch(Play().open().speak(conversation.tls12()[:-1]).packets)
    assert seen.facts.end == END_OPEN
    assert seen.verdict.outcome == "open"


def test_counts_packets_bytes_and_times_of_both_sides() -> None:
    packets = tls12().packets
    facts = watch(packets).facts
    for side, number in ((facts.client, CLIENT), (facts.server, SERVER)):
        own = [packet for packet in packets if packet.sender == number]
        assert side.packets == len(own)
        assert side.bytes == sum(len(packet.payload) for packet in own)
        assert (side.first_ns, side.last_ns) == (own[0].ns, own[-1].ns)
        assert (side.ttl_low, side.ttl_high) == (own[0].ttl, own[0].ttl)
        assert side.payload_ns == max(packet.ns for packet in own if packet.payload)
    assert (facts.first_frame, facts.last_frame) == (1, len(packets))
    assert (facts.start_ns, facts.end_ns) == (packets[0].ns, packets[-1].ns)


def test_reads_data_that_came_with_the_syn() -> None:
    """TCP Fast Open (RFC 7413)."""
    packets = tls12().packets
    hello = packets[3]
    syn = replace(packets[0], payload=hello.payload)
    assert hello.payload and hello.sender == CLIENT
    rest = [packets[1], packets[2], *packets[4:]]
    assert essence(watch(retimed([syn, *rest])).verdict) == essence(watch(packets).verdict)


def unacknowledged(sent: int) -> Seen:
    parts = conversation.parts(TLS12)
    play = Play().open().speak(parts.handshake).send(CLIENT, parts.request).send(SERVER, parts.response)
    play.send(CLIENT, parts.request[:sent], acknowledged=False).fin(SERVER)
    play.packets[-1] = acknowledging(play.packets[-1], -sent)
    return watch(play.packets)


def acknowledging(packet: Packet, more: int) -> Packet:
    return replace(packet, ack=(packet.ack + more) % (1 << 32))


def test_counts_bytes_that_were_never_acknowledged() -> None:
    assert unacknowledged(50).facts.client.unacked_bytes == 50
    assert unacknowledged(0).facts.client.unacked_bytes == 0
    assert unacknowledged(50).verdict.pending
    assert not unacknowledged(0).verdict.pending


def test_syns_and_fins_take_a_sequence_number_and_are_no_bytes() -> None:
    packets = tls12().packets
    assert packets[0].flags == SYN
    facts = watch(packets).facts
    assert facts.client.unacked_bytes == facts.server.unacked_bytes == 0
    assert facts.client.missing_bytes == facts.server.missing_bytes == 0
