"""Certificate messages taken apart into certificates; what is in a certificate is not read here.

The list has the same outer form in SSL 3.0 to TLS 1.2 (RFC 5246 §7.4.2); in TLS 1.3 a context stands
before it and extensions behind each certificate (RFC 8446 §4.4.2). With RFC 7250 the message of
TLS 1.2 holds one SubjectPublicKeyInfo and no list.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

MAX_CHAIN = 32
"""Certificates read of one message; the peer could send 43,000 empty ones. Chains have one to five."""

_SEQUENCE = 0x30
_TOO_MANY = f"the chain has more than {MAX_CHAIN} certificates"


@dataclass(frozen=True, slots=True)
class Chain:
    """The certificates of one message, the sender's own first, and what is wrong with it ("" if nothing)."""

    certificates: tuple[bytes, ...]
    malformed: str = ""

    def digests(self) -> tuple[bytes, ...]:
        """SHA-256 of each certificate."""
        return tuple(sha256(certificate).digest() for certificate in self.certificates)


def parse_certificate(body: bytes, tls13: bool = False) -> Chain:
    """Takes the body of a Certificate message apart, as far as its lengths can be believed."""
    if tls13 and not body:
        return Chain((), "the message ends before its context")
    at = 1 + body[0] if tls13 else 0
    stop = at + 3 + int.from_bytes(body[at : at + 3])
    if at + 3 > len(body):
        return Chain((), "the message ends before its list of certificates")
    at += 3
    if not tls13 and _is_raw_public_key(body[at:stop]):
        return Chain((body[at:stop],))
    malformed = ""
    if stop != len(body):
        malformed = "the length of the list is not what the message holds"
        stop = min(stop, len(body))
    return _parse_list(body, at, stop, tls13, malformed)


def split_chain(body: bytes | memoryview, tls13: bool) -> list[memoryview]:
    """The certificates of a Certificate message's body as views; never raises."""
    return [memoryview(certificate) for certificate in parse_certificate(bytes(body), tls13).certificates]


def chain_digests(body: bytes | memoryview, tls13: bool) -> tuple[bytes, ...]:
    """SHA-256 of each certificate of a Certificate message's body; never raises."""
    return parse_certificate(bytes(body), tls13).digests()


def _parse_list(body: bytes, at: int, stop: int, tls13: bool, malformed: str) -> Chain:
    certificates: list[bytes] = []
    while at < stop:
        end = at + 3 + int.from_bytes(body[at : at + 3])
        after = end + 2 + int.from_bytes(body[end : end + 2]) if tls13 else end
        if at + 3 > stop or after > stop:
            return Chain(tuple(certificates), malformed or "a certificate ends beyond the list")
        if len(certificates) == MAX_CHAIN:
            return Chain(tuple(certificates), malformed or _TOO_MANY)
        certificates.append(body[at + 3 : end])
        at = after
    return Chain(tuple(certificates), malformed)


def _is_raw_public_key(content: bytes) -> bool:
    """Whether `content` is one DER SEQUENCE: as the length of a certificate its first bytes would be 3 MB or more."""
    if len(content) < 2 or content[0] != _SEQUENCE:
        return False
    if content[1] < 0x80:
        return len(content) == 2 + content[1]
    width = content[1] & 0x7F
    return len(content) == 2 + width + int.from_bytes(content[2 : 2 + width])
