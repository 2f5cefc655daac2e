"""Reads fields of one handshake message; nothing is read from beyond the message.

Every function takes the message and offsets into it, and treats what the message does not hold as
zeros or as nothing: whether it should have been there is for the caller to say.
"""

from __future__ import annotations

from hashlib import blake2b

from tlscap.engine import octets

DIGEST_BYTES = 16
"""Of a ticket or PSK identity: enough that two different ones never meet."""


_BLANK = blake2b(digest_size=DIGEST_BYTES)  # to copy one costs half of what it costs to make one


def u16(body: bytes, at: int) -> int:
    """The 16-bit number at `at`, 0 where the message does not hold it."""
    if at + 2 > len(body):
        return 0
    return body[at] << 8 | body[at + 1]


def digest(body: bytes, start: int, stop: int) -> bytes:
    """What `body[start:stop]` is compared by once its bytes are gone."""
    hasher = _BLANK.copy()
    hasher.update(octets.part(body, start, stop))
    return hasher.digest()


def block_end(body: bytes, at: int) -> int:
    """Where the block ends whose 2-byte length is at `at`; -1 if the message ends before."""
    if at + 2 > len(body):
        return -1
    stop = at + 2 + u16(body, at)
    return stop if stop <= len(body) else -1


def renegotiated_connection_length(body: bytes, at: int, stop: int) -> int:
    """The length in a renegotiation_info extension (RFC 5746 §3.2), as far as it is inside of it."""
    return min(body[at], stop - at - 1) if at < stop else 0
