"""Nothing from the wire may move the cursor."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from tlscap.report.printable import printable


def test_leaves_names_as_they_are() -> None:
    assert printable("www.example.org") == "www.example.org"
    assert printable("CN=Münster, O=日本") == "CN=Münster, O=日本"


def test_writes_escape_sequences_as_escapes() -> None:
    assert printable("a\x1b[2Jb\r\n") == r"a\x1b[2Jb\r\n"


def test_writes_what_turns_text_around_as_escapes() -> None:
    assert printable("abc\u202edef\u2028") == r"abc\u202edef\u2028"


@given(st.text(st.characters(codec=None)))
def test_gives_no_control_character_whatever_comes(text: str) -> None:
    assert not any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") for c in printable(text))
