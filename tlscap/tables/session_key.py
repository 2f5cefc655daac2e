"""The numbers by which sessions are joined: of session ids, and of the engine's digests of tickets."""

from __future__ import annotations

_OFFSET = 0xCBF29CE484222325
_PRIME = 0x100000001B3
_MASK = 0xFFFFFFFFFFFFFFFF
_POSITIVE = 0x7FFFFFFFFFFFFFFF


def session_key(identifier: bytes) -> int:
    """63 bits of the FNV-1a hash of a session id or digest, 0 for an empty one.

    Servers make them at random, so no better hash is needed; who wants two sessions to have one key
    can just as well give two sessions one id.
    """
    if len(identifier) == 0:
        return 0
    number = _OFFSET
    for byte in identifier:
        number = ((number ^ byte) * _PRIME) & _MASK
    return (number & _POSITIVE) or 1
