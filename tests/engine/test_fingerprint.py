"""JA4's rules for what is rare, as its definition states them."""

from __future__ import annotations

import pytest

from tlscap.engine.fingerprint import ja3_string, ja4_and_raw, md5_hex


def ja4(
    version: int = 0x0304,
    ciphers: tuple[int, ...] = (0x1301,),
    extensions: tuple[int, ...] = (0x002B,),
    schemes: tuple[int, ...] = (),
    first_alpn: bytes = b"",
) -> str:
    return ja4_and_raw("t", version, ciphers, extensions, schemes, first_alpn)[0]


@pytest.mark.parametrize(
    ("first_alpn", "ends"),
    [
        (b"h2", "h2"),
        (b"http/1.1", "h1"),
        (b"x", "xx"),
        (b"", "00"),
        (b"\xab", "ab"),
        (b"\xab\xcd", "ad"),
        (b"\x30\xab", "3b"),
        (b"\x30\x31\xab\xcd", "3d"),
        (b"\x30\xab\xcd\x31", "01"),
    ],
)
def test_the_ends_of_the_first_protocol_name(first_alpn: bytes, ends: str) -> None:
    assert ja4(first_alpn=first_alpn)[8:10] == ends


@pytest.mark.parametrize(
    ("version", "letters"),
    [(0x0304, "13"), (0x0301, "10"), (0x0300, "s3"), (0x0002, "s2"), (0xFEFD, "d2"), (0x7F1C, "00"), (0xFB1A, "00")],
)
def test_the_version(version: int, letters: str) -> None:
    assert ja4(version=version)[1:3] == letters


def test_empty_lists_are_twelve_zeros() -> None:
    assert ja4(ciphers=(), extensions=()) == "t13i000000_000000000000_000000000000"
    assert ja4(ciphers=(0x0A0A,), extensions=(0x0000, 0x0010, 0x1A1A)) == "t13d000200_000000000000_000000000000"


def test_counts_stop_at_99() -> None:
    assert ja4(ciphers=tuple(range(200)), extensions=tuple(range(0x1000, 0x1064)))[4:8] == "9999"


def test_signalling_suites_count_and_grease_does_not() -> None:
    assert ja4(ciphers=(0x0A0A, 0x1301, 0x00FF, 0x5600), extensions=(0x0A0A, 0x002B))[4:8] == "0301"


def test_the_order_of_extensions_does_not_matter_that_of_signature_algorithms_does() -> None:
    assert ja4(extensions=(0x2B, 0x0A)) == ja4(extensions=(0x0A, 0x2B))
    assert ja4(schemes=(0x0403, 0x0804)) != ja4(schemes=(0x0804, 0x0403))


def test_without_signature_algorithms_there_is_no_underscore() -> None:
    _, raw = ja4_and_raw("t", 0x0304, (0x1301,), (0x2B, 0x0A), (), b"")
    assert raw == "t13i010200_1301_000a,002b"


def test_ja3_keeps_empty_lists_empty() -> None:
    assert ja3_string(769, (4, 5, 0x2A2A), (), (), ()) == "769,4-5,,,"


def test_ja3_is_that_of_the_example_of_its_authors() -> None:
    ciphers = (47, 53, 5, 10, 49161, 49162, 49171, 49172, 50, 56, 19, 4)
    text = ja3_string(769, ciphers, (0, 10, 11), (23, 24, 25), (0,))
    assert text == "769,47-53-5-10-49161-49162-49171-49172-50-56-19-4,0-10-11,23-24-25,0"
    assert md5_hex(text) == "ada70206e40642a3e4461f35503241d5"
