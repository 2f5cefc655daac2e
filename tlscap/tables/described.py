"""What certificates say, by their digests."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tlscap.tables.x509 import Certificate


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
