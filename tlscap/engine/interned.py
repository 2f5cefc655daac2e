"""Remembers what was worked out for recent keys, so that what repeats is worked out once.

Two generations: when the young one is full it becomes the old one, and the old one is forgotten. A
key that is still asked for moves back into the young one. Every step costs the same, and a peer that
makes up new keys without end costs work, not memory.
"""

from __future__ import annotations

from typing import Any


class Interned:
    """A mapping from bytes to values that holds at most about `limit` entries."""

    __slots__ = ("_half", "_old", "_young")

    def __init__(self, limit: int) -> None:
        self._half = limit // 2
        self._young: dict[bytes, Any] = {}
        self._old: dict[bytes, Any] = {}

    def get(self, key: bytes) -> Any:
        """The value last put under `key`, or None if there is none any more."""
        value = self._young.get(key)
        if value is None:
            value = self._old.get(key)
            if value is not None:
                self.put(key, value)
        return value

    def put(self, key: bytes, value: Any) -> None:
        if len(self._young) >= self._half:
            self._old = self._young
            self._young = {}
        self._young[key] = value

    def __len__(self) -> int:
        return len(self._young) + len(self._old)
