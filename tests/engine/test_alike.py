"""A hello that fits a model differs from it inside of spans only, and is read to the same end."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.hellos import (
    alpn,
    block8,
    block16,
    client_hello,
    extension,
    key_shares,
    server_hello,
    server_name,
    supported_versions,
    words,
)
from tlscap.engine.alike import MAX_BYTES, NO_EXTENSION, SETS, WAYS, Alike
from tlscap.engine.client_hello import ClientHello, read_client_hello
from tlscap.engine.server_hello import ServerHello, read_server_hello

BODY = bytes(range(40))
SPANS = [NO_EXTENSION, 4, 8, 51, 20, 22]


@pytest.fixture
def alike() -> Alike:
    kept = Alike()
    kept.keep(BODY, SPANS, "read before")
    return kept


def changed(body: bytes, at: int, by: int = 0xFF) -> bytes:
    return body[:at] + bytes((body[at] ^ by,)) + body[at + 1 :]


@pytest.mark.parametrize("at", range(len(BODY)))
def test_fits_as_long_as_only_bytes_inside_of_spans_differ(alike: Alike, at: int) -> None:
    found = alike.find(changed(BODY, at))
    assert (found is not None) == (4 <= at < 8 or 20 <= at < 22)


def test_a_hello_of_another_length_fits_nothing(alike: Alike) -> None:
    assert alike.find(BODY[:-1]) is None
    assert alike.find(BODY + bytes(SETS)) is None
    assert alike.find(b"") is None


def test_keeps_no_more_of_one_length_than_there_is_room_for() -> None:
    alike = Alike()
    bodies = [changed(BODY, at) for at in range(WAYS + 1)]
    for body in bodies:
        alike.keep(body, [NO_EXTENSION, 39, 40], body)
    assert [alike.find(body) is not None for body in bodies] == [False] + [True] * WAYS


def test_keeps_a_hello_at_the_limit_and_none_beyond() -> None:
    alike = Alike()
    for size in (MAX_BYTES, MAX_BYTES + 1):
        alike.keep(bytes(size), [], "long")
    assert alike.find(bytes(MAX_BYTES)) is not None
    assert alike.find(bytes(MAX_BYTES + 1)) is None


def told(hello: ClientHello | ServerHello) -> dict[str, object]:
    """All that a hello says."""
    names = [name for name in dir(hello) if not name.startswith("_")]
    return {name: getattr(hello, name) for name in names if not callable(getattr(hello, name))}


NUMBERS = itertools.count(0x4000)


def crowd_out(read: Callable[[bytes], object], make: Callable[[int], bytes]) -> None:
    """Fills the models of a length with hellos that never came before, so that the next one fits none."""
    for number in itertools.islice(NUMBERS, WAYS):
        read(make(number))


def a_client_hello(cipher: int) -> bytes:
    identity = block16(b"resumption") + bytes((1, 2, 3, 4))
    offered = (
        server_name(b"a.example"),
        extension(35, b"ticket"),
        supported_versions(0x0304),
        key_shares(29, 23),
        alpn(b"h2"),
        extension(41, block16(identity) + block16(block8(bytes(32)))),
    )
    return client_hello((cipher, cipher), offered, session_id=bytes(32))


def a_server_hello(cipher: int) -> bytes:
    share = extension(51, words(29) + block16(bytes(32)))
    return server_hello((extension(43, words(0x0304)), share), cipher=cipher, session_id=bytes(32))


KINDS = [(read_client_hello, a_client_hello), (read_server_hello, a_server_hello)]


@pytest.mark.parametrize(("read", "make"), KINDS)
@given(data=st.data())
def test_a_hello_that_differs_in_a_byte_says_what_it_says_without_a_model(
    read: Callable[[bytes], ClientHello | ServerHello], make: Callable[[int], bytes], data: st.DataObject
) -> None:
    model = make(0x1301)
    at = data.draw(st.integers(0, len(model) - 1))
    body = changed(model, at, data.draw(st.integers(1, 255)))
    read(model)
    like = told(read(body))
    crowd_out(read, make)
    assert told(read(body)) == like


@pytest.mark.parametrize(("read", "make"), KINDS)
def test_random_and_session_id_are_the_hello_s_own(
    read: Callable[[bytes], ClientHello | ServerHello], make: Callable[[int], bytes]
) -> None:
    first = read(make(0x1301))
    second = read(changed(changed(make(0x1301), 2), 35))
    assert second.profile is first.profile
    assert second.random[0] == first.random[0] ^ 0xFF and second.session_id[0] == 0xFF
    assert first.session_id == bytes(32)


def test_a_retry_is_told_from_a_hello_by_its_random() -> None:
    hello = a_server_hello(0x1301)
    assert not read_server_hello(hello).hello_retry
    random = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")
    assert read_server_hello(hello[:2] + random + hello[34:]).hello_retry
