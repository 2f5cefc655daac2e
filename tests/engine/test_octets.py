"""The plain twin of `octets.pxd`; what is built into the compiled modules is tested with them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tlscap.engine import octets

DATA = b"0123456789"


@pytest.mark.parametrize(
    "outside",
    [
        lambda: octets.copied(memoryview(DATA), -1, 2),
        lambda: octets.copied(memoryview(DATA), 0, 11),
        lambda: octets.part(DATA, -1, 2),
        lambda: octets.blank(-1),
        lambda: octets.head(bytearray(2), 3),
        lambda: octets.put(bytearray(4), 3, DATA, 0, 2),
        lambda: octets.put(bytearray(4), 0, DATA, 9, 2),
        lambda: octets.address(0, 0, 17),
    ],
)
def test_refuses_offsets_outside_of_what_it_is_given(outside: Callable[[], object]) -> None:
    with pytest.raises(IndexError):
        outside()


def test_a_part_ends_where_the_bytes_end_and_an_empty_range_is_empty() -> None:
    assert octets.part(DATA, 8, 40) == b"89"
    assert octets.part(DATA, 5, 5) == octets.copied(memoryview(DATA), 7, 4) == b""


def test_puts_bytes_where_they_belong_and_nothing_else() -> None:
    cells = octets.blank(6)
    octets.put(cells, 2, DATA, 4, 3)
    octets.put(cells, 0, DATA, 4, 0)
    assert octets.head(cells, 6) == b"\0\0" + b"456" + b"\0"


def test_an_address_is_the_end_of_two_words() -> None:
    assert octets.address(0, 0x0A000001, 4) == bytes((10, 0, 0, 1))
    assert octets.address(0x20010DB8 << 32, 1, 16) == bytes.fromhex("20010db8" + "00" * 11 + "01")
