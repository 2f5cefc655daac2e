"""Compressed certificates are unpacked, and bombs are not."""

from __future__ import annotations

import sys
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tlscap.engine.certificate_compression import MAX_UNPACKED, parse_compressed_certificate
from tlscap.engine.certificates import Chain

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

LEAF = b"\x30\x82leaf" * 50
MESSAGE = b"\0" + (len(LEAF) + 5).to_bytes(3) + len(LEAF).to_bytes(3) + LEAF + b"\0\0"


def compressed(algorithm: int, packed: bytes, announced: int = len(MESSAGE)) -> bytes:
    return algorithm.to_bytes(2) + announced.to_bytes(3) + len(packed).to_bytes(3) + packed


def test_unpacks_zlib() -> None:
    assert parse_compressed_certificate(compressed(1, zlib.compress(MESSAGE))) == Chain((LEAF,))


def test_unpacks_zstandard_with_and_without_its_size_in_the_frame() -> None:
    for content_size in (True, False):
        options = {zstd.CompressionParameter.content_size_flag: content_size}
        packed = zstd.compress(MESSAGE, options=options)
        assert parse_compressed_certificate(compressed(3, packed)) == Chain((LEAF,))


def test_unpacks_brotli_where_the_library_is_there() -> None:
    brotli = pytest.importorskip("brotli")
    assert parse_compressed_certificate(compressed(2, brotli.compress(MESSAGE))) == Chain((LEAF,))


def test_an_algorithm_that_is_not_known_is_said() -> None:
    chain = parse_compressed_certificate(compressed(7, b""))
    assert chain == Chain((), "the certificate is compressed with algorithm 7, which is not known")


def test_what_announces_more_than_a_chain_needs_is_not_unpacked() -> None:
    chain = parse_compressed_certificate(compressed(1, zlib.compress(bytes(1 << 20)), MAX_UNPACKED + 1))
    assert chain == Chain((), f"the compressed certificate would unpack to {MAX_UNPACKED + 1} bytes and was not read")


@pytest.mark.parametrize(
    ("algorithm", "packed"),
    [(1, zlib.compress(bytes(1 << 22))), (3, zstd.compress(bytes(1 << 22)))],
)
def test_what_unpacks_to_more_than_it_announces_is_refused(algorithm: int, packed: bytes) -> None:
    chain = parse_compressed_certificate(compressed(algorithm, packed))
    assert chain == Chain((), "the compressed certificate does not unpack to the length that it says")


def test_what_is_not_compressed_at_all_is_said() -> None:
    assert parse_compressed_certificate(compressed(1, b"\xff" * 20)).malformed == (
        "the compressed certificate cannot be unpacked"
    )


def test_every_truncation_is_malformed() -> None:
    body = compressed(1, zlib.compress(MESSAGE))
    assert all(parse_compressed_certificate(body[:size]).malformed for size in range(len(body)))


@given(st.integers(0, 4), st.binary(max_size=60), st.integers(0, 100))
def test_no_bytes_raise(algorithm: int, packed: bytes, announced: int) -> None:
    assert isinstance(parse_compressed_certificate(compressed(algorithm, packed, announced)), Chain)
