"""Counts how many connections showed each chain of certificates."""

from __future__ import annotations

from tlscap.engine.facts import Facts

Chain = tuple[bytes, ...]
"""SHA-256 of each certificate, the leaf first."""


class CertificateRows:
    """How many connections showed each chain, and the first frame of the first of them; equal chains are one entry."""

    def __init__(self) -> None:
        self.of_servers: dict[Chain, list[int]] = {}  # count, frame
        self.of_clients: dict[Chain, list[int]] = {}

    def add(self, facts: Facts) -> None:
        """Counts the chains of one connection."""
        if facts.server.certificates:
            _count(self.of_servers, facts.server.certificates, 1, facts.first_frame)
        if facts.client.certificates:
            _count(self.of_clients, facts.client.certificates, 1, facts.first_frame)

    def unite(self, other: CertificateRows) -> None:
        """Adds what another one counted."""
        for chain, (count, first) in other.of_servers.items():
            _count(self.of_servers, chain, count, first)
        for chain, (count, first) in other.of_clients.items():
            _count(self.of_clients, chain, count, first)


def _count(chains: dict[Chain, list[int]], chain: Chain, count: int, first_frame: int) -> None:
    known = chains.get(chain)
    if known is None:
        chains[chain] = [count, first_frame]
        return
    known[0] += count
    if first_frame < known[1]:
        known[1] = first_frame
