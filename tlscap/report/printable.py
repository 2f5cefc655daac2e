"""Text from the wire, made safe to show: an SNI may hold an escape sequence that rewrites the terminal."""

from __future__ import annotations

import unicodedata

_UNSAFE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
"""Controls, formats (they reorder text from right to left), surrogates, unassigned, line breaks."""


def printable(text: str) -> str:
    """`text` with every character that does not simply show itself written as its escape (`\\x1b`)."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escaped(c) if unicodedata.category(c) in _UNSAFE else c for c in text)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
