"""The one exception that reading captures raises for what its caller asked."""

from __future__ import annotations


class CaptureError(Exception):
    """A capture that cannot be read, or a filter that cannot be compiled.

    The message is one line for the user: what is wrong with what, and what to do about it.
    Damage inside a capture is no error: see `CaptureFile.damage`.
    """


class NothingCaptured(CaptureError):
    """A file that has no bytes yet, or not even a whole file header."""


def printable(path: str) -> str:
    """`path` as it can stand in a line of text: names are bytes, and may hold anything but NUL and a slash."""
    if path == "-":
        return "standard input"
    text = path.encode("utf-8", "backslashreplace").decode("utf-8")
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)
