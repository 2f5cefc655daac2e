"""DTLS associations: datagrams in, one row out, whatever is lost, repeated or encrypted."""

from __future__ import annotations

import struct
import tracemalloc
from collections.abc import Sequence

from engine.hellos import client_hello, extension, server_hello, supported_versions, u16
from tlscap.capture.batch import Batch, frame_id
from tlscap.engine.dtls import MAX_DONE, MAX_PARTS, MAX_PIECES
from tlscap.engine.engine import Engine
from tlscap.engine.facts import Facts
from tlscap.engine.held import SEGMENT_OVERHEAD
from tlscap.engine.limits import Limits
from tlscap.judge import judge
from tlscap.judge.verdict import Verdict

CLIENT, SERVER = 0, 1
CHANGE_CIPHER_SPEC, HANDSHAKE, DATA, TLS12_CID = 20, 22, 23, 25
DTLS12, DTLS13 = 0xFEFD, 0xFEFC
LINKTYPE_RAW = 101
HELLO_RETRY = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")
CHOSEN_13 = extension(43, u16(DTLS13))

Datagram = tuple[int, bytes]
"""Who sends, and what."""


def record(kind: int, content: bytes, epoch: int = 0, number: int = 0) -> bytes:
    return struct.pack("!BHHHIH", kind, DTLS12, epoch, 0, number, len(content)) + content


def message(kind: int, body: bytes, number: int = 0) -> bytes:
    """A handshake message in one fragment."""
    size = len(body).to_bytes(3)
    return bytes((kind,)) + size + u16(number) + bytes(3) + size + body


def fragment(kind: int, body: bytes, start: int, stop: int) -> bytes:
    head = bytes((kind,)) + len(body).to_bytes(3) + u16(0) + start.to_bytes(3) + (stop - start).to_bytes(3)
    return record(HANDSHAKE, head + body[start:stop])


def unified(epoch: int, size: int, cid: bytes = b"", with_length: bool = True) -> bytes:
    """An encrypted record of DTLS 1.3 (RFC 9147 §4) with a sequence number of 16 bits."""
    flags = 0x20 | (0x10 if cid else 0) | 0x08 | (0x04 if with_length else 0) | epoch
    return bytes((flags,)) + cid + b"\x12\x34" + (u16(size) if with_length else b"") + b"\xaa" * size


HELLO = (CLIENT, record(HANDSHAKE, message(1, client_hello(version=DTLS12, cookie=b""))))
ANSWER = (SERVER, record(HANDSHAKE, message(2, server_hello(version=DTLS12), 1)))
HELLO_13 = client_hello(version=DTLS12, cookie=b"", extensions=[supported_versions(DTLS13)])
FIRST_13 = (CLIENT, record(HANDSHAKE, message(1, HELLO_13)))
ANSWER_13 = (SERVER, record(HANDSHAKE, message(2, server_hello([CHOSEN_13], version=DTLS12, cipher=0x1301))))
FINISHED = record(CHANGE_CIPHER_SPEC, b"\x01") + record(HANDSHAKE, bytes(40), epoch=1)


def fed(datagrams: Sequence[Datagram], snaplen: int = 65535, copies: int = 1) -> list[Facts]:
    """The associations that the engine makes of datagrams between two hosts, captured up to `snaplen` bytes.

    The capture holds each of them `copies` times.
    """
    engine = Engine()
    for copy in range(copies):
        engine.feed(batch_of(datagrams, snaplen, copy))
    engine.finish()
    return [facts for block in engine.take_blocks() for facts in block.rows]


def batch_of(datagrams: Sequence[Datagram], snaplen: int, later_ns: int) -> Batch:
    batch, data = Batch(max(1, len(datagrams))), bytearray()
    for i, (sender, payload) in enumerate(datagrams):
        ends = ((b"\x0a\0\0\x01", 40000), (b"\x0a\0\0\x02", 4433))
        (src, sport), (dst, dport) = ends[sender], ends[1 - sender]
        udp = struct.pack("!HHHH", sport, dport, 8 + len(payload), 0) + payload
        frame = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(udp), i, 0, 64, 17, 0) + src + dst + udp
        batch.ts_ns[i], batch.start[i], batch.frame[i] = 10**9 + i * 10**6 + later_ns, len(data), frame_id(0, i + 1)
        batch.caplen[i], batch.wirelen[i] = min(len(frame), snaplen), len(frame)
        batch.linktype[i] = LINKTYPE_RAW
        data += frame[:snaplen]
    batch.data, batch.count = memoryview(bytes(data)), len(datagrams)
    return batch


def watched(*datagrams: Datagram) -> tuple[Facts, Verdict]:
    rows = fed(datagrams)
    assert len(rows) == 1
    return rows[0], judge(rows[0])


def test_a_repeated_flight_is_no_renegotiation() -> None:
    flight = (CLIENT, FINISHED)
    _, verdict = watched(HELLO, ANSWER, flight, flight, (SERVER, FINISHED), flight, (SERVER, FINISHED))
    assert verdict.renegotiations == 0
    assert verdict.history == "CsI[F]i[f]"


def test_a_hello_that_comes_again_counts_once_but_its_packets_all() -> None:
    facts, verdict = watched(HELLO, HELLO, HELLO)
    assert verdict.history == "C"
    assert facts.client.packets == 3


def test_datagrams_that_the_capture_holds_twice_change_nothing() -> None:
    said = (FIRST_13, ANSWER_13, (SERVER, unified(2, 300)), (CLIENT, unified(2, 60)), (CLIENT, unified(3, 99)))
    (once,), (twice,) = fed(said), fed(said, copies=2)
    assert (once.duplicates, twice.duplicates) == (0, len(said))
    assert judge(twice).history == judge(once).history
    for side in ("client", "server"):
        told = [(s.packets, s.bytes, s.records, s.data_records) for s in (getattr(once, side), getattr(twice, side))]
        assert told[0] == told[1]


def test_a_message_is_put_together_from_fragments_in_any_order() -> None:
    body = client_hello(version=DTLS12, cookie=b"", random=b"\x44" * 32)
    parts = [fragment(1, body, start, min(start + 20, len(body))) for start in range(0, len(body), 20)]
    facts, _ = watched(*((CLIENT, part) for part in reversed(parts)))
    assert facts.client_hello is not None
    assert facts.client_hello.random == b"\x44" * 32


def test_epochs_tell_that_dtls_1_3_is_established() -> None:
    flight = [(SERVER, unified(2, 90)), (CLIENT, unified(2, 70))]
    facts, verdict = watched(FIRST_13, ANSWER_13, *flight, (SERVER, unified(3, 30)))
    assert (verdict.version, verdict.handshake, verdict.established) == ("DTLSv1.3", "full", True)
    assert verdict.history == "Csd"
    assert (facts.client.packets, facts.server.packets) == (2, 3)
    _, verdict = watched(FIRST_13, ANSWER_13, *flight)
    assert verdict.established is None
    assert verdict.unknown["established"] == "not_captured"


def test_what_dtls_1_3_encrypts_says_nothing_of_a_client_certificate() -> None:
    _, verdict = watched(FIRST_13, ANSWER_13, (SERVER, unified(2, 90)), (CLIENT, unified(2, 70)))
    assert verdict.client_certificate == "unknown"
    assert verdict.unknown["client_certificate"] == "encrypted"


def test_records_of_dtls_1_3_share_a_datagram() -> None:
    both = ANSWER_13[1] + unified(2, 50) + unified(2, 60)
    facts, _ = watched(FIRST_13, (SERVER, both))
    assert facts.server.records == 3
    assert facts.server.last_record_length == 60


def test_a_connection_id_hides_where_a_record_ends() -> None:
    both = unified(2, 50, cid=b"abc") + unified(2, 60, cid=b"abc")
    facts, _ = watched(FIRST_13, ANSWER_13, (SERVER, both))
    assert facts.server.records == 2  # the ServerHello, and what is left of the second datagram


def test_a_record_of_dtls_1_2_with_a_connection_id_counts_as_data() -> None:
    hidden = struct.pack("!BHHHI", TLS12_CID, DTLS12, 1, 0, 7) + b"id" + u16(20) + bytes(20)
    facts, _ = watched(HELLO, ANSWER, (CLIENT, FINISHED), (CLIENT, hidden))
    assert facts.client.data_records == 1


def test_other_datagrams_of_the_flow_are_no_records_of_dtls_1_2() -> None:
    facts, _ = watched(HELLO, ANSWER, (SERVER, unified(2, 50)))
    assert facts.server.records == 1


def test_encrypted_records_alone_are_no_association() -> None:
    assert fed([(SERVER, unified(2, 50)), (CLIENT, unified(3, 50))]) == []


def test_fingerprints_come_from_the_hello_before_the_retry() -> None:
    retry = server_hello([CHOSEN_13], version=DTLS12, random=HELLO_RETRY)
    second = client_hello(
        version=DTLS12, cookie=b"", extensions=[extension(44, b"\0\x01x"), supported_versions(DTLS13)]
    )
    facts, verdict = watched(
        FIRST_13,
        (SERVER, record(HANDSHAKE, message(2, retry))),
        (CLIENT, record(HANDSHAKE, message(1, second, 1))),
    )
    assert verdict.hello_retry
    assert facts.first_profile is not None
    assert facts.client_hello is not None
    assert facts.first_profile.ja3 != facts.client_hello.ja3


def test_a_datagram_cut_anywhere_is_an_anomaly_at_most() -> None:
    whole = ANSWER_13[1] + unified(2, 50) + unified(3, 20, cid=b"abc")
    for stop in range(1, len(whole)):
        facts, _ = watched(FIRST_13, (SERVER, whole[:stop]))
        assert facts.client_hello is not None


def test_what_snaplen_cut_is_missing_and_proves_nothing() -> None:
    flight = ANSWER[1] + record(HANDSHAKE, message(11, bytes(3 + 3 + 600), 2)) + record(HANDSHAKE, message(14, b"", 3))
    packets = [HELLO, (SERVER, flight), (SERVER, FINISHED), (CLIENT, FINISHED)]
    whole = judge(fed(packets)[0])
    cut = fed(packets, snaplen=28 + len(ANSWER[1]) + 40)[0]
    assert whole.handshake == "full"
    assert judge(cut).handshake == "unknown"
    assert judge(cut).unknown["handshake"] == "cut"
    assert cut.server.missing_bytes == len(flight) - len(ANSWER[1]) - 40
    assert cut.server.bytes == len(flight) + len(FINISHED)


def test_a_hello_that_snaplen_cut_is_an_association_all_the_same() -> None:
    facts = fed([HELLO, ANSWER], snaplen=28 + 40)[0]
    assert (facts.client.port, facts.client_hello) == (40000, None)


def test_a_cookie_tells_of_a_retry_that_was_lost() -> None:
    second = client_hello(
        version=DTLS12, cookie=b"", extensions=[extension(44, b"\0\x01x"), supported_versions(DTLS13)]
    )
    _, verdict = watched((CLIENT, record(HANDSHAKE, message(1, second, 1))), ANSWER_13)
    assert verdict.hello_retry


def test_fragments_in_any_pieces_and_order_make_the_message() -> None:
    body = client_hello(version=DTLS12, cookie=b"")
    pieces = [(0, 10), (5, 20), (12, 15), (30, len(body)), (18, 31)]
    whole, _ = watched(*((CLIENT, fragment(1, body, start, stop)) for start, stop in pieces), ANSWER)
    assert whole.client_hello is not None
    assert not whole.client_hello.malformed


def test_fragments_take_as_much_memory_as_they_bring_and_not_as_they_claim() -> None:
    """A thousand first fragments of a few bytes, each of a message of half a megabyte."""
    claim = bytes((1,)) + (500_000).to_bytes(3) + u16(0) + bytes(3) + (26).to_bytes(3) + b"\xfe\xfd" + bytes(24)
    hellos = [(b"\x0a\0" + i.to_bytes(2), record(HANDSHAKE, claim)) for i in range(1000)]
    tracemalloc.start()
    engine = Engine()
    for client, payload in hellos:
        engine.feed(one_datagram(client, payload))
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held < 20 << 20
    engine.finish()
    assert engine.coverage[0].tls_connections == 1000


def test_fragments_of_all_associations_have_a_limit() -> None:
    body, piece = bytes(400_000), 18_000
    hello = record(HANDSHAKE, message(1, client_hello(version=DTLS12, cookie=b""), 5))
    for most, given_up in ((10 * (piece + SEGMENT_OVERHEAD), 0), (10 * (piece + SEGMENT_OVERHEAD) - 1, 3)):
        engine = Engine(Limits(buffered_bytes=most))
        for number in range(10):
            client = b"\x0a\0\0" + bytes((number,))
            engine.feed(one_datagram(client, hello))
            engine.feed(one_datagram(client, fragment(11, body, 0, piece)))
        assert engine.coverage == [] if not given_up else engine.coverage[0].relieved == given_up
        engine.finish()
        assert engine.held.bytes == 0
        rows = [facts for block in engine.take_blocks() for facts in block.rows]
        assert sum("buffers_given_up" in {kind for _, _, kind, _ in facts.anomalies} for facts in rows) == given_up
        assert [facts.client.cut_bytes for facts in rows].count(piece) == given_up


def test_an_association_leaves_when_both_sides_have_sent_an_alert_and_nothing_follows() -> None:
    alert = record(21, bytes(26), epoch=1)
    engine = Engine(Limits(linger_ns=10**9))
    engine.feed(batch_of([HELLO, ANSWER, (CLIENT, alert)], 65535, 0))
    engine.advance(3 * 10**9)
    assert len(engine.datagrams.associations()) == 1  # of one side it may be a warning
    engine.feed(batch_of([(SERVER, alert)], 65535, 3 * 10**9))
    engine.advance(5 * 10**9 - 1)
    assert len(engine.datagrams.associations()) == 1
    engine.advance(5 * 10**9)
    assert engine.datagrams.associations() == []
    engine.flush()
    assert sum(len(block.rows) for block in engine.take_blocks()) == engine.coverage[0].tls_connections == 1


def test_an_association_stays_where_data_follows_alerts() -> None:
    alert = record(21, bytes(26), epoch=1)
    data = (CLIENT, record(DATA, bytes(50), epoch=1))
    engine = Engine(Limits(linger_ns=10**9))
    engine.feed(batch_of([HELLO, ANSWER, (CLIENT, alert), (SERVER, alert), data], 65535, 0))
    engine.advance(100 * 10**9)
    assert len(engine.datagrams.associations()) == 1


def test_a_fatal_alert_in_the_clear_ends_an_association() -> None:
    engine = Engine()
    engine.feed(batch_of([HELLO, (SERVER, record(21, b"\x02\x28"))], 65535, 0))
    engine.advance(100 * 10**9)
    assert engine.datagrams.associations() == []


def test_as_many_associations_are_held_as_the_limit_and_the_longest_silent_becomes_a_stub() -> None:
    for count, evicted in ((8, 0), (9, 1)):
        engine = Engine(Limits(connections=8))
        for number in range(count):
            engine.feed(one_datagram(b"\x0a\0\0" + bytes((number,)), HELLO[1], 10**9 + number))
        assert len(engine.datagrams.stubs) == evicted
        assert len(engine.datagrams.associations()) == 8
        assert sum(each.evicted for each in engine.coverage) == evicted
        engine.finish()
        assert engine.coverage[0].tls_connections == count


def test_an_association_goes_on_from_a_stub_as_if_it_had_never_been_away() -> None:
    told = []
    for most in (100, 2):
        engine = Engine(Limits(connections=most))
        for datagram in (HELLO, ANSWER, (CLIENT, FINISHED), (SERVER, FINISHED), (CLIENT, record(DATA, b"x" * 9, 1))):
            engine.feed(batch_of([datagram], 65535, 0))
            for number in range(4):
                engine.feed(one_datagram(b"\x0a\0\7" + bytes((number,)), HELLO[1], 10**9 + number + 2))
        assert (len(engine.datagrams.stubs) > 0) == (most == 2)
        engine.finish()
        rows = [facts for block in engine.take_blocks() for facts in block.rows]
        (facts,) = (facts for facts in rows if facts.client.ip == b"\x0a\0\0\x01")
        events = facts.events
        told.append([(events.side(i), events.kind(i), events.detail(i)) for i in range(events.count)])
    assert told[0] == told[1]
    assert len(told[0]) == 7


def test_stubs_of_associations_share_the_limit_of_stubs() -> None:
    engine = Engine(Limits(connections=1, stub_bytes=1))
    for number in range(3):
        engine.feed(one_datagram(b"\x0a\0\0" + bytes((number,)), HELLO[1], 10**9 + number))
    assert len(engine.datagrams.stubs) == 0
    assert (engine.coverage[0].evicted, engine.coverage[0].forgotten) == (2, 2)


def test_no_more_messages_than_the_limit_are_put_together_at_once() -> None:
    body = bytes(100)
    for parts, dropped in ((MAX_PARTS, False), (MAX_PARTS + 1, True)):
        pieces = [(CLIENT, numbered(number, body, 0, 60)) for number in range(1, parts + 1)]
        facts, _ = watched(HELLO, *pieces, (CLIENT, numbered(1, body, 60, 100)))
        assert (2 in [facts.events.detail(i) for i in range(facts.events.count)]) is not dropped


def test_no_more_fragments_of_a_message_than_the_limit_are_kept() -> None:
    for pieces, whole in ((MAX_PIECES, True), (MAX_PIECES + 1, False)):
        body = bytes(pieces)
        datagrams = [(CLIENT, numbered(1, body, at, at + 1)) for at in range(pieces)]
        facts, _ = watched(HELLO, *datagrams)
        assert (facts.events.count == 2) is whole


def test_messages_that_come_again_are_known_up_to_the_limit() -> None:
    for count, again in ((MAX_DONE, 0), (MAX_DONE + 1, 1)):
        messages = [(CLIENT, record(HANDSHAKE, message(2, b"x" * number, number))) for number in range(1, count)]
        more = (CLIENT, record(HANDSHAKE, message(2, b"x" * (count - 1), count - 1)) + b"\0")
        facts, _ = watched(HELLO, *messages, more)
        assert facts.events.count == count + again


def numbered(number: int, body: bytes, start: int, stop: int) -> bytes:
    head = bytes((2,)) + len(body).to_bytes(3) + u16(number) + start.to_bytes(3) + (stop - start).to_bytes(3)
    return record(HANDSHAKE, head + body[start:stop])


def one_datagram(client: bytes, payload: bytes, ns: int = 10**18) -> Batch:
    udp = struct.pack("!HHHH", 40000, 4433, 8 + len(payload), 0) + payload
    frame = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0) + client + b"\x0a\0\xff\x02" + udp
    batch = Batch(1)
    batch.ts_ns[0], batch.frame[0], batch.caplen[0], batch.wirelen[0] = ns, 1, len(frame), len(frame)
    batch.linktype[0], batch.count, batch.data = LINKTYPE_RAW, 1, memoryview(frame)
    return batch
