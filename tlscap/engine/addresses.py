"""Addresses as bytes, each made once as long as it keeps being asked for: few hosts take part in many connections."""

from __future__ import annotations

from array import array

from tlscap import octets

REMEMBERED = 1024
"""Addresses that are kept, each in the place that its bits tell; another one for that place drives it out."""

_MASK = REMEMBERED - 1


class Addresses:
    """The addresses that were asked for lately."""

    __slots__ = ("_high", "_kept", "_low", "_sizes")

    def __init__(self) -> None:
        self._high = array("Q", bytes(8 * REMEMBERED))
        self._low = array("Q", bytes(8 * REMEMBERED))
        self._sizes = array("q", bytes(8 * REMEMBERED))  # 0 where there is none yet
        self._kept: list[bytes] = [b""] * REMEMBERED

    def get(self, high: int, low: int, size: int) -> bytes:
        """The last `size` (4 or 16) of the 16 bytes of two 64-bit numbers."""
        at = (low ^ (low >> 10) ^ (low >> 20) ^ (low >> 40) ^ high ^ (high >> 17)) & _MASK
        if self._sizes[at] == size and self._low[at] == low and self._high[at] == high:
            return self._kept[at]
        address = octets.address(high, low, size)
        self._sizes[at] = size
        self._low[at] = low
        self._high[at] = high
        self._kept[at] = address
        return address
