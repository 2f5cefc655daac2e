"""Record protection up to TLS 1.2 and of TLS 1.3: opens single records, given their sequence number.

`open` tries a span of sequence numbers, since records may be missing; what none of them authenticates
was not encrypted with this key. Stream ciphers and the chained IVs of TLS 1.0 depend on every record
before, so those must be shown all records in their order, application data too.
"""

from __future__ import annotations

import warnings
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers import algorithms as current
from cryptography.hazmat.primitives.ciphers.aead import AESCCM, AESGCM, ChaCha20Poly1305
from cryptography.hazmat.primitives.constant_time import bytes_eq

from tlscap.engine.decryption.schedule import HASHES, SSL_3, TLS_1_1, WriteKeys, block_size, digest, expand_label, mac
from tlscap.engine.decryption.suites import Suite

try:
    from cryptography.hazmat.decrepit.ciphers import algorithms as decrepit
except ImportError:  # before cryptography 43 all are in one place
    decrepit = current  # type: ignore[misc]

Opened = tuple[int, bytes, int]
"""Content type, content, and the sequence number that fits."""

_FIRST_DRAFT_WITH_HEADER = 25  # of TLS 1.3: the record header is additional data
_CCM_8_TAG = 8
_DATA = 23


class Protection(Protocol):
    """One direction's keys. `chained`: `open` or `skip` must see every record."""

    chained: bool

    def open(self, kind: int, version: int, sealed: bytes, first: int, count: int) -> Opened | None:
        """The record under one of the `count` sequence numbers from `first` on; None if it is not authentic."""

    def skip(self, length: int, tail: bytes) -> None:
        """Goes past a record of `length` bytes of which only `tail`, its last bytes, may be known."""


def is_available(suite: Suite | None) -> bool:
    """Whether the library has the suite's cipher: there is no ARIA, and Camellia only with CBC."""
    return suite is not None and suite.cipher != "ARIA" and not (suite.cipher == "CAMELLIA" and suite.mode != "CBC")


def protection_of(version: int, suite: Suite, keys: WriteKeys, encrypt_then_mac: bool) -> Protection | None:
    """What a direction writes with up to TLS 1.2; None for ciphers that the library does not have."""
    if suite.mode in ("GCM", "CCM", "CCM_8", "POLY1305"):
        cipher = _aead(suite, keys.key)
        return None if cipher is None else Aead(cipher, suite.mode, keys.iv)
    if suite.mode == "STREAM":
        return Stream(version, suite, keys)
    algorithm = _block_cipher(suite, keys.key)
    return None if algorithm is None else Cbc(version, suite, keys, encrypt_then_mac, algorithm)


def protection_tls13(suite: Suite, secret: bytes, draft: int) -> Protection | None:
    """What is written with a traffic secret (RFC 8446 §7.3); None for ciphers that the library does not have."""
    cipher = _aead(suite, expand_label(suite.hash, secret, "key", suite.key, draft))
    if cipher is None:
        return None
    return Aead13(cipher, expand_label(suite.hash, secret, "iv", 12, draft), draft)


class Aead:
    """RFC 5246 §6.2.3.3: GCM and CCM bring 8 bytes of the nonce along, ChaCha20 counts (RFC 7905 §2)."""

    chained = False

    def __init__(self, cipher: AESGCM | AESCCM | ChaCha20Poly1305, mode: str, iv: bytes) -> None:
        self._cipher = cipher
        self._explicit = 0 if mode == "POLY1305" else 8
        self._iv = iv
        self._overhead = self._explicit + (_CCM_8_TAG if mode == "CCM_8" else 16)

    def open(self, kind: int, version: int, sealed: bytes, first: int, count: int) -> Opened | None:
        length = len(sealed) - self._overhead
        if length < 0:
            return None
        header = bytes([kind]) + version.to_bytes(2) + length.to_bytes(2)
        body = sealed[self._explicit :]
        for seq in range(first, first + count):
            nonce = self._iv + sealed[:8] if self._explicit else counted(self._iv, seq)
            try:
                return kind, self._cipher.decrypt(nonce, body, seq.to_bytes(8) + header), seq
            except InvalidTag:
                continue
        return None

    def skip(self, length: int, tail: bytes) -> None:
        """Nothing: a record depends on its sequence number alone."""


class Aead13:
    """RFC 8446 §5.2: the content type is the last byte of the plaintext that is not zero. Data are not given out."""

    chained = False

    def __init__(self, cipher: AESGCM | AESCCM | ChaCha20Poly1305, iv: bytes, draft: int) -> None:
        self._cipher = cipher
        self._iv = iv
        self._with_header = not 0 < draft < _FIRST_DRAFT_WITH_HEADER

    def open(self, kind: int, version: int, sealed: bytes, first: int, count: int) -> Opened | None:
        header = bytes([kind]) + version.to_bytes(2) + len(sealed).to_bytes(2) if self._with_header else b""
        if len(sealed) < _CCM_8_TAG:
            return None
        for seq in range(first, first + count):
            try:
                inner = self._cipher.decrypt(counted(self._iv, seq), sealed, header)
            except InvalidTag:
                continue
            inner = inner.rstrip(b"\0")
            if not inner:
                return 0, b"", seq
            return inner[-1], b"" if inner[-1] == _DATA else inner[:-1], seq
        return None

    def skip(self, length: int, tail: bytes) -> None:
        """Nothing: a record depends on its sequence number alone."""


class Cbc:
    """RFC 5246 §6.2.3.2, encrypt-then-MAC by RFC 7366; up to TLS 1.0 the IV is the last block before."""

    def __init__(
        self,
        version: int,
        suite: Suite,
        keys: WriteKeys,
        encrypt_then_mac: bool,
        algorithm: current.AES | decrepit.TripleDES | decrepit.Camellia | decrepit.SEED | decrepit.IDEA,
    ) -> None:
        self.chained = version < TLS_1_1
        self._mac = Mac(version, suite, keys.mac)
        self._before = encrypt_then_mac
        self._algorithm = algorithm
        self._block = block_size(suite)
        self._iv: bytes | None = keys.iv if self.chained else None
        self._ssl3 = version <= SSL_3

    def open(self, kind: int, version: int, sealed: bytes, first: int, count: int) -> Opened | None:
        body, tag = sealed, b""
        if self._before:
            body, tag = sealed[: len(sealed) - self._mac.size], sealed[len(sealed) - self._mac.size :]
        plain = self._decrypt(body)
        if plain is None:
            return None
        if not self._before:
            return self._mac.check(kind, version, plain, first, count)
        seq = self._mac.find(kind, version, body, tag, first, count)
        return None if seq < 0 else (kind, plain, seq)

    def skip(self, length: int, tail: bytes) -> None:
        if self.chained:
            end = len(tail) - (self._mac.size if self._before else 0)
            self._iv = tail[end - self._block : end] if end >= self._block else None

    def _decrypt(self, body: bytes) -> bytes | None:
        """The plaintext without its padding; None if it cannot be decrypted."""
        block = self._block
        iv, rest = (self._iv, body) if self.chained else (body[:block], body[block:])
        if self.chained:
            self._iv = body[-block:] if len(body) >= block else None
        if iv is None or not rest or len(rest) % block:
            return None
        opener = Cipher(self._algorithm, modes.CBC(iv)).decryptor()
        plain = opener.update(rest) + opener.finalize()
        padding = plain[-1] + 1
        if padding > len(plain) or (not self._ssl3 and plain[-padding:] != bytes([padding - 1]) * padding):
            return None
        return plain[:-padding]


class Stream:
    """RC4, which goes on from record to record, and NULL (RFC 5246 §6.2.3.1)."""

    def __init__(self, version: int, suite: Suite, keys: WriteKeys) -> None:
        self.chained = suite.key > 0
        self._mac = Mac(version, suite, keys.mac)
        self._stream = Cipher(decrepit.ARC4(keys.key), None).decryptor() if self.chained else None

    def open(self, kind: int, version: int, sealed: bytes, first: int, count: int) -> Opened | None:
        plain = self._stream.update(sealed) if self._stream is not None else sealed
        return self._mac.check(kind, version, plain, first, count)

    def skip(self, length: int, tail: bytes) -> None:
        if self._stream is not None:
            self._stream.update(bytes(length))


class Mac:
    """The MAC of records that have one (RFC 5246 §6.2.3.1, RFC 6101 §5.2.3.1)."""

    def __init__(self, version: int, suite: Suite, key: bytes) -> None:
        self.size = HASHES[suite.mac].digest_size
        self._hash = suite.mac
        self._key = key
        self._ssl3 = version <= SSL_3

    def check(self, kind: int, version: int, plain: bytes, first: int, count: int) -> Opened | None:
        """Splits content and MAC, and finds the sequence number that fits."""
        end = len(plain) - self.size
        if end < 0:
            return None
        seq = self.find(kind, version, plain[:end], plain[end:], first, count)
        return None if seq < 0 else (kind, plain[:end], seq)

    def find(self, kind: int, version: int, content: bytes, tag: bytes, first: int, count: int) -> int:
        """The sequence number under which `tag` is the content's, or -1."""
        for seq in range(first, first + count):
            if bytes_eq(self._tag(kind, version, content, seq), tag):
                return seq
        return -1

    def _tag(self, kind: int, version: int, content: bytes, seq: int) -> bytes:
        length = len(content).to_bytes(2)
        if not self._ssl3:
            return mac(self._hash, self._key, seq.to_bytes(8), bytes([kind]), version.to_bytes(2), length, content)
        padding = 48 if self._hash == "MD5" else 40
        inner = digest(self._hash, self._key, b"\x36" * padding, seq.to_bytes(8), bytes([kind]), length, content)
        return digest(self._hash, self._key, b"\x5c" * padding, inner)


def counted(iv: bytes, seq: int) -> bytes:
    """RFC 8446 §5.3: the nonce of a record, from the IV and its sequence number."""
    return (int.from_bytes(iv) ^ seq).to_bytes(12)


def _aead(suite: Suite, key: bytes) -> AESGCM | AESCCM | ChaCha20Poly1305 | None:
    if suite.mode == "POLY1305":
        return ChaCha20Poly1305(key)
    if suite.cipher != "AES":
        return None
    if suite.mode == "GCM":
        return AESGCM(key)
    return AESCCM(key, tag_length=_CCM_8_TAG if suite.mode == "CCM_8" else 16)


def _block_cipher(
    suite: Suite, key: bytes
) -> current.AES | decrepit.TripleDES | decrepit.Camellia | decrepit.SEED | decrepit.IDEA | None:
    with warnings.catch_warnings():  # that a cipher is not safe is what the capture's reader wants to know
        warnings.simplefilter("ignore")
        if suite.cipher == "AES":
            return current.AES(key)
        if suite.cipher == "3DES_EDE":
            return decrepit.TripleDES(key)
        if suite.cipher == "DES":
            return decrepit.TripleDES(key * 3)  # with three equal keys it is DES
        if suite.cipher == "CAMELLIA":
            return decrepit.Camellia(key)
        if suite.cipher == "SEED":
            return decrepit.SEED(key)
        return decrepit.IDEA(key) if suite.cipher == "IDEA" else None
