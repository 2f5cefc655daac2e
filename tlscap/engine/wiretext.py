"""Names from the wire as text: ASCII, one line, and reversible, whatever bytes a peer has sent."""

from __future__ import annotations

_BACKSLASH = 0x5C


def wire_text(raw: bytes) -> str:
    """`raw` as printable ASCII; every other byte, and the backslash, as `\\xNN`."""
    if raw.isascii() and _BACKSLASH not in raw:
        text = raw.decode("ascii")
        if text.isprintable():
            return text
    return "".join(chr(byte) if 0x20 <= byte < 0x7F and byte != _BACKSLASH else f"\\x{byte:02x}" for byte in raw)
