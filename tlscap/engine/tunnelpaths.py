"""The names of the tunnels that packets came through, each distinct path kept once.

A path is a tuple such as `("vlan:12", "vxlan:7")`, outermost first, and is handed around as its
index; index 0 is the empty path. Paths form a tree: `enter` gives the child of a path, found in a
hash table of numbers, so that a packet costs no Python object once its path has been seen.
"""

from __future__ import annotations

from array import array

VLAN, QINQ, MPLS, PPPOE, GRE, VXLAN, GENEVE, GTPU, ERSPAN = 0, 1, 2, 3, 4, 5, 6, 7, 8
IPIP, SIX_IN_FOUR, FOUR_IN_SIX, SIX_IN_SIX, TEREDO, CAPWAP, L2TP, PPTP = 9, 10, 11, 12, 13, 14, 15, 16
SGT, VNTAG, PBB = 17, 18, 19

_KINDS = (
    *("vlan", "qinq", "mpls", "pppoe", "gre", "vxlan", "geneve", "gtpu", "erspan"),
    *("ipip", "6in4", "4in6", "6in6", "teredo", "capwap", "l2tp", "pptp"),
    *("sgt", "vntag", "pbb"),
)

NO_ID = -1
"""The id of a tunnel that has none, or whose id is no longer told apart."""

MAX_PATHS_WITH_ID = 4096
"""Distinct paths before ids are left out of new ones. The sender chooses VNIs, TEIDs and keys; a
mobile core has a TEID per subscriber and direction."""

MAX_PATHS = 4608
"""Distinct paths in all; beyond it a packet keeps the path up to its last known tunnel."""

_SLOTS = 16384  # a power of two, over three times MAX_PATHS: probes stay short
_MASK = _SLOTS - 1
_NO_ID = NO_ID
_WITH_ID = MAX_PATHS_WITH_ID
_PATHS = MAX_PATHS
_ID_SPAN = 1 << 33  # ids are up to 32 bits, and NO_ID is stored as the value above them
_KIND_SPAN = 32
_SCATTER = 2654435761  # Knuth's multiplier: spreads consecutive ids over the table


class TunnelPaths:
    """The tree of paths; `paths[index]` is the tuple of a path."""

    __slots__ = ("_children", "_keys", "paths")

    def __init__(self) -> None:
        self.paths: list[tuple[str, ...]] = [()]
        self._keys = array("q", bytes(8 * _SLOTS))
        self._children = array("q", bytes(8 * _SLOTS))

    def enter(self, parent: int, kind: int, ident: int) -> int:
        """The index of the path that goes on from `parent` through a tunnel of `kind` with id `ident`."""
        key = (parent * _KIND_SPAN + kind) * _ID_SPAN + ident + 2  # never 0, which marks a free slot
        scattered = key * _SCATTER  # the low 64 bits when compiled; any slot will do
        slot = (scattered >> 20) & _MASK
        while self._keys[slot] != 0:
            if self._keys[slot] == key:
                return self._children[slot]
            slot = (slot + 1) & _MASK
        return self._grow(slot, key, parent, kind, ident)

    def _grow(self, slot: int, key: int, parent: int, kind: int, ident: int) -> int:
        count = len(self.paths)
        if count >= _PATHS:
            return parent
        if count >= _WITH_ID and ident != _NO_ID:
            return self.enter(parent, kind, _NO_ID)
        name = _KINDS[kind] if ident == _NO_ID else f"{_KINDS[kind]}:{ident}"
        self.paths.append(self.paths[parent] + (name,))
        self._keys[slot] = key
        self._children[slot] = count
        return count
