"""Names from the wire become one line of ASCII that can be turned back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tlscap.engine.wiretext import wire_text


def test_leaves_names_as_they_are() -> None:
    assert wire_text(b"www.example.org") == "www.example.org"
    assert wire_text(b"") == ""


@given(st.binary(max_size=40))
def test_is_printable_and_says_exactly_which_bytes_there_were(raw: bytes) -> None:
    text = wire_text(raw)
    assert text.isascii() and text.isprintable()
    assert text.encode("ascii").decode("unicode_escape").encode("latin-1") == raw
