"""Columns that are complete, and can go from process to process."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Packed:
    """What a column of cells of `kind` has taken in; it is taken as cells are."""

    kind: type
    data: bytearray
    names: tuple[Hashable, ...] = ()

    def take(self) -> bytearray:
        return self.data

    def keys(self) -> list[Hashable]:
        return list(self.names)
