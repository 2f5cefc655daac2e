"""The hop that changes ClientHellos."""

from __future__ import annotations

import ssl
from collections.abc import Iterator

import pytest

from lab.hops.frames import read, sent
from tlscap.lab.frame import SYN
from tlscap.lab.hops.rewrite import Rewrite

RECORD_HEADER = 5


def hello() -> bytes:
    """The record of a real ClientHello."""
    out = ssl.MemoryBIO()
    tls = ssl.create_default_context().wrap_bio(ssl.MemoryBIO(), out, server_hostname="app.example")
    with pytest.raises(ssl.SSLWantReadError):
        tls.do_handshake()
    return out.read()


def through(hop: Rewrite, payload: bytes) -> bytes:
    hop.passes(sent(sequence=999, flags=SYN), 0, 0.0)
    [(_, _, data)] = hop.passes(sent(sequence=1000, payload=payload), 0, 0.0)
    return read(data).payload


def extensions(record: bytes) -> tuple[int, ...]:
    return tuple(kind for kind, _ in walk(record))


def walk(record: bytes) -> Iterator[tuple[int, bytes]]:
    body = record[9:]
    at = 35 + body[34]
    at += 2 + int.from_bytes(body[at : at + 2], "big")
    at += 1 + body[at]
    assert int.from_bytes(body[at : at + 2], "big") == len(body) - at - 2
    at += 2
    while at < len(body):
        length = int.from_bytes(body[at + 2 : at + 4], "big")
        yield int.from_bytes(body[at : at + 2], "big"), body[at + 4 : at + 4 + length]
        at += 4 + length


@pytest.mark.parametrize(("what", "gone"), [("strip-23", 23), ("strip-35", 35), ("cap-1.2", 43)])
def test_takes_out_one_extension_and_nothing_else(what: str, gone: int) -> None:
    before = hello()
    after = through(Rewrite(what), before)
    assert int.from_bytes(after[3:5], "big") == len(after) - RECORD_HEADER
    assert int.from_bytes(after[6:9], "big") == len(after) - RECORD_HEADER - 4
    assert gone in extensions(before)
    assert [one for one in walk(before) if one[0] != gone] == list(walk(after))


def test_splits_the_hello_into_two_records_of_the_same_message() -> None:
    before = hello()
    after = through(Rewrite("split"), before)
    first = RECORD_HEADER + int.from_bytes(after[3:5], "big")
    assert after[:3] == after[first : first + 3] == before[:3]
    assert after[RECORD_HEADER:first] + after[first + RECORD_HEADER :] == before[RECORD_HEADER:]


@pytest.mark.parametrize("what", ["strip-23", "split"])
def test_both_ends_go_on_with_numbers_that_fit(what: str) -> None:
    hop, before = Rewrite(what), hello()
    grown = len(through(hop, before)) - len(before)
    [(_, _, answer)] = hop.passes(sent(by_client=False, acknowledgment=1000 + len(before) + grown), 1, 0.0)
    assert read(answer).acknowledgment == 1000 + len(before)
    [(_, _, more)] = hop.passes(sent(sequence=1000 + len(before), payload=b"x"), 0, 0.0)
    assert read(more).sequence == 1000 + len(before) + grown


def test_leaves_everything_else_as_it_is() -> None:
    data = b"\x17\x03\x03\x00\x01x"
    assert through(Rewrite("strip-23"), data) == data
    assert through(Rewrite("none"), hello()) != b""
