"""Links and tunnels that the compiled decoder does not know, dissected by scapy down to IP.

Loading scapy takes a second and a packet takes it a tenth of a millisecond, so it is imported when
the first such packet comes, and not asked again about a kind that never holds IP.
"""

from __future__ import annotations

from typing import Any

L2TP_FRAME = -1
"""The kind under which `find_ip` takes what UDP carries for L2TP; every other kind is a link type."""

MAX_FUTILE = 200
"""Packets of one kind without IP in them before the kind is given up: Bluetooth never has any."""


class SlowPath:
    """Finds IP in foreign frames, and remembers the kinds for which that is in vain."""

    def __init__(self) -> None:
        self._classes: dict[int, Any] | None = None
        self._futile: dict[int, int] = {}

    def find_ip(self, kind: int, data: bytes) -> bytes | None:
        """The outermost IP packet in `data`, a frame of that kind, or None."""
        if self._futile.get(kind, 0) >= MAX_FUTILE:
            return None
        if self._classes is None:
            self._classes = _load_classes()
        found = _dissect(self._classes.get(kind), data)
        self._futile[kind] = 0 if found is not None else self._futile.get(kind, 0) + 1
        return found


def _load_classes() -> dict[int, Any]:
    """scapy's class for every link type that it has."""
    from scapy.config import conf
    from scapy.layers import dot11, inet, inet6, l2, l2tp, ppi, ppp  # noqa: F401  (these register themselves)

    return {**conf.l2types.num2layer, L2TP_FRAME: l2tp.L2TP}


def _dissect(layer: Any, data: bytes) -> bytes | None:
    if layer is None:
        return None
    from scapy.layers.inet import IP
    from scapy.layers.inet6 import IPv6

    try:
        packet = layer(data)
        while packet and not isinstance(packet, (IP, IPv6)):
            packet = packet.payload
        return bytes(packet.original) if packet else None
    except Exception:  # scapy raises whatever it likes on packets that lie
        return None
