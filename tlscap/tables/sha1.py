"""SHA-1 of many short messages at once (RFC 3174), one step of it for all of them at a time.

A library's SHA-1 takes a microsecond a message, nearly all of it to begin and to end; a million connections
have a million community ids.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

MAX_MESSAGE = 55
"""Bytes that fit into one block of 64 beside a bit that ends the message and 8 bytes of its length."""

_AT_ONCE = 16384  # more take more memory, of fewer each step costs more to begin than to take
_START = (0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0)
_CONSTANTS = (0x5A827999, 0x6ED9EBA1, 0x8F1BBCDC, 0xCA62C1D6)

Words = NDArray[np.uint32]


def sha1_of_each(messages: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The digests of the rows of `messages`, 20 bytes each; all are equally long, at most MAX_MESSAGE bytes."""
    count, length = messages.shape
    if length > MAX_MESSAGE:
        raise ValueError(f"{length} bytes do not fit into one block")
    digests = np.empty((count, 5), ">u4")
    for start in range(0, count, _AT_ONCE):
        some = messages[start : start + _AT_ONCE]
        block = np.zeros((len(some), 64), np.uint8)
        block[:, :length] = some
        block[:, length] = 0x80
        block[:, 62:] = divmod(8 * length, 256)
        digests[start : start + _AT_ONCE] = _digest(_words(block)).T
    return digests.view(np.uint8)


def _words(block: NDArray[np.uint8]) -> Words:
    """The 80 words of each block, every one with its round's constant added."""
    words = np.empty((80, len(block)), np.uint32)
    words[:16] = block.view(">u4").T
    for t in range(16, 80, 3):  # a word hangs on none later than the third before it
        new = words[t : t + 3]
        n = len(new)
        np.bitwise_xor(words[t - 3 : t - 3 + n], words[t - 8 : t - 8 + n], out=new)
        new ^= words[t - 14 : t - 14 + n]
        new ^= words[t - 16 : t - 16 + n]
        carried = new >> np.uint32(31)
        new <<= np.uint32(1)
        new |= carried
    for quarter, constant in enumerate(_CONSTANTS):
        words[20 * quarter : 20 * quarter + 20] += np.uint32(constant)
    return words


def _digest(words: Words) -> Words:
    """The five words of the digests; RFC 3174 §6.1, method 1, in place: new arrays would take as long as the sums."""
    a, b, c, d, e = (np.full_like(words[0], number) for number in _START)
    mixed, spare = np.empty_like(a), np.empty_like(a)
    for t, word in enumerate(words):
        _choose(t // 20, b, c, d, mixed, spare)
        mixed += e
        mixed += word
        mixed += np.left_shift(a, np.uint32(5), out=spare)
        mixed += np.right_shift(a, np.uint32(27), out=spare)
        np.left_shift(b, np.uint32(30), out=spare)
        b >>= np.uint32(2)
        b |= spare
        a, b, c, d, e, mixed = mixed, a, b, c, d, e
    return np.stack([a, b, c, d, e]) + np.array(_START, np.uint32)[:, None]


def _choose(quarter: int, b: Words, c: Words, d: Words, into: Words, spare: Words) -> None:
    if quarter == 0:  # d ^ (b & (c ^ d))
        np.bitwise_xor(c, d, out=into)
        into &= b
        into ^= d
        return
    np.bitwise_xor(b, c, out=into)
    if quarter == 2:  # (b & c) | (d & (b ^ c))
        into &= d
        np.bitwise_and(b, c, out=spare)
        into |= spare
    else:
        into ^= d
