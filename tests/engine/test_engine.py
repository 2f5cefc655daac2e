"""What the engine holds, lets go, and counts."""

from __future__ import annotations

import pytest

from engine import conversation
from engine.playbook import ACK, CLIENT, SECOND, SERVER, STEP_NS, Ends, Packet, Play, batch_of, fed, left, watch
from tlscap.capture.batch import Batch, frame_id
from tlscap.engine.endpoints import OTHER, PLAIN_HTTP, REFUSED, SILENT, UNANSWERED
from tlscap.engine.engine import Engine
from tlscap.engine.facts import BLOCK_ROWS, END_EVICTED
from tlscap.engine.limits import MAX_ANOMALIES, Limits


def session(port: int, ns: int = 0, close: bool = True) -> Play:
    play = Play(Ends(client_port=port), **({"ns": ns} if ns else {})).open().speak(conversation.tls12())
    return play.close(CLIENT) if close else play


def test_gives_a_connection_away_once_it_has_been_closed_for_a_while() -> None:
    play = session(40000)
    engine = fed(play.packets, Limits(linger_ns=2 * SECOND))
    assert left(engine) == []
    engine.advance(play.packets[-1].ns + 1_900_000_000)
    assert left(engine) == []
    engine.advance(play.packets[-1].ns + 2_000_000_000)
    assert len(left(engine)) == 1
    assert engine.flows.count == 0
    engine.finish()
    assert left(engine) == []


def test_time_goes_on_with_the_packets_of_other_connections() -> None:
    play = session(40000)
    engine = fed(play.packets)
    engine.feed(batch_of([packet.at(play.now_ns + 60 * SECOND) for packet in session(40001).packets[:1]]))
    assert len(left(engine)) == 1


def test_an_open_connection_stays_however_long_it_is_silent() -> None:
    play = session(40000, close=False)
    engine = fed(play.packets)
    engine.advance(play.now_ns + 10**6 * SECOND)
    assert left(engine) == []
    engine.finish()
    assert len(left(engine)) == 1


def test_holds_as_many_connections_as_the_limit_and_lets_the_longest_silent_ones_go() -> None:
    plays = [session(40000 + i, close=False) for i in range(9)]
    packets = [packet.at(packet.ns + i * SECOND) for i, play in enumerate(plays) for packet in play.packets]
    # The first one has spoken last.
    last = plays[0].send(CLIENT, conversation.tls12()[4][1]).packets[-2].at(packets[-1].ns + 1)
    for most, evicted in ((9, []), (8, [40001])):
        eight, ninth = packets[: -len(plays[8].packets)], packets[-len(plays[8].packets) :]
        engine = fed([*eight, last, *ninth], Limits(connections=most, stub_bytes=0))
        gone = left(engine)
        assert [seen.facts.client.port for seen in gone] == evicted
        assert all(seen.facts.end == END_EVICTED for seen in gone)
        assert engine.flows.count == 9 - len(evicted)
        engine.finish()
        assert engine.coverage[0].evicted == len(evicted)


def test_makes_blocks_of_a_fixed_number_of_rows() -> None:
    hello = conversation.tls12()[:1]
    packets: list[Packet] = []
    for i in range(BLOCK_ROWS + 1):
        packets += Play(Ends(client=f"10.1.{i >> 8}.{i & 255}")).speak(hello).packets
    engine = fed(packets, batch_size=4096)
    engine.finish()
    assert [len(block.rows) for block in engine.take_blocks()] == [BLOCK_ROWS, 1]
    assert engine.take_blocks() == []


def test_an_empty_batch_is_nothing() -> None:
    engine = Engine()
    engine.feed(Batch())
    engine.finish()
    assert engine.take_blocks() == []


def test_takes_only_as_many_packets_of_a_batch_as_it_counts() -> None:
    batch = batch_of(session(40000).packets)
    batch.count = 4
    engine = Engine()
    engine.feed(batch)
    engine.finish()
    (seen,) = left(engine)
    assert seen.facts.last_frame == 4


def test_counts_what_a_capture_could_not_tell() -> None:
    whole = session(40000)
    under_way = session(40001, close=False).packets[3:]
    one_sided = [packet for packet in session(40002).packets if packet.sender == CLIENT]
    lossy = [packet for packet in session(40003).packets if len(packet.payload) != 1460]
    two_clocks = [
        packet.at(packet.ns - 3 * STEP_NS // 2 * (packet.sender == CLIENT)) for packet in session(40004).packets
    ]
    set_back = [packet.at(packet.ns - SECOND * (i > 5)) for i, packet in enumerate(session(40005).packets)]
    engine = fed([*whole.packets, *under_way, *one_sided, *lossy, *two_clocks, *set_back])
    engine.finish()
    (coverage,) = engine.coverage
    assert coverage.tcp_connections == 6
    assert coverage.tls_connections == 6
    assert coverage.misdated == 2
    assert coverage.under_way == 1
    assert coverage.open_at_end == 2  # the one under way, and the one of which one FIN is known
    assert coverage.one_sided == 1
    assert coverage.missing_bytes >= 2 * 1460
    assert coverage.duplicates == 0


def test_counts_by_the_file_in_which_a_connection_began() -> None:
    play = session(40000)
    engine = Engine()
    for file, packets in enumerate((play.packets[:5], play.packets[5:])):
        batch = batch_of(packets)
        for i in range(batch.count):
            batch.frame[i] = frame_id(file, i + 1)
        engine.feed(batch)
    engine.finish()
    (seen,) = left(engine)
    assert seen.facts.first_frame == frame_id(0, 1)
    assert seen.facts.last_frame == frame_id(1, len(play.packets) - 5)
    assert engine.coverage[0].tls_connections == 1


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        (lambda play: play.packet(CLIENT, 2).rst(SERVER), REFUSED),
        (lambda play: play.packet(CLIENT, 2), UNANSWERED),
        (lambda play: play.open().close(CLIENT), SILENT),
        (lambda play: play.open().send(CLIENT, b"GET / HTTP/1.1\r\n\r\n").close(SERVER), PLAIN_HTTP),
        (lambda play: play.open().send(SERVER, b"SSH-2.0-OpenSSH\r\n").close(CLIENT), OTHER),
    ],
    ids=["refused", "unanswered", "silent", "plain http", "other"],
)
def test_counts_connections_without_tls_by_what_became_of_them(script, kind: int) -> None:
    engine = fed(script(Play()).packets)
    engine.finish()
    assert left(engine) == []
    ((key, counts),) = engine.endpoints.rows.items()
    assert key[:2] == (b"\xc0\x00\x02\x0a", 443)
    assert counts[kind] == 1
    assert sum(counts) == 1


def test_an_acknowledgment_of_nothing_that_was_seen_makes_no_connection() -> None:
    engine = fed(Play().packet(CLIENT, ACK).packet(SERVER, ACK).packets)
    assert engine.flows.count == 0


def test_keeps_as_many_anomalies_as_the_limit_and_counts_the_rest() -> None:
    """Each round has bytes that are no record, and records behind them."""
    for rounds, cut in ((MAX_ANOMALIES // 2, 0), (MAX_ANOMALIES // 2 + 1, 2)):
        steps = conversation.tls12()
        play = Play().open().speak(steps[:5])
        for _ in range(rounds):
            play.send(CLIENT, b"\xff" * 20).speak(steps[4:5])
        facts = watch(play.packets).facts
        assert len(facts.anomalies) == MAX_ANOMALIES
        assert facts.anomalies_cut == cut


def test_counts_frames_that_no_mtu_of_1500_allows_in_each_file() -> None:
    batch = batch_of(session(40000).packets[:4])
    for i, wirelen in enumerate([1526, 1527, 65549, 1527]):
        batch.wirelen[i] = wirelen
        batch.frame[i] = frame_id(0, i + 1)
    engine = Engine()
    engine.feed(batch)
    for i in range(4):
        batch.frame[i] = frame_id(1, i + 1)
        batch.wirelen[i] = 1527 if i == 0 else 60
    engine.feed(batch)
    engine.finish()
    assert [coverage.oversize_frames for coverage in engine.coverage] == [3, 1]
