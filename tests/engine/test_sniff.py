"""What is the start of TLS, and what only looks like it."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import conversation
from engine.playbook import CLIENT, SERVER, Play, watch_all
from engine.test_record import record
from tlscap.engine.limits import MAX_RECORD
from tlscap.engine.sniff import (
    MORE,
    NOTHING,
    PROXY_HEADER,
    PROXY_V1_MOST,
    SSLV2_HELLO,
    TLS,
    next_record,
    proxy_header_length,
    start_of_tls,
)

HELLO = conversation.tls12()[0][1]
DATA = record(23, bytes(50))
SSLV2 = b"\x80\x1f\x01\x03\x03\x00\x06\x00\x00\x00\x10" + b"\x00\x00\x2f\x07\x00\xc0" + bytes(16)


def found(data: bytes, mid_stream: bool = False, expected: bool = False) -> int:
    return start_of_tls(memoryview(data), mid_stream, expected)


@pytest.mark.parametrize("step", range(1, len(conversation.tls12()) - 1))
def test_every_prefix_of_a_hello_may_be_one(step: int) -> None:
    for end in range(11):
        assert found(HELLO[:end]) == MORE
    assert found(HELLO[: 11 + step]) == TLS


@pytest.mark.parametrize("steps", [conversation.tls12, conversation.tls13, conversation.tls13_hello_retry])
def test_both_hellos_are_tls(steps) -> None:
    assert found(steps()[0][1]) == TLS
    assert found(steps()[1][1]) == TLS


def test_records_without_a_hello_are_tls_only_where_the_start_is_missing() -> None:
    for data in (DATA, DATA * 3, record(21, bytes(26)), record(20, b"\x01")):
        assert found(data) == NOTHING
        assert found(data, mid_stream=True) == TLS
    assert found(DATA[:-1], mid_stream=True) == NOTHING, "one header is not enough"
    assert found((DATA * 2)[:-1], mid_stream=True) == TLS


def test_a_change_of_cipher_spec_before_more_records_is_tls_anywhere() -> None:
    """A subflow of MPTCP has a SYN of its own, and no hello."""
    change = record(20, b"\x01")
    assert found(change + DATA) == TLS
    assert found(change + DATA[:-1]) == TLS
    assert found(record(20, b"\x02") + DATA) == NOTHING
    assert found(change + b"\x17\x03\x09\0\1x") == NOTHING


def test_any_record_is_tls_once_the_other_side_speaks_it() -> None:
    assert found(record(21, b"\x02\x28"), expected=True) == TLS
    assert found(DATA[:-10], expected=True) == TLS
    for end in range(1, 5):
        assert found(DATA[:end], expected=True) == MORE
    assert found(b"\x15\x02\x00\x00\x02", expected=True) == NOTHING
    assert found(b"HTTP/1.1 400 Bad Request\r\n", expected=True) == NOTHING


def test_reads_an_sslv2_hello_once_it_can_be_told() -> None:
    for end in range(1, 11):
        assert found(SSLV2[:end]) == MORE
    assert found(SSLV2) == SSLV2_HELLO
    assert found(SSLV2, mid_stream=True) == NOTHING


@pytest.mark.parametrize(
    "change",
    [(1, 0x20), (2, 4), (3, 9), (6, 7), (6, 0), (8, 1), (10, 7), (10, 33)],
    ids=["length", "type", "version", "odd ciphers", "no ciphers", "session id", "challenge of 7", "challenge of 33"],
)
def test_an_sslv2_hello_must_add_up(change: tuple[int, int]) -> None:
    data = bytearray(SSLV2)
    data[change[0]] = change[1]
    assert found(bytes(data)) == NOTHING


NO_TLS = {
    "http": b"GET / HTTP/1.1\r\n\r\n",
    "ssh": b"SSH-2.0-OpenSSH_9.2\r\n",
    "smb": b"\x00\x00\x00\x85\xffSMB",
    "dns over tcp": b"\x00\x1d\x12\x34\x01\x00\x00\x01",
    "rdp": b"\x03\x00\x00\x13\x0e\xe0",
    "a record of another kind": record(25, bytes(50)),
    "a record of another version": b"\x16\x02\x03\x00\x30\x01" + bytes(47),
    "a minor version that does not exist": b"\x16\x03\x05\x00\x30\x01" + bytes(47),
    "no hello": record(22, b"\x0b\x00\x00\x20" + bytes(32)),
    "a record that is too long": b"\x16\x03\x01"
    + (MAX_RECORD + 1).to_bytes(2)
    + b"\x01\x00\x00\xfc\x03\x03"
    + bytes(99),
    "an empty record": b"\x16\x03\x01\x00\x00\x01\x00\x00\x00\x03\x03",
    "a hello of 65,536 bytes": record(22, b"\x01\x01\x00\x00\x03\x03" + bytes(99)),
    "a hello of version 4": record(22, b"\x01\x00\x00\x63\x04\x03" + bytes(99)),
    "bittorrent": b"\x13BitTorrent protocol" + bytes(48),
    "zeros": bytes(100),
}


@pytest.mark.parametrize("name", NO_TLS)
def test_what_is_no_tls_is_told_so(name: str) -> None:
    assert found(NO_TLS[name]) == NOTHING
    play = Play().open().send(CLIENT, NO_TLS[name]).send(SERVER, NO_TLS[name]).close(CLIENT)
    assert watch_all(play.packets) == []


def test_random_bytes_are_no_tls() -> None:
    noise = random.Random(8446)
    play = Play()
    for _ in range(400):
        play.send(CLIENT, noise.randbytes(500)).send(SERVER, noise.randbytes(500))
    assert watch_all(play.packets) == []


@given(st.binary(max_size=64), st.booleans(), st.booleans())
def test_says_something_of_any_bytes(data: bytes, mid_stream: bool, expected: bool) -> None:
    assert found(data, mid_stream, expected) in (NOTHING, MORE, TLS, SSLV2_HELLO, PROXY_HEADER)


@given(st.binary(min_size=64, max_size=128).filter(lambda data: data[0] not in b"P\r" and not data[0] & 0x80))
def test_asks_for_more_only_while_there_is_little(data: bytes) -> None:
    assert found(data) != MORE


def test_finds_the_next_record_wherever_it_begins() -> None:
    for junk in (b"", b"\x17", b"junk", b"\x17\x03\x03\xff\xff", bytes(100)):
        assert next_record(memoryview(junk + DATA), 0x0303) == len(junk)
        assert next_record(memoryview(junk + DATA + DATA[:20]), 0) == len(junk)
    assert next_record(memoryview(b"junk" + DATA[:-1]), 0x0303) == -1, "neither an end nor a second header"
    assert next_record(memoryview(DATA[:-1]), 0x0303) == 0, "a packet that begins with a header"
    assert next_record(memoryview(b"junk" + DATA), 0x0301) == -1, "a record of another version"
    assert next_record(memoryview(b"\x17\x03\x03"), 0x0303) == -1


@pytest.mark.parametrize("end", range(1, 6))
def test_a_proxy_header_is_whole_or_there_is_more_to_come(end: int) -> None:
    v1 = b"PROXY TCP4 203.0.113.7 192.0.2.10 51234 443\r\n"
    v2 = b"\r\n\r\n\x00\r\nQUIT\n\x21\x11\x00\x0c" + bytes(12)
    for header in (v1, v2):
        assert found(header) == PROXY_HEADER
        assert found(header[:-end]) == MORE
        assert found(header + HELLO) == PROXY_HEADER
        assert proxy_header_length(memoryview(header + HELLO)) == len(header)


def test_a_proxy_header_has_a_longest_length() -> None:
    longest = b"PROXY UNKNOWN ".ljust(PROXY_V1_MOST - 2, b"f") + b"\r\n"
    assert found(longest) == PROXY_HEADER
    assert found(longest[:-2] + b"f\r\n") == NOTHING
    assert found(longest[:-2]) == MORE
