"""The flow table: which connection a packet belongs to.

An open-addressing table of 32-bit indices with linear probing. Its hash is seeded with random bits
at the start of the process, so that whoever chooses addresses and ports cannot aim at one bucket.
Removal shifts later entries back, so that a long-running process leaves no tombstones.
"""

from __future__ import annotations

import os
from array import array
from typing import Any

from tlscap.engine.connection import Connection

FIRST_SIZE = 1024

_WORD = 0xFFFFFFFFFFFFFFFF
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
        self._size = FIRST_SIZE
        self._slots = array("q", bytes(8 * FIRST_SIZE))  # index into _held; 0 is empty, as is _held[0]
        self._held: list[Any] = [None]  # Connection, or None where there is room
        self._free: list[int] = []

    def find(self, key_hash: int, a_hi: int, a_lo: int, b_hi: int, b_lo: int, ports: int) -> Connection | None:
        """The connection with this key, or None."""
        mask = self._size - 1
        at = key_hash & mask
        while self._slots[at] != 0:
            held: Connection = self._held[self._slots[at]]
            if (
                held.key_hash == key_hash
                and held.a_lo == a_lo
                and held.b_lo == b_lo
                and held.ports == ports
                and held.a_hi == a_hi
                and held.b_hi == b_hi
            ):
                return held
            at = (at + 1) & mask
        return None

    def add(self, connection: Connection) -> None:
        """Holds a connection whose key attributes are set and are not in the table."""
        if 4 * (self.count + 1) > 3 * self._size:
            self._grow()
        if len(self._free) > 0:
            index = self._free.pop()
            self._held[index] = connection
        else:
            index = len(self._held)
            self._held.append(connection)
        connection.slot = index
        self._place(connection.key_hash, index)
        self.count += 1

    def remove(self, connection: Connection) -> None:
        """Lets go of a connection that is in the table."""
        mask = self._size - 1
        at = connection.key_hash & mask
        while self._slots[at] != connection.slot:
            at = (at + 1) & mask
        self._held[connection.slot] = None
        self._free.append(connection.slot)
        connection.slot = -1
        self.count -= 1
        self._close_hole(at)

    def connections(self) -> list[Connection]:
        """All that are held, in the order of their slots."""
        return [held for held in self._held if held is not None]

    def _place(self, key_hash: int, index: int) -> None:
        mask = self._size - 1
        at = key_hash & mask
        while self._slots[at] != 0:
            at = (at + 1) & mask
        self._slots[at] = index

    def _close_hole(self, hole: int) -> None:
        """Moves back the entries behind `hole` that would not be found across it."""
        mask = self._size - 1
        at = (hole + 1) & mask
        while self._slots[at] != 0:
            held: Connection = self._held[self._slots[at]]
            home = held.key_hash & mask
            if ((at - home) & mask) >= ((at - hole) & mask):
                self._slots[hole] = self._slots[at]
                hole = at
            at = (at + 1) & mask
        self._slots[hole] = 0

    def _grow(self) -> None:
        self._size *= 2
        self._slots = array("q", bytes(8 * self._size))
        for held in self.connections():
            self._place(held.key_hash, held.slot)
