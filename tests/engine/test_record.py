"""The record layer: what is counted, what becomes an event, and what happens where records are none."""

from __future__ import annotations

import pytest

from engine import conversation
from engine.conversation import TLS12, TLS13
from engine.playbook import CLIENT, SERVER, Play, Seen, watch, watch_all
from tlscap.engine.events import (
    ALERT,
    APPLICATION_DATA,
    CHANGE_CIPHER_SPEC,
    HANDSHAKE,
    HEARTBEAT,
    HIDDEN,
    MAX_SINGLE_DATA,
)
from tlscap.engine.limits import MAX_RECORD, Limits

CLIENT_HELLO, SERVER_HELLO = 1, 2


def record(kind: int, content: bytes, version: int = 0x0303) -> bytes:
    return bytes((kind,)) + version.to_bytes(2) + len(content).to_bytes(2) + content


def records(data: bytes) -> list[tuple[int, bytes]]:
    """Content type and content of whole records."""
    found = []
    while data:
        length = int.from_bytes(data[3:5])
        found.append((data[0], data[5 : 5 + length]))
        data = data[5 + length :]
    return found


def fragmented(steps: conversation.Steps, size: int) -> list[tuple[int, bytes]]:
    """The conversation with its clear handshake records cut into records of at most `size` bytes."""
    encrypted = [False, False]
    cut = []
    for side, data in steps:
        sent = b""
        for kind, content in records(data):
            encrypted[side] |= kind == CHANGE_CIPHER_SPEC
            step = size if kind == HANDSHAKE and not encrypted[side] else len(content)
            sent += b"".join(record(kind, content[at : at + step]) for at in range(0, len(content), step))
        cut.append((side, sent))
    return cut


def established(version: object = TLS12) -> Play:
    return Play().open().speak(conversation.parts(version).handshake)


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 7, 60, 100, 1000])
@pytest.mark.parametrize("mss", [3, 1460])
def test_puts_messages_together_that_span_records(size: int, mss: int) -> None:
    steps = conversation.tls12_mutual(True)
    whole = watch(Play().open().speak(steps).close(CLIENT).packets)
    seen = watch(Play(mss=mss).open().speak(fragmented(steps, size)).close(CLIENT).packets)
    assert seen.events == whole.events
    assert seen.verdict.history == whole.verdict.history
    assert seen.facts.server.certificates == whole.facts.server.certificates


@pytest.mark.parametrize("size", [1, 5, 100])
def test_puts_the_hellos_of_tls13_together_that_span_records(size: int) -> None:
    steps = conversation.tls13_hello_retry()
    whole = watch(Play().open().speak(steps).close(CLIENT).packets)
    seen = watch(Play().open().speak(fragmented(steps, size)).close(CLIENT).packets)
    assert seen.events == whole.events


def test_reads_several_messages_of_one_record() -> None:
    steps = list(conversation.tls12_mutual(True))
    whole = watch(Play().open().speak(steps).close(CLIENT).packets)
    for at in (1, 2):
        side, data = steps[at]
        clear = b"".join(content for kind, content in records(data) if kind == HANDSHAKE and not is_finished(content))
        rest = b"".join(
            record(kind, content) for kind, content in records(data) if kind != HANDSHAKE or is_finished(content)
        )
        steps[at] = (side, record(HANDSHAKE, clear) + rest)
    assert watch(Play().open().speak(steps).close(CLIENT).packets).events == whole.events


def is_finished(content: bytes) -> bool:
    """An encrypted record of TLS 1.2 with a suite of AES-GCM."""
    return len(content) == 40


def test_counts_data_by_records_and_bytes() -> None:
    play = established()
    for size in (1, 100, 16_000):
        play.send(CLIENT, record(APPLICATION_DATA, bytes(size)))
    side = watch(play.packets).facts.client
    assert (side.data_records, side.data_bytes) == (3, 16_101)
    assert (side.last_record_kind, side.last_record_length) == (APPLICATION_DATA, 16_000)
    assert side.data_ns > side.data_ns_before > 0
    assert not side.record_unfinished


def test_tells_when_the_last_record_never_became_whole() -> None:
    for missing, unfinished in ((0, False), (1, True), (100, True)):
        data = record(APPLICATION_DATA, bytes(100))
        side = watch(established().send(SERVER, data[: len(data) - missing]).packets).facts.server
        assert side.record_unfinished is unfinished
    assert watch(established().send(SERVER, b"\x17\x03").packets).facts.server.record_unfinished


def test_gives_each_record_an_event_at_first_and_each_run_one_later() -> None:
    play = established()
    before = len(watch(play.packets).events)
    for _ in range(MAX_SINGLE_DATA + 10):
        play.send(CLIENT, record(APPLICATION_DATA, bytes(10)))
    events = watch(play.packets).events[before:]
    assert len(events) == MAX_SINGLE_DATA
    assert events[-1] == (CLIENT, APPLICATION_DATA, 11, 110)
    assert events[-2] == (CLIENT, APPLICATION_DATA, 1, 10)


def test_reads_clear_alerts_and_hides_encrypted_ones() -> None:
    play = Play().open().speak(conversation.tls12()[:1]).send(SERVER, record(ALERT, b"\x02\x28"))
    assert watch(play.packets).events[-1] == (SERVER, ALERT, 0x0228, 2)
    play = established().send(SERVER, record(ALERT, bytes(26)))
    assert watch(play.packets).events[-1] == (SERVER, ALERT, HIDDEN, 26)


def test_a_change_cipher_spec_of_more_than_a_byte_is_encrypted() -> None:
    play = established().send(CLIENT, record(CHANGE_CIPHER_SPEC, bytes(25)))
    assert watch(play.packets).events[-1] == (CLIENT, CHANGE_CIPHER_SPEC, HIDDEN, 25)


@pytest.mark.parametrize("begun", [True, False])
def test_notes_a_heartbeat_before_encryption(begun: bool) -> None:
    """CVE-2014-0160 is asked for that way."""
    beat = record(HEARTBEAT, b"\x01\x40\x00")
    play = (
        Play().open().speak(conversation.tls12()[:1]).send(CLIENT, beat) if begun else established().send(CLIENT, beat)
    )
    seen = watch(play.packets)
    assert seen.events[-1] == (CLIENT, HEARTBEAT, 0, 3)
    assert ("heartbeat_in_clear" in seen.anomalies) is begun


def test_a_heartbeat_in_mid_stream_is_nothing_strange() -> None:
    play = Play().send(CLIENT, record(APPLICATION_DATA, bytes(100))).send(CLIENT, record(HEARTBEAT, bytes(40)))
    assert watch(play.packets).anomalies == []


def test_takes_records_up_to_the_largest_and_no_larger() -> None:
    for size, anomalies in ((MAX_RECORD, []), (MAX_RECORD + 1, ["not_a_record"])):
        seen = watch(established().send(CLIENT, record(APPLICATION_DATA, bytes(size))).packets)
        assert seen.anomalies == anomalies
        assert seen.facts.client.data_records == (not anomalies)


def test_an_empty_record_is_one() -> None:
    """OpenSSL 0.9.6 to 1.0.2 send them before data in CBC suites of TLS 1.0."""
    seen = watch(established().send(CLIENT, record(APPLICATION_DATA, b"") * 3).packets)
    assert (seen.facts.client.data_records, seen.facts.client.data_bytes) == (3, 0)


@pytest.mark.parametrize("header", [b"\x13\x03\x03\x00\x05", b"\x19\x03\x03\x00\x05", b"\x17\x02\x03\x00\x05"])
@pytest.mark.parametrize("mss", [2, 1460])
def test_says_what_should_be_a_record_and_is_none(header: bytes, mss: int) -> None:
    play = established()
    play.mss = mss
    seen = watch(play.send(CLIENT, header + bytes(5)).packets)
    (found,) = [detail for _, _, kind, detail in seen.facts.anomalies if kind == "not_a_record"]
    assert f"type {header[0]}, version 0x{header[1]:02x}{header[2]:02x}, length 5" in found


def lost(version: object, size: int) -> Seen:
    """A record in whose middle bytes were never captured; the next one came after it."""
    play = established(version).send(SERVER, record(APPLICATION_DATA, bytes(3000)))
    start = len(play.packets) - 4
    del play.packets[start + 1]
    return watch(play.send(SERVER, record(APPLICATION_DATA, bytes(size))).packets)


@pytest.mark.parametrize("version", [TLS12, TLS13])
def test_a_gap_inside_a_record_costs_nothing_else(version: object) -> None:
    whole = watch(established(version).packets).facts.server
    side = lost(version, 50).facts.server
    assert side.missing_bytes == 1460
    assert side.data_records == whole.data_records + 2
    assert side.data_bytes == whole.data_bytes + 3050


def test_searches_as_much_plaintext_for_tls_as_the_limit() -> None:
    for size, found in ((1000, 1), (1001, 0)):
        play = Play().open().send(CLIENT, b"x" * size).speak(conversation.tls12()[:1])
        assert len(watch_all(play.packets, Limits(search_bytes=1000))) == found


def test_counts_the_plaintext_before_tls() -> None:
    play = Play().open().send(SERVER, b"220 hello\r\n").send(CLIENT, b"STARTTLS\r\n").send(SERVER, b"220 go\r\n")
    facts = watch(play.speak(conversation.tls12()).packets).facts
    assert (facts.client.plain_bytes, facts.server.plain_bytes) == (10, 19)
    assert facts.preamble == "smtp"


def test_names_the_record_version_for_want_of_a_hello() -> None:
    tls11 = record(APPLICATION_DATA, bytes(100), 0x0302)
    seen = watch(Play().send(CLIENT, tls11).send(SERVER, tls11).packets)
    assert seen.verdict.version == "TLSv1.1"
    # The drafts of TLS 1.3 up to 21 say 3.1 in all records, and have no type but this once they encrypt.
    either = record(APPLICATION_DATA, bytes(100), 0x0301)
    play = Play().send(CLIENT, either).send(SERVER, either)
    assert watch(play.packets).verdict.version is None
    seen = watch(play.send(SERVER, record(ALERT, bytes(range(32)), 0x0301)).packets)
    assert seen.verdict.version == "TLSv1.0"
    # A ClientHello's record says 3.1 whatever it offers.
    hello = conversation.tls13()[0][1]
    assert hello[1:3] == b"\x03\x01"
    seen = watch(Play().open().send(CLIENT, hello[:200]).packets)
    assert seen.verdict.version is None
