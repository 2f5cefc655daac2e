"""DER elements are read as far as their bytes go."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tables.ders import tlv
from tlscap.tables.der import Element, dotted, elements


def test_reads_elements_one_after_the_other() -> None:
    data = tlv(0x02, b"\1") + tlv(0x04, bytes(300))
    assert [(one.tag, len(one.content)) for one in elements(data)] == [(2, 1), (4, 300)]
    assert b"".join(one.encoded for one in elements(data)) == data


def test_the_last_element_is_cut_where_the_bytes_end() -> None:
    assert list(elements(b"\x04\x05abc")) == [Element(4, b"abc", b"\x04\x05abc")]


@pytest.mark.parametrize("data", [b"", b"\x30", b"\x30\x80\0\0", b"\x30\x85\0\0\0\0\1x"])
def test_a_length_that_cannot_be_believed_ends_the_reading(data: bytes) -> None:
    assert list(elements(data)) == []


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("550403", "2.5.4.3"),
        ("2a864886f70d010101", "1.2.840.113549.1.1.1"),
        ("883703", "2.999.3"),
        ("", ""),
        ("80", ""),
    ],
)
def test_writes_object_identifiers_with_dots(content: str, text: str) -> None:
    assert dotted(bytes.fromhex(content)) == text


@given(st.binary(max_size=60))
def test_elements_never_overlap_nor_raise(data: bytes) -> None:
    assert b"".join(one.encoded for one in elements(data)) == data[: sum(len(one.encoded) for one in elements(data))]
