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
        digests[start : start + _AT_ONCE] = _digest(list(block.view(">u4").T.astype(np.uint32, order="C"))).T
    return digests.view(np.uint8)


def _digest(words: list[Words]) -> Words:
    """The five words of the digests of blocks, given as their 16 words; RFC 3174 §6.1, method 1."""
    for t in range(16, 80):
        words.append(_rotated(words[t - 3] ^ words[t - 8] ^ words[t - 14] ^ words[t - 16], 1))
    a, b, c, d, e = (np.full_like(words[0], number) for number in _START)
    for t, word in enumerate(words):
        mixed = _rotated(a, 5)
        mixed += _chosen(t // 20, b, c, d)
        mixed += e
        mixed += word
        mixed += np.uint32(_CONSTANTS[t // 20])
        a, b, c, d, e = mixed, a, _rotated(b, 30), c, d
    return np.stack([a, b, c, d, e]) + np.array(_START, np.uint32)[:, None]


def _chosen(quarter: int, b: Words, c: Words, d: Words) -> Words:
    if quarter == 0:
        return d ^ (b & (c ^ d))
    if quarter == 2:
        return (b & c) | (d & (b | c))
    return b ^ c ^ d


def _rotated(words: Words, bits: int) -> Words:
    rotated = words << np.uint32(bits)
    rotated |= words >> np.uint32(32 - bits)
    return rotated
