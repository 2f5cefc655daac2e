"""What peers may make the engine keep: each limit, and one beyond; most others stand beside what they limit."""

from __future__ import annotations

import struct

from engine import conversation
from engine.hellos import client_hello, extension, server_hello
from engine.packets import ETHERNET
from engine.playbook import CLIENT, SERVER, Play, fed, watch
from tlscap.capture.batch import Batch
from tlscap.engine.alike import MAX_BYTES as MAX_MODEL_BYTES
from tlscap.engine.certificate_store import MAX_CHAINS, CertificateStore
from tlscap.engine.client_hello import MAX_NAMES as MAX_SERVER_NAMES
from tlscap.engine.client_hello import parse_client_hello
from tlscap.engine.datagrams import MAX_FLOWS, SEARCHED, carries_hello
from tlscap.engine.endpoints import MAX_ENDPOINTS, REFUSED, Endpoints
from tlscap.engine.engine import LARGEST_FRAME, Engine
from tlscap.engine.facts import Facts
from tlscap.engine.fragments import MAX_DATAGRAM, Fragments
from tlscap.engine.frame import Decoder
from tlscap.engine.limits import MAX_LATER_CHAINS, MAX_TICKETS, PLAIN_HEAD, Limits
from tlscap.engine.server_hello import MAX_EXTENSIONS, parse_server_hello
from tlscap.engine.slowpath import MAX_FUTILE, SlowPath
from tlscap.engine.undecoded import MAX_NAMES


def test_as_many_tickets_and_later_chains_are_kept_as_the_limit() -> None:
    facts = Facts()
    for number in range(MAX_TICKETS + 1):
        facts.keep_ticket(number, 1, 1, b"")
    for number in range(MAX_LATER_CHAINS + 1):
        facts.keep_chain(number, 1, SERVER, ())
    assert [ns for ns, *_ in facts.tickets] == list(range(MAX_TICKETS))
    assert [ns for ns, *_ in facts.later_chains] == list(range(MAX_LATER_CHAINS))


def test_as_much_of_a_plaintext_start_is_kept_as_the_limit() -> None:
    for size in (PLAIN_HEAD - 1, PLAIN_HEAD, PLAIN_HEAD + 1):
        engine = fed(Play().open().send(CLIENT, b"x" * size).packets)
        (connection,) = engine.flows.connections()
        assert len(connection.upstream.records.plain_head) == min(size, PLAIN_HEAD)


def test_as_many_extensions_of_a_server_hello_are_read_as_the_limit() -> None:
    alpn = extension(16, b"\0\x03\x02h2")
    for before, read in ((MAX_EXTENSIONS - 1, "h2"), (MAX_EXTENSIONS, "")):
        hello = parse_server_hello(memoryview(server_hello([extension(60_000, b"")] * before + [alpn])))
        assert (hello.alpn or "") == read


def test_as_many_server_names_are_remembered_as_the_limit() -> None:
    too_long = extension(21, bytes(MAX_MODEL_BYTES))  # to be kept as a model, which would have the name too

    def named(number: int) -> str:
        name = f"{number:06}.example".encode()
        body = b"\0" + len(name).to_bytes(2) + name
        hello = client_hello(extensions=[extension(0, len(body).to_bytes(2) + body), too_long])
        return parse_client_hello(memoryview(hello)).sni

    first = named(0)
    assert named(0) is first
    for number in range(1, MAX_SERVER_NAMES + 1):
        named(number)
    again = named(0)
    assert again == first
    assert again is not first


def test_as_many_endpoints_are_counted_as_the_limit() -> None:
    endpoints = Endpoints()
    for number in range(MAX_ENDPOINTS + 1):
        endpoints.count(number.to_bytes(4), 443, 0, REFUSED)
    endpoints.count(bytes(4), 443, 0, REFUSED)
    assert (len(endpoints.rows), endpoints.uncounted) == (MAX_ENDPOINTS, 1)
    assert endpoints.rows[bytes(4), 443, 0][REFUSED] == 2


def test_a_datagram_is_as_large_as_the_limit() -> None:
    key = (0, 1, 0, 2, 7, 17)
    start = MAX_DATAGRAM // 8 * 8
    for size, whole in ((MAX_DATAGRAM - start, True), (MAX_DATAGRAM - start + 1, False)):
        fragments = Fragments()
        fragments.put(key, 17, 0, True, bytes(start), 0)
        assert (fragments.put(key, 17, start, False, bytes(size), 0) is not None) is whole


def test_as_many_messages_of_certificates_are_recognised_as_the_limit() -> None:
    store = CertificateStore()
    body = (7).to_bytes(3) + (4).to_bytes(3) + bytes(4)
    first = store.read(body, False, 0, 1)
    assert store.read(body, False, 0, 1) is first
    for number in range(1, MAX_CHAINS + 1):
        store.read((7).to_bytes(3) + (4).to_bytes(3) + number.to_bytes(4), False, 0, 1)
    assert store.read(body, False, 0, 1) is not first


def test_a_kind_without_ip_is_given_up_after_as_many_packets_as_the_limit() -> None:
    path = SlowPath()
    linktype = 201  # Bluetooth, in which there is no IP
    for _ in range(MAX_FUTILE - 1):
        path.find_ip(linktype, bytes(40))
    assert path._futile[linktype] == MAX_FUTILE - 1
    for _ in range(3):
        path.find_ip(linktype, bytes(40))
    assert path._futile[linktype] == MAX_FUTILE


def test_as_many_ethertypes_are_told_apart_as_the_limit() -> None:
    for more in (0, 1):
        decoder = Decoder()
        for number in range(MAX_NAMES + more):
            frame = bytes(12) + (0xA000 + number).to_bytes(2, "big") + bytes(46)
            decoder.decode(memoryview(frame), ETHERNET, len(frame), 0)
        names = decoder.undecoded
        assert ("other" in names) is bool(more)
        assert sum(names.values()) == MAX_NAMES + more


def test_a_frame_is_as_large_as_the_limit_before_it_counts_as_merged() -> None:
    for size, oversize in ((LARGEST_FRAME, 0), (LARGEST_FRAME + 1, 1)):
        play = Play(mss=LARGEST_FRAME).open().packet(CLIENT, 16, bytes(size - 54))
        engine = fed(play.packets)
        engine.finish()
        assert engine.coverage[0].oversize_frames == oversize


def test_a_conversation_is_read_where_every_limit_is_the_least_that_it_needs() -> None:
    steps = conversation.tls12()
    largest = max(len(data) for _, data in steps)
    assert watch(Play().open().speak(steps).packets, Limits(message_bytes=largest)).verdict.established


def test_as_many_recognised_flows_are_told_apart_as_the_limit() -> None:
    long_header = b"\xc3\0\0\0\1\x08" + bytes(30)
    engine = Engine()
    batch = Batch(MAX_FLOWS + 2)
    data = bytearray()
    for number in [*range(MAX_FLOWS + 1), 0]:
        udp = struct.pack("!HHHH", 40_000, 443, 8 + len(long_header), 0) + long_header
        ends = struct.pack("!II", 0x0A000000 + number, 0xC0000201)
        at = batch.count
        batch.start[at], batch.ts_ns[at], batch.frame[at] = len(data), 10**18 + at * 10**6, at + 1
        data += struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(udp), at & 0xFFFF, 0, 64, 17, 0) + ends + udp
        batch.caplen[at] = batch.wirelen[at] = len(data) - batch.start[at]
        batch.linktype[at] = 101
        batch.count += 1
    batch.data = memoryview(bytes(data))
    engine.feed(batch)
    flows, size = engine.datagrams.recognised()["quic"]
    assert (flows, engine.datagrams.refused) == (MAX_FLOWS, 1)
    assert size == (MAX_FLOWS + 1) * len(long_header)


def test_as_much_of_a_datagram_is_searched_as_the_limit() -> None:
    hello = b"\x16\x03\x01\x01\x00\x01\x00\x00\xfc\x03\x03"
    for at, found in ((SEARCHED - 1, True), (SEARCHED, False)):
        assert carries_hello(memoryview(bytes(at) + hello + bytes(40))) is found
