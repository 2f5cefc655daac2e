"""Keeps each distinct certificate once, so that it can be read when the capture is over."""

from __future__ import annotations

from dataclasses import dataclass

from tlscap.engine.certificate_compression import parse_compressed_certificate
from tlscap.engine.certificates import Chain, parse_certificate
from tlscap.engine.interned import Interned

MAX_CERTIFICATES = 16_384
"""Distinct certificates kept. Peers choose: a client that makes up a new one each time reaches it; beyond
it certificates are still counted by their digest, only what is in them is not known."""

MAX_BYTES = 33_554_432
"""Bytes of certificates kept, for the same reason; 1.5 KB is usual, 16,384 of those are 24 MB."""

MAX_CHAINS = 256
"""Messages that are recognised without being read again; a site's servers send some dozens."""

MAX_CHAIN_BYTES = 16_384
"""A message longer than this is read each time, so that recognised messages take at most 4 MB."""

_NEAR = 96
"""Bytes at the start of a message that it is looked up by: they hold the lengths and the leaf's serial number."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One certificate: its DER, and where it was first seen."""

    der: bytes
    first_ns: int
    first_frame: int


@dataclass(frozen=True, slots=True)
class Message:
    """A Certificate message that was read: its bytes, the SHA-256 of its certificates, and what is wrong with it."""

    body: bytes
    digests: tuple[bytes, ...]
    malformed: str


class CertificateStore:
    """The certificates of one run by their SHA-256."""

    def __init__(self) -> None:
        self._kept: dict[bytes, Kept] = {}
        self._messages = Interned(MAX_CHAINS)
        self.bytes = 0
        self.refused = 0  # certificates that were not kept because of a limit, each time they came

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, digest: bytes) -> bytes | None:
        """The certificate's DER, or None if it was not kept."""
        kept = self._kept.get(digest)
        return kept.der if kept else None

    def ders(self) -> dict[bytes, bytes]:
        """All that were kept: DER by digest."""
        return {digest: kept.der for digest, kept in self._kept.items()}

    def first_seen(self, digest: bytes) -> Kept | None:
        return self._kept.get(digest)

    def read(self, body: bytes | memoryview, tls13: bool, ns: int, frame: int) -> Message:
        """Reads the body of a Certificate message and keeps what is in it; never raises."""
        whole = bytes(body)
        near = (b"3" if tls13 else b"2") + whole[:_NEAR]
        message: Message | None = self._messages.get(near)
        if message is None or message.body != whole:
            message = self._keep(whole, parse_certificate(whole, tls13), ns, frame)
            if len(whole) <= MAX_CHAIN_BYTES:
                self._messages.put(near, message)
        return message

    def read_compressed(self, body: bytes | memoryview, ns: int, frame: int) -> Message:
        """The same for the body of a CompressedCertificate message (RFC 8879)."""
        whole = bytes(body)
        return self._keep(whole, parse_compressed_certificate(whole), ns, frame)

    def _keep(self, body: bytes, chain: Chain, ns: int, frame: int) -> Message:
        digests = chain.digests()
        for digest, der in zip(digests, chain.certificates):
            if digest in self._kept:
                continue
            if len(self._kept) >= MAX_CERTIFICATES or self.bytes + len(der) > MAX_BYTES:
                self.refused += 1
                continue
            self._kept[digest] = Kept(der, ns, frame)
            self.bytes += len(der)
        return Message(body, digests, chain.malformed)
