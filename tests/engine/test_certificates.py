"""Certificate messages are taken apart whatever their lengths say."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tlscap.engine.certificates import MAX_CHAIN, Chain, chain_digests, parse_certificate, split_chain

LEAF, CA = b"\x30\x82leaf" * 50, b"\x30\x82ca" * 70
KEY = bytes.fromhex("302a300506032b6570032100") + bytes(32)


def listed(*certificates: bytes) -> bytes:
    """A Certificate message of TLS up to 1.2."""
    content = b"".join(len(certificate).to_bytes(3) + certificate for certificate in certificates)
    return len(content).to_bytes(3) + content


def listed13(*certificates: bytes, context: bytes = b"", extensions: bytes = b"") -> bytes:
    """A Certificate message of TLS 1.3, each certificate with the same extensions."""
    behind = len(extensions).to_bytes(2) + extensions
    content = b"".join(len(certificate).to_bytes(3) + certificate + behind for certificate in certificates)
    return bytes((len(context),)) + context + len(content).to_bytes(3) + content


def test_takes_a_chain_apart_leaf_first() -> None:
    assert parse_certificate(listed(LEAF, CA)) == Chain((LEAF, CA))
    assert chain_digests(memoryview(listed(LEAF, CA)), False) == (sha256(LEAF).digest(), sha256(CA).digest())
    assert [bytes(view) for view in split_chain(listed(LEAF, CA), False)] == [LEAF, CA]


def test_takes_a_chain_of_tls_1_3_apart() -> None:
    assert parse_certificate(listed13(LEAF, CA), True) == Chain((LEAF, CA))
    assert parse_certificate(listed13(LEAF, context=b"ctx", extensions=b"\0\5\0\1\0"), True) == Chain((LEAF,))


def test_an_empty_list_is_no_trouble() -> None:
    assert parse_certificate(listed()) == Chain(())
    assert parse_certificate(listed13(), True) == Chain(())


def test_a_raw_public_key_stands_without_a_list() -> None:
    assert parse_certificate(len(KEY).to_bytes(3) + KEY) == Chain((KEY,))
    long = bytes.fromhex("30820122") + bytes(0x122)
    assert parse_certificate(len(long).to_bytes(3) + long) == Chain((long,))
    assert parse_certificate(listed13(KEY), True) == Chain((KEY,))


@pytest.mark.parametrize(("make", "tls13"), [(listed, False), (listed13, True)])
def test_every_truncation_gives_the_certificates_that_are_whole(make, tls13) -> None:  # type: ignore[no-untyped-def]
    body = make(LEAF, CA)
    for size in range(len(body)):
        chain = parse_certificate(body[:size], tls13)
        assert chain.malformed
        assert (LEAF, CA)[: len(chain.certificates)] == chain.certificates
    assert parse_certificate(make(LEAF, CA)[:-1], tls13).certificates == (LEAF,)


def test_bytes_behind_the_list_are_said() -> None:
    assert parse_certificate(listed(LEAF) + b"\0") == Chain(
        (LEAF,), "the length of the list is not what the message holds"
    )


def test_only_so_many_certificates_are_read() -> None:
    chain = parse_certificate(listed(*[b"x"] * (MAX_CHAIN + 1)))
    assert len(chain.certificates) == MAX_CHAIN
    assert chain.malformed == "the chain has more than 32 certificates"


@given(st.binary(max_size=100), st.booleans())
def test_no_bytes_raise(body: bytes, tls13: bool) -> None:
    chain = parse_certificate(body, tls13)
    assert sum(map(len, chain.certificates)) <= len(body)
