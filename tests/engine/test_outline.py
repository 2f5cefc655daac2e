"""An outline holds what repeats, and no more than its limit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tlscap.engine.outline import MAX_OUTLINE, Outline, is_grease


def test_exactly_sixteen_values_are_grease() -> None:
    grease = [value for value in range(0x10000) if is_grease(value)]
    assert grease == [n << 12 | 0x0A00 | n << 4 | 0x0A for n in range(16)]


def test_levels_grease_in_lists_of_words_only() -> None:
    body = bytes.fromhex("1a1a c02f 0a1a dada")
    outline = Outline(100)
    outline.put_words(body, 0, len(body))
    outline.put_extension(10, b"\x00\x04" + body[:4], 0, 6, 2)
    outline.put_extension(16, body, 0, 2, -1)
    outline.put_type(0)
    assert outline.key() == bytes.fromhex(
        "0008 0a0a c02f 0a1a 0a0a  000a 0006 0004 0a0a c02f  0010 0002 1a1a  0000 0000"
    )


def test_an_odd_byte_behind_a_list_of_words_is_left_out() -> None:
    outline = Outline(100)
    outline.put_words(b"\x13\x01\x13", 0, 3)
    assert outline.key() == b"\x00\x02\x13\x01"


@pytest.mark.parametrize("size", [10, 10 * MAX_OUTLINE])
def test_what_does_not_fit_is_left_out_and_said(size: int) -> None:
    outline = Outline(size)
    content = bytes(2 * MAX_OUTLINE)
    outline.put_words(content, 0, len(content))
    assert outline.full
    outline.put_extension(10, content, 0, len(content), -1)
    assert outline.key() == bytes.fromhex("0000 000a 0000")


@given(st.lists(st.binary(max_size=400), max_size=40))
def test_never_grows_beyond_its_limit(contents: list[bytes]) -> None:
    outline = Outline(1 << 20)
    for content in contents:
        outline.put_extension(len(content), content, 0, len(content), 0)
        outline.put_bytes(content, 0, len(content))
    assert len(outline.key()) <= MAX_OUTLINE
    assert outline.full == (
        sum(len(content) * (2 if len(content) < 256 else 1) + 5 for content in contents) > MAX_OUTLINE
    )
