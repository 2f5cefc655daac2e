"""The flow table: which connection a packet belongs to.

An open-addressing table with linear probing; an entry is half of a hash and a 32-bit index, so that a
connection is touched only when it is the one that is looked for. The hash is seeded with random bits
at the start of the process: whoever chooses addresses and ports cannot aim at one bucket.
Removal shifts later entries back, so that a long-running process leaves no tombstones.
"""

from __future__ import annotations

import os
from array import array
from typing import Any

from tlscap.engine.connection import Connection

FIRST_SIZE = 1024

_WORD = 0xFFFFFFFFFFFFFFFF
_INDEX = 0xFFFFFFFF  # of an entry: an index into the connections held, 0 for none
_TAG = 32  # above it the upper half of the hash, whose lowest bits are the place that the entry should have
_MIX_1 = 0xFF51AFD7ED558CCD  # the multipliers of MurmurHash3's finaliser
_MIX_2 = 0xC4CEB9FE1A85EC53
_SEED_1 = int.from_bytes(os.urandom(8), "little")
_SEED_2 = int.from_bytes(os.urandom(8), "little") | 1


def mix(word: int) -> int:
    """Spreads the bits of a 64-bit word."""
    word = ((word ^ (word >> 33)) * _MIX_1) & _WORD
    word = ((word ^ (word >> 33)) * _MIX_2) & _WORD
    return word ^ (word >> 33)


def hash_key(a_hi: int, a_lo: int, b_hi: int, b_lo: int, ports: int) -> int:
    """The hash of a flow's two addresses (high and low 64 bits each) and its ports."""
    word = mix(((a_lo ^ _SEED_1) + b_lo * _SEED_2) & _WORD)
    if a_hi != 0 or b_hi != 0:
        word = mix(word ^ (((a_hi ^ _SEED_2) + b_hi * _SEED_2) & _WORD))
    return mix(word ^ ports ^ _SEED_1)


class FlowTable:
    """Connections by their two endpoints."""

    def __init__(self) -> None:
        self.count = 0
        self._mask = FIRST_SIZE - 1
        self._entries = array("Q", bytes(8 * FIRST_SIZE))
        self._held: list[Any] = [None]  # Connection, or None where there is room
        self._free: list[int] = []

    def find(self, key_hash: int, a_hi: int, a_lo: int, b_hi: int, b_lo: int, ports: int) -> Connection | None:
        """The connection with this key, or None."""
        at = (key_hash >> _TAG) & self._mask
        while True:
            entry = self._entries[at]
            if entry == 0:
                return None
            if (entry ^ key_hash) >> _TAG == 0:
                held: Connection = self._held[entry & _INDEX]
                if (
                    held.a_lo == a_lo
                    and held.b_lo == b_lo
                    and held.ports == ports
                    and held.a_hi == a_hi
                    and held.b_hi == b_hi
                ):
                    return held
            at = (at + 1) & self._mask

    def add(self, connection: Connection) -> None:
        """Holds a connection whose key attributes are set and are not in the table."""
        if 2 * self.count > self._mask:
            self._grow()
        if len(self._free) > 0:
            index = self._free.pop()
            self._held[index] = connection
        else:
            index = len(self._held)
            self._held.append(connection)
        connection.slot = index
        self._place(connection)
        self.count += 1

    def remove(self, connection: Connection) -> None:
        """Lets go of a connection that is in the table."""
        at = (connection.key_hash >> _TAG) & self._mask
        while self._entries[at] & _INDEX != connection.slot:
            at = (at + 1) & self._mask
        self._held[connection.slot] = None
        self._free.append(connection.slot)
        connection.slot = -1
        self.count -= 1
        self._close_hole(at)

    def connections(self) -> list[Connection]:
        """All that are held, in the order of their slots."""
        return [held for held in self._held if held is not None]

    def _place(self, connection: Connection) -> None:
        at = (connection.key_hash >> _TAG) & self._mask
        while self._entries[at] != 0:
            at = (at + 1) & self._mask
        self._entries[at] = ((connection.key_hash >> _TAG) << _TAG) | connection.slot

    def _close_hole(self, hole: int) -> None:
        """Moves back the entries behind `hole` that would not be found across it."""
        mask = self._mask
        at = (hole + 1) & mask
        entry = self._entries[at]
        while entry != 0:
            home = (entry >> _TAG) & mask
            if ((at - home) & mask) >= ((at - hole) & mask):
                self._entries[hole] = entry
                hole = at
            at = (at + 1) & mask
            entry = self._entries[at]
        self._entries[hole] = 0

    def _grow(self) -> None:
        size = 2 * (self._mask + 1)
        self._mask = size - 1
        self._entries = array("Q", bytes(8 * size))
        for held in self.connections():
            self._place(held)
