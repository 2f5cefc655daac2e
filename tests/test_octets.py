"""The plain twin of `octets.pxd`; what is built into the compiled modules is tested with them."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from typing import Literal

import pytest

from tlscap import octets

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
        lambda: octets.copy_words(array("q", [1, 2]), 1, array("q", [3, 4]), 2),
        lambda: octets.copy_words(array("q", [1, 2]), 0, array("q", [3]), 2),
        lambda: octets.copy_words(array("q", [1, 2]), -1, array("q", [3]), 1),
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


@pytest.mark.parametrize(
    ("read", "size"), [(octets.u16, 2), (octets.u32, 4), (octets.u64, 8), (octets.u16_in, 2), (octets.u64_in, 8)]
)
def test_a_number_of_which_a_byte_is_missing_is_zero(read: Callable[[bytes, int], int], size: int) -> None:
    last = len(DATA) - size
    assert read(DATA, last) == int.from_bytes(DATA[last:])
    assert read(DATA, 0) == int.from_bytes(DATA[:size])
    assert read(DATA, last + 1) == read(DATA, -1) == read(b"", 0) == 0


def test_bytes_are_the_same_only_where_both_have_them() -> None:
    assert octets.same(DATA, b"x12345", 1, 6)
    assert not octets.same(DATA, b"x12345", 0, 6)
    assert not octets.same(DATA, DATA[:6], 1, 7)
    assert not octets.same(DATA, DATA, -1, 2)
    assert octets.same(DATA, b"", 0, 0)


def test_a_word_is_found_where_it_stands_first_and_inside_of_the_range() -> None:
    words = array("q", [5, 6, 7, 6, 8])
    assert octets.place_of(words, 0, 5, 6) == 1
    assert octets.place_of(words, 2, 5, 6) == 3
    assert octets.place_of(words, 0, 4, 8) == -1
    assert octets.place_of(words, 0, 6, 8) == octets.place_of(words, -1, 5, 8) == -1


def test_pushes_the_last_of_four_words_out() -> None:
    words = array("q", [1, 2, 3, 4, 5, 6])
    assert octets.push_of_four(words, 1, 9)
    assert words.tolist() == [1, 9, 2, 3, 4, 6]
    assert octets.push_of_four(words, 2, 8)
    assert words.tolist() == [1, 9, 8, 2, 3, 4]
    assert not octets.push_of_four(words, 3, 7) and not octets.push_of_four(words, -1, 7)


def test_words_are_copied_between_buffers_of_words() -> None:
    words = octets.words(5)
    assert words.tolist() == [0] * 5
    octets.copy_words(words, 3, array("q", [7, 8, 0]), 2)
    assert words.tolist() == [0, 0, 0, 7, 8]


def test_cells_begin_with_as_many_bytes_as_are_asked_for_or_not() -> None:
    cells = bytearray(b"abcd")
    assert octets.begins_with(cells, b"abc", 3) and octets.begins_with(cells, b"abcd", 4)
    assert octets.begins_with(cells, b"", 0)
    for start, count in ((b"abd", 3), (b"abc", 4), (b"abcd", 3), (b"abcde", 5), (b"", -1)):
        assert not octets.begins_with(cells, start, count)


@pytest.mark.parametrize("big", [True, False])
def test_a_word_is_read_in_the_order_that_is_asked_for_and_nothing_outside_is_one(big: bool) -> None:
    order: Literal["big", "little"] = "big" if big else "little"
    assert octets.word16(memoryview(DATA), 3, big) == int.from_bytes(b"34", order)
    assert octets.word32(memoryview(DATA), 6, big) == int.from_bytes(b"6789", order)
    assert octets.word32(memoryview(DATA), 7, big) == octets.word16(memoryview(DATA), -1, big) == 0
