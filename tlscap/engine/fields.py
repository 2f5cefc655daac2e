"""Reads fields of one handshake message; nothing is read from beyond the message.

Every function takes the message and offsets into it, and treats what the message does not hold as
zeros or as nothing: whether it should have been there is for the caller to say.
"""

from __future__ import annotations

from tlscap import octets

DIGEST_BYTES = 8
"""Of a ticket or PSK identity: enough that two different ones do not meet in a capture."""

_WORD = 0xFFFFFFFFFFFFFFFF
_SEED = 0x9E3779B97F4A7C15  # 2 ** 64 by the golden ratio
_MIX = 0xFF51AFD7ED558CCD  # a multiplier of MurmurHash3's finaliser
_DIGEST_BYTES = DIGEST_BYTES


def digest(body: bytes, start: int, stop: int) -> bytes:
    """What `body[start:stop]` is compared by once its bytes are gone.

    The same in every run, so that tables of several captures can be joined. Servers make tickets at random, so
    no better hash is needed: who wants two to have one digest can just as well present one ticket twice.
    """
    if stop > len(body):
        stop = len(body)
    number = _SEED
    number ^= stop - start
    at = start
    while at + 8 <= stop:
        number = ((number ^ octets.u64_in(body, at)) * _MIX) & _WORD
        number ^= number >> 29
        at += 8
    rest = 0
    while at < stop:
        rest = (rest << 8) | body[at]
        at += 1
    number = ((number ^ rest) * _MIX) & _WORD
    number ^= number >> 32
    number = (number * _MIX) & _WORD
    return octets.address(0, number ^ (number >> 29), _DIGEST_BYTES)


def block_end(body: bytes, at: int) -> int:
    """Where the block ends whose 2-byte length is at `at`; -1 if the message ends before."""
    if at + 2 > len(body):
        return -1
    stop = at + 2 + octets.u16_in(body, at)
    return stop if stop <= len(body) else -1


def renegotiated_connection_length(body: bytes, at: int, stop: int) -> int:
    """The length in a renegotiation_info extension (RFC 5746 §3.2), as far as it is inside of it."""
    return min(body[at], stop - at - 1) if at < stop else 0
