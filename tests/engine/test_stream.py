"""One connection, however its bytes were cut into packets and in whatever order these came."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import conversation, samples
from engine.playbook import (
    ACK,
    CLIENT,
    FIN,
    PSH,
    SECOND,
    SERVER,
    Packet,
    Play,
    Seen,
    cut_to,
    essence,
    fed,
    flights,
    left,
    retimed,
    watch,
)
from tlscap.engine.early import MOST_EARLY
from tlscap.engine.limits import Limits

PATIENT = Limits(hole_patience_ns=3600 * SECOND)
"""For tests that send packets in an odd order: every hole is filled in the end."""

CONVERSATIONS = {
    "TLS 1.2": conversation.tls12,
    "TLS 1.2 by ticket": lambda: conversation.tls12_resumed(True),
    "TLS 1.2 by session id": lambda: conversation.tls12_resumed(False),
    "TLS 1.2 mutual": lambda: conversation.tls12_mutual(True),
    "TLS 1.3": conversation.tls13,
    "TLS 1.3 resumed": conversation.tls13_resumed,
    "TLS 1.3 mutual": lambda: conversation.tls13_mutual(True),
    "TLS 1.3 hello retry": conversation.tls13_hello_retry,
    "TLS 1.3 refused": conversation.tls13_certificate_required,
    "renegotiation": lambda: samples.conversation("renegotiation-ok", samples.truths("renegotiation-ok")[0]),
    "renegotiation refused": lambda: samples.conversation(
        "renegotiation-refused", samples.truths("renegotiation-refused")[0]
    ),
}


@pytest.fixture(params=CONVERSATIONS, scope="module")
def steps(request: pytest.FixtureRequest) -> conversation.Steps:
    return CONVERSATIONS[request.param]()


def whole(steps: conversation.Steps, mss: int = 1460) -> list[Packet]:
    """The conversation between SYNs and FINs."""
    return Play(mss=mss).open().speak(steps).close(CLIENT).packets


def same(packets: list[Packet], steps: conversation.Steps, limits: Limits | None = None) -> Seen:
    """Asserts that the packets tell what the conversation tells when nothing happens to it."""
    plain, seen = watch(whole(steps)), watch(packets, limits)
    assert seen.events == plain.events
    assert essence(seen.verdict) == essence(plain.verdict)
    assert seen.facts.client.bytes == plain.facts.client.bytes
    assert seen.facts.server.bytes == plain.facts.server.bytes
    assert seen.facts.client.missing_bytes == seen.facts.server.missing_bytes == 0
    return seen


@pytest.mark.parametrize("mss", [1, 2, 3, 5, 7, 64, 536, 65_000])
def test_tells_the_same_whatever_the_segments_size(steps: conversation.Steps, mss: int) -> None:
    same(whole(steps, mss), steps)


@pytest.mark.parametrize("mss", [50, 536])
def test_tells_the_same_when_every_flight_comes_in_reverse(steps: conversation.Steps, mss: int) -> None:
    runs = flights(whole(steps, mss))
    seen = same(retimed(packet for run in runs for packet in reversed(run)), steps, PATIENT)
    late = sum(len(run) - 1 for run in runs)
    assert seen.facts.client.out_of_order + seen.facts.server.out_of_order == late


def test_tells_the_same_when_every_packet_is_retransmitted(steps: conversation.Steps) -> None:
    packets = whole(steps, 536)
    twice = [copy for packet in packets for copy in (packet, replace(packet, ip_id=packet.ip_id ^ 0x4000))]
    seen = same(retimed(twice, step_ns=30_000_000), steps)
    data = sum(bool(packet.payload) for packet in packets)
    assert seen.facts.client.retransmitted + seen.facts.server.retransmitted == data + 2  # and both SYNs
    assert seen.facts.duplicates == 0


def _spans(size: int) -> st.SearchStrategy[tuple[int, int]]:
    """Where a piece of `size` bytes begins and ends; it is not empty."""
    return st.integers(0, size - 1).flatmap(lambda start: st.tuples(st.just(start), st.integers(start + 1, size)))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_tells_the_same_however_segments_overlap(data: st.DataObject) -> None:
    steps = conversation.tls12_mutual(True)
    play = Play().open()
    packets = list(play.packets)
    for sender, sent in steps:
        first = play.next_seq[sender]
        play.send(sender, sent)
        acknowledgment = play.packets[-1]
        model = play.packets[-2]
        cuts = data.draw(st.lists(st.integers(0, len(sent)), max_size=6).map(sorted))
        spans = [(a, b) for a, b in zip([0, *cuts], [*cuts, len(sent)]) if a < b]
        spans += data.draw(st.lists(_spans(len(sent)), max_size=4))
        for start, stop in data.draw(st.permutations(spans)):
            packets.append(replace(model, seq=first + start, payload=sent[start:stop]))
        packets.append(acknowledgment)
    play.close(CLIENT)
    same(_renumbered(retimed(packets + play.packets[-3:])), steps, PATIENT)


def _renumbered(packets: list[Packet]) -> list[Packet]:
    return [replace(packet, ip_id=at + 1) for at, packet in enumerate(packets)]


@pytest.mark.parametrize("behind", [1, 2, 100, 1460, 1461, 1600])
def test_follows_sequence_numbers_over_their_end(steps: conversation.Steps, behind: int) -> None:
    isn = ((1 << 32) - behind, (1 << 32) - behind - 700)
    packets = Play(isn=isn).open().speak(steps).close(CLIENT).packets
    same(packets, steps)
    same(retimed(packet for run in flights(packets) for packet in reversed(run)), steps, PATIENT)


@pytest.mark.parametrize("behind", [1, 700, 1461])
def test_fills_holes_over_the_end_of_sequence_numbers(behind: int) -> None:
    steps = conversation.tls12_mutual(True)
    play = Play(isn=(7, (1 << 32) - behind), mss=300).open().speak(steps).close(CLIENT)
    same(retimed(packet for run in flights(play.packets) for packet in reversed(run)), steps, PATIENT)


@pytest.mark.parametrize("probe", [b"", b"\0"], ids=["empty", "one byte"])
def test_takes_keep_alives_for_nothing_but_packets(probe: bytes) -> None:
    steps = conversation.tls12()
    play = Play().open().speak(steps[:-1])
    for _ in range(5):
        play.wait(75).probe(CLIENT, probe).wait(75).probe(SERVER, probe)
    play.speak(steps[-1:]).close(CLIENT)
    seen = watch(play.packets)
    assert seen.events == watch(whole(steps)).events
    assert seen.facts.client.retransmitted == seen.facts.server.retransmitted == 0
    assert seen.verdict.outcome == "completed"
    assert seen.verdict.closed_idle


def test_takes_a_zero_window_probe_for_the_byte_that_it_is() -> None:
    """Some stacks probe with the next byte; the receiver does not take it until its window opens."""
    steps = conversation.tls12()
    play = Play().open().speak(steps[:-2])
    response = steps[-2][1]
    first = play.next_seq[SERVER]
    play.packet(SERVER, ACK, response[:1])
    for _ in range(4):
        play.wait(0.5).packet(CLIENT, ACK)
        play.packets[-1] = replace(play.packets[-1], ack=first)
        play.wait(0.5).again(-2)
    play.next_seq[SERVER] = first
    play.packet(SERVER, PSH | ACK, response[:1000]).send(SERVER, response[1000:]).speak(steps[-1:]).close(CLIENT)
    seen = watch(play.packets)
    assert seen.events == watch(whole(steps)).events
    assert seen.facts.server.retransmitted == 0
    assert seen.verdict.outcome == "completed"


def test_keeps_the_first_copy_of_overlapping_bytes() -> None:
    """An attacker may send other bytes again, for the capture or for the receiver to believe."""
    steps = conversation.tls12()
    plain = watch(whole(steps))
    for cut, shown in [(0, 300), (100, 300), (200, 500), (0, 900)]:
        packets = _with_forged_server_hello(steps, cut, shown, hole_first=False)
        seen = watch(packets, PATIENT)
        assert seen.events == plain.events
        assert seen.facts.server_hello.cipher == plain.facts.server_hello.cipher
        assert seen.facts.server.retransmitted >= 1


@pytest.mark.parametrize(("cut", "shown"), [(100, 300), (100, 101), (150, 300), (120, 280), (299, 300)])
def test_keeps_the_first_copy_where_bytes_overlap_behind_a_hole(cut: int, shown: int) -> None:
    steps = conversation.tls12()
    plain = watch(whole(steps))
    seen = watch(_with_forged_server_hello(steps, cut, shown, hole_first=True), PATIENT)
    assert seen.events == plain.events
    assert seen.facts.server.certificates == plain.facts.server.certificates
    assert "overlap_differs" in seen.anomalies


@pytest.mark.parametrize(("cut", "shown"), [(50, 350), (0, 900), (200, 400), (20, 120)])
def test_keeps_also_a_forged_first_copy_and_notes_that_there_were_two(cut: int, shown: int) -> None:
    steps = conversation.tls12()
    seen = watch(_with_forged_server_hello(steps, cut, shown, hole_first=True), PATIENT)
    assert seen.facts.server.missing_bytes == 0
    assert seen.facts.server.bytes == watch(whole(steps)).facts.server.bytes
    assert "overlap_differs" in seen.anomalies


def _with_forged_server_hello(steps: conversation.Steps, cut: int, shown: int, *, hole_first: bool) -> list[Packet]:
    """The server's first flight, of which the bytes from `cut` to `shown` come again and are others.

    With `hole_first` the bytes from 100 to 300 come first, then the forged ones, then the rest.
    """
    play = Play().open().speak(steps[:1])
    packets = list(play.packets)
    flight = steps[1][1]
    first = play.next_seq[SERVER]
    play.send(SERVER, flight)
    model, acknowledgment = play.packets[-2:]
    true = [(100, 300), (0, 100), (300, len(flight))] if hole_first else [(0, len(flight))]
    spans = [(start, flight[start:stop]) for start, stop in true]
    spans.insert(1, (cut, bytes(byte ^ 0xFF for byte in flight[cut:shown])))
    packets += [replace(model, seq=first + start, payload=payload) for start, payload in spans]
    packets.append(acknowledgment)
    before = len(play.packets)
    play.speak(steps[2:]).close(CLIENT)
    return _renumbered(retimed(packets + play.packets[before:]))


def test_keeps_events_in_the_order_of_the_stream_when_a_fin_overtakes_data() -> None:
    steps = conversation.tls12()
    packets = whole(steps)
    alert = max(i for i, packet in enumerate(packets) if packet.payload)
    fin = next(i for i, packet in enumerate(packets) if packet.flags & FIN)
    packets[alert], packets[fin] = packets[fin], packets[alert]
    same(retimed(packets), steps)


def test_holds_no_more_behind_a_hole_than_the_limit() -> None:
    """One byte more than may wait, and the hole is a gap; nothing that waited is lost."""
    steps = conversation.tls12()
    for more, gone in [(0, False), (1, True)]:
        play = Play().open().speak(steps[:-2])
        first = play.next_seq[SERVER]
        response = steps[-2][1]
        play.packet(SERVER, ACK, response[:100])
        start = 200  # the hole is 100 bytes
        play.next_seq[SERVER] = first + start
        room = len(response) - start - more
        engine = fed(play.send(SERVER, response[start:], acknowledged=False).packets, Limits(out_of_order_bytes=room))
        engine.finish()
        (seen,) = left(engine)
        assert seen.facts.server.missing_bytes == 100
        assert (
            seen.facts.server.bytes
            == sum(len(sent) for side, sent in steps[:-2] if side == SERVER) + len(response) - 100
        )
        filled = Play().open()
        filled.packets = [
            *play.packets,
            replace(play.packets[-1], seq=first + 100, payload=response[100:200], ns=play.now_ns),
        ]
        seen = watch(filled.packets, Limits(out_of_order_bytes=room))
        assert (seen.facts.server.missing_bytes == 100) is gone


def test_holds_no_more_segments_behind_a_hole_than_the_limit() -> None:
    steps = conversation.tls12()
    for segments, gone in [(10, False), (11, True)]:
        play = Play().open().speak(steps[:-2])
        first = play.next_seq[SERVER]
        response = steps[-2][1]
        for i in range(1, segments + 1):
            play.next_seq[SERVER] = first + i
            play.packet(SERVER, ACK, response[i : i + 1])
        play.next_seq[SERVER] = first
        play.packet(SERVER, ACK, response[:1])
        seen = watch(play.packets, Limits(out_of_order_segments=10))
        assert (seen.facts.server.missing_bytes == 1) is gone


def test_a_late_side_is_dated_by_as_many_acknowledgments_as_the_limit() -> None:
    """What the client sends stands behind all that the server says; the first acknowledgments are kept."""
    for count, dated in [(MOST_EARLY, MOST_EARLY), (MOST_EARLY + 1, MOST_EARLY)]:
        play = Play().open().speak(conversation.tls12()[:-2])
        begun = len(play.packets)
        for _ in range(count):
            play.send(CLIENT, b"\x17\x03\x03\0\x20" + bytes(32))
        sent = play.packets[begun:]
        late = [packet.at(packet.ns + SECOND) for packet in sent if packet.sender == CLIENT]
        seen = watch(play.packets[:begun] + [packet for packet in sent if packet.sender == SERVER] + late)
        assert seen.facts.client.behind_acknowledgment == dated


def test_gives_a_hole_up_only_when_it_was_acknowledged_and_some_time_has_passed() -> None:
    steps = conversation.tls12()
    limits = Limits(hole_patience_ns=SECOND)
    packets = whole(steps)
    lost = next(i for i, packet in enumerate(packets) if packet.sender == SERVER and len(packet.payload) == 1460)
    for wait, filled in [(0.9, True), (1.2, False)]:
        late = [*packets[:lost], *packets[lost + 1 : lost + 4]]
        later = [packet.at(packet.ns + int(wait * SECOND)) for packet in (packets[lost + 3], packets[lost])]
        rest = [packet.at(packet.ns + 2 * SECOND) for packet in packets[lost + 4 :]]
        seen = watch(late + later + rest, limits)
        assert (seen.facts.server.missing_bytes == 0) is filled


def test_reads_on_behind_what_snaplen_cut(steps: conversation.Steps) -> None:
    plain = watch(whole(steps))
    seen = watch(cut_to(whole(steps), 600))
    assert seen.verdict.version == plain.verdict.version
    assert seen.verdict.handshake in (plain.verdict.handshake, "unknown")
    assert seen.verdict.outcome == plain.verdict.outcome or not plain.verdict.established
    cut = sum(packet.cut for packet in cut_to(whole(steps), 600))
    assert seen.facts.client.missing_bytes + seen.facts.server.missing_bytes == cut


def test_reads_on_behind_what_snaplen_cut_in_reordered_packets() -> None:
    steps = conversation.tls12()
    packets = cut_to(whole(steps), 600)
    backwards = retimed(packet for run in flights(packets) for packet in reversed(run))
    assert watch(backwards, PATIENT).events == watch(packets).events
