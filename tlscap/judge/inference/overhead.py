"""How much longer an encrypted record is than its content, for every cipher suite of IANA's registry.

    AEAD with an explicit nonce (GCM, CCM)      8 bytes of nonce, tag               RFC 5288 §3, RFC 6655 §3
    AEAD without (ChaCha20-Poly1305)            tag                                 RFC 7905 §2
    stream and NULL                             MAC                                 RFC 5246 §6.2.3.1
    CBC                                         IV from TLS 1.1 on, MAC, padding    RFC 5246 §6.2.3.2
    CBC, encrypt-then-MAC                       the MAC stands behind the padding   RFC 7366 §3
    TLS 1.3                                     content type, tag                   RFC 8446 §5.2

CBC's padding fills up to whole blocks; all stacks that are known add as little as they may. Compression
is not undone here: where it was agreed on, a record's content may be shorter than what it stands for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from tlscap.registry.names import CIPHER_SUITES

TLS10, TLS11, TLS12, TLS13 = 0x0301, 0x0302, 0x0303, 0x0304

EXPLICIT_NONCE = 8
CONTENT_TYPE = 1
TRUNCATED_MAC = 10
"""RFC 6066 §7."""

MACS = {"MD5": 16, "SHA": 20, "SHA1": 20, "SHA256": 32, "SHA384": 48, "SM3": 32, "GOSTR3411": 32, "NULL": 0}
"""Bytes of the MAC by the last word of a suite's name."""

_EIGHT_BYTE_BLOCKS = ("DES", "DES40", "3DES", "RC2", "IDEA", "FORTEZZA")
_TAGS = (
    (r"28147_CNT", 4),  # RFC 9189 §4.2
    (r"MAGMA_(CTR_OMAC|MGM)", 8),  # RFC 9189 §4.1, RFC 9367 §4
    (r"KUZNYECHIK_(CTR_OMAC|MGM)", 16),
    (r"CHACHA20_POLY1305|AEGIS|ASCONAEAD", 16),
)
_TLS13_TAGS = (
    (r"CCM_8", 8),  # RFC 8446 §B.4
    (r"SHA256_SHA256$", 32),  # RFC 9150 §6: integrity only
    (r"SHA384_SHA384$", 48),
    *_TAGS,
)


@dataclass(frozen=True, slots=True)
class Overhead:
    """What a record has beyond its content: `outside` bytes, and `inside` bytes and padding up to whole blocks."""

    outside: int
    inside: int = 0
    block: int = 1  # 1: no padding

    @property
    def padding(self) -> int:
        """The most bytes of padding that one record has more than another."""
        return self.block - 1

    def record(self, content: int) -> int:
        """The length of the record that holds `content` bytes."""
        if self.block == 1:
            return self.outside + content
        return self.outside + (content + self.inside) // self.block * self.block + self.block

    def content(self, record: int) -> tuple[int, int] | None:
        """The least and the most bytes that a record of this length may hold; None if no record is so long."""
        enclosed = record - self.outside
        if self.block == 1:
            return (enclosed, enclosed) if enclosed >= 0 else None
        most = enclosed - self.inside - 1
        if enclosed % self.block or most < 0:
            return None
        return max(0, most + 1 - self.block), most


@cache
def overhead(cipher: int, version: int, encrypt_then_mac: bool = False, truncated_mac: bool = False) -> Overhead | None:
    """The overhead of a cipher suite in a protocol version; None for a suite that is not registered or signals only."""
    name = CIPHER_SUITES.get(cipher, "")
    if not name or name.endswith("_SCSV"):
        return None
    if version >= TLS13:
        return Overhead(CONTENT_TYPE + _tag(name, _TLS13_TAGS, 16))
    tag = _tag(name, _TAGS, 0)
    if tag:
        return Overhead(tag)
    if re.search(r"_(GCM|CCM)(_|$)", name):
        return Overhead(EXPLICIT_NONCE + (8 if "CCM_8" in name else 16))
    mac = MACS.get(name.rpartition("_")[2], 0)
    if truncated_mac and mac:
        mac = TRUNCATED_MAC
    if "_CBC" not in name:
        return Overhead(mac)
    return _cbc(name, mac, version, encrypt_then_mac)


def _cbc(name: str, mac: int, version: int, encrypt_then_mac: bool) -> Overhead:
    algorithm = re.split(r"_(?:CBC|EDE)", name)[0].split("_")
    block = 8 if set(algorithm) & set(_EIGHT_BYTE_BLOCKS) else 16
    iv = block if version >= TLS11 else 0
    return Overhead(iv + mac, 0, block) if encrypt_then_mac else Overhead(iv, mac, block)


def _tag(name: str, tags: tuple[tuple[str, int], ...], otherwise: int) -> int:
    for pattern, length in tags:
        if re.search(pattern, name):
            return length
    return otherwise


@cache
def possible(version: int) -> tuple[Overhead, ...]:
    """All overheads that a record of this version may have, for a connection whose suite was not seen."""
    version = min(version, TLS12)
    found = {
        overhead(cipher, version, encrypt_then_mac)
        for cipher, name in CIPHER_SUITES.items()
        if "_WITH_" in name and "NULL_NULL" not in name
        for encrypt_then_mac in (False, True)
    }
    return tuple(
        sorted((each for each in found if each is not None), key=lambda each: (each.block, each.outside, each.inside))
    )
