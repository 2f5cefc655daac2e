"""The name of a connection: the same for the same packets, whatever else was captured.

It is made of what the first packet tells: the flow (by the digest of its community id), the time and the
frame number, mixed to 64 bits and written as `C` and 11 digits of base 62. Two of a million
connections share a uid with a probability of 3 in 100 million.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
DIGIT_COUNT = 11  # 62 ** 11 > 2 ** 64
TEXT_CHARACTERS = 1 + DIGIT_COUNT

_MULTIPLIERS = (0xBF58476D1CE4E5B9, 0x94D049BB133111EB)
_MASK = (1 << 64) - 1


def uid(digest: bytes, start_ns: int, frame: int) -> str:
    """The uid of one connection; `frame` is the number in its file, not the frame id."""
    number = _mix((_mix((int.from_bytes(digest[:8], "big") + start_ns) & _MASK) + frame) & _MASK)
    digits = []
    for _ in range(DIGIT_COUNT):
        number, digit = divmod(number, 62)
        digits.append(DIGITS[digit])
    return "C" + "".join(reversed(digits))


def uids(digests: NDArray[np.uint8], start_ns: NDArray[np.int64], frame: NDArray[np.int64]) -> bytes:
    """The uids of many connections, one after the other; `digests` is a matrix, one digest a row."""
    import numpy as np

    count = len(start_ns)
    number = np.ascontiguousarray(digests[:, :8]).view(">u8").reshape(count).astype(np.uint64)
    number = _mixed(_mixed(number + start_ns.astype(np.uint64)) + frame.astype(np.uint64))
    alphabet = np.frombuffer(DIGITS.encode(), np.uint8)
    text = np.full((count, TEXT_CHARACTERS), ord("C"), np.uint8)
    for place in range(DIGIT_COUNT, 0, -1):
        number, digit = np.divmod(number, np.uint64(62))
        text[:, place] = alphabet[digit.astype(np.intp)]
    return text.tobytes()


def _mix(number: int) -> int:
    """The finaliser of splitmix64: every bit of the result hangs on every bit of `number`."""
    number = ((number ^ (number >> 30)) * _MULTIPLIERS[0]) & _MASK
    number = ((number ^ (number >> 27)) * _MULTIPLIERS[1]) & _MASK
    return number ^ (number >> 31)


def _mixed(number: NDArray[np.uint64]) -> NDArray[np.uint64]:
    import numpy as np

    number = (number ^ (number >> np.uint64(30))) * np.uint64(_MULTIPLIERS[0])
    number = (number ^ (number >> np.uint64(27))) * np.uint64(_MULTIPLIERS[1])
    return number ^ (number >> np.uint64(31))
