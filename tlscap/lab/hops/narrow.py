"""A path with a smaller MTU than both ends believe, whose complaints (ICMP, RFC 1191) a firewall loses."""

from __future__ import annotations

from collections.abc import Iterable

from tlscap.lab.frame import ETHERNET
from tlscap.lab.hop import Out


class Narrow:
    """Loses every packet longer than `mtu` bytes, and says nothing."""

    def __init__(self, mtu: int) -> None:
        self._mtu = mtu

    def passes(self, data: bytes, direction: int, now: float) -> Iterable[Out]:
        return [(0.0, direction, data)] if len(data) - ETHERNET <= self._mtu else []

    def command(self, words: list[str]) -> None:
        """`MTU`, from now on."""
        self._mtu = int(words[0])
