"""Counts the certificates that connections showed, chain by chain, and describes each once at the end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tlscap.engine.facts import Facts

if TYPE_CHECKING:
    from tlscap.tables.x509 import Certificate

Chain = tuple[bytes, ...]


@dataclass(slots=True)
class Seen:
    """Where a certificate was seen."""

    connections: int = 0
    roles: set[str] = field(default_factory=set)


class CertificateRows:
    """How many connections showed each chain, and the first frame of the first of them; equal chains are one entry."""

    def __init__(self) -> None:
        self._chains: dict[tuple[str, Chain], list[int]] = {}

    def add(self, facts: Facts) -> None:
        if facts.server.certificates:
            self._count(("server", facts.server.certificates), 1, facts.first_frame)
        if facts.client.certificates:
            self._count(("client", facts.client.certificates), 1, facts.first_frame)

    def unite(self, other: CertificateRows) -> None:
        """Adds what another one counted."""
        for key, (count, first) in other._chains.items():
            self._count(key, count, first)

    def _count(self, key: tuple[str, Chain], count: int, first_frame: int) -> None:
        known = self._chains.get(key)
        if known is None:
            self._chains[key] = [count, first_frame]
            return
        known[0] += count
        if first_frame < known[1]:
            known[1] = first_frame

    def seen(self) -> dict[bytes, Seen]:
        """Each distinct certificate by its SHA-256, in the order of the connections that first showed them."""
        found: dict[bytes, Seen] = {}
        in_order = sorted(self._chains.items(), key=lambda item: (item[1][1], item[0][0] == "client"))
        for (side, chain), (count, _) in in_order:
            for digest in dict.fromkeys(chain):
                entry = found.setdefault(digest, Seen())
                entry.connections += count
                entry.roles.add(side if digest == chain[0] else f"{side}_chain")
        return found


class Described:
    """Certificates by digest, each read once; None where the capture did not give its bytes."""

    def __init__(self, bytes_of: Callable[[bytes], bytes | None]) -> None:
        self._bytes_of = bytes_of
        self._known: dict[bytes, Certificate | None] = {}

    def get(self, digest: bytes) -> Certificate | None:
        if digest not in self._known:
            self._known[digest] = self._describe(digest)
        return self._known[digest]

    def _describe(self, digest: bytes) -> Certificate | None:
        der = self._bytes_of(digest)
        if der is None:
            return None
        from tlscap.tables.x509 import describe

        return describe(der)

    def text(self, digest: bytes, name: str) -> str | None:
        """A field of a certificate that is text, `subject` for example; None where it is not known."""
        certificate = self.get(digest)
        return None if certificate is None else getattr(certificate, name)

    def not_after_ns(self, digest: bytes) -> int:
        """Until when the certificate is valid, 0 where that is not known."""
        certificate = self.get(digest)
        return 0 if certificate is None else certificate.not_after_ns
