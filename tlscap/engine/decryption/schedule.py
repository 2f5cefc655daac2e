"""Key derivation: the PRFs of SSL 3.0 to TLS 1.2 (RFC 6101 §6, RFC 2246 §5, RFC 5246 §5), HKDF of TLS 1.3."""

from __future__ import annotations

from dataclasses import dataclass

from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from tlscap.engine.decryption.suites import Suite

SSL_3, TLS_1_1, TLS_1_2 = 0x0300, 0x0302, 0x0303
MASTER_BYTES = 48

HASHES: dict[str, hashes.HashAlgorithm] = {
    "MD5": hashes.MD5(),
    "SHA": hashes.SHA1(),
    "SHA256": hashes.SHA256(),
    "SHA384": hashes.SHA384(),
}
"""By the name that they have in a cipher suite's."""

_FIRST_SHORT_LABEL_DRAFT = 20  # of TLS 1.3: "tls13 " in place of "TLS 1.3, "
_BLOCKS = {"AES": 16, "CAMELLIA": 16, "SEED": 16, "3DES_EDE": 8, "DES": 8, "IDEA": 8}


@dataclass(frozen=True, slots=True)
class WriteKeys:
    """What one direction up to TLS 1.2 writes with (RFC 5246 §6.3)."""

    mac: bytes
    key: bytes
    iv: bytes


def block_size(suite: Suite) -> int:
    """Of a block cipher in CBC mode, in bytes."""
    return _BLOCKS.get(suite.cipher, 16)


def digest(name: str, *parts: bytes) -> bytes:
    context = hashes.Hash(HASHES[name])
    for part in parts:
        context.update(part)
    return context.finalize()


def mac(name: str, key: bytes, *parts: bytes) -> bytes:
    """HMAC of the parts."""
    context = hmac.HMAC(key, HASHES[name])
    for part in parts:
        context.update(part)
    return context.finalize()


def master_secret(version: int, suite: Suite, premaster: bytes, client_random: bytes, server_random: bytes) -> bytes:
    """RFC 5246 §8.1"""
    return _prf(version, suite, premaster, b"master secret", client_random + server_random, MASTER_BYTES)


def extended_master_secret(version: int, suite: Suite, premaster: bytes, messages: bytes) -> bytes:
    """RFC 7627 §4: over all handshake `messages` up to and with the ClientKeyExchange."""
    if version >= TLS_1_2:
        session_hash = digest(suite.hash, messages)
    else:
        session_hash = digest("MD5", messages) + digest("SHA", messages)
    return _prf(version, suite, premaster, b"extended master secret", session_hash, MASTER_BYTES)


def write_keys(
    version: int, suite: Suite, master: bytes, client_random: bytes, server_random: bytes
) -> tuple[WriteKeys, WriteKeys]:
    """The client's and the server's keys (RFC 5246 §6.3)."""
    mac_bytes = HASHES[suite.mac].digest_size if suite.mac else 0
    iv_bytes = {"GCM": 4, "CCM": 4, "CCM_8": 4, "POLY1305": 12, "STREAM": 0}.get(suite.mode, block_size(suite))
    sizes = [mac_bytes, mac_bytes, suite.key, suite.key, iv_bytes, iv_bytes]
    block = _prf(version, suite, master, b"key expansion", server_random + client_random, sum(sizes))
    parts = []
    at = 0
    for size in sizes:
        parts.append(block[at : at + size])
        at += size
    return WriteKeys(*parts[0::2]), WriteKeys(*parts[1::2])


def expand_label(hash_name: str, secret: bytes, label: str, length: int, draft: int = 0) -> bytes:
    """HKDF-Expand-Label with an empty context (RFC 8446 §7.1); `draft` of TLS 1.3, 0 for the RFC."""
    prefix = "TLS 1.3, " if 0 < draft < _FIRST_SHORT_LABEL_DRAFT else "tls13 "
    name = (prefix + label).encode()
    info = length.to_bytes(2) + bytes([len(name)]) + name + b"\0"
    return HKDFExpand(HASHES[hash_name], length, info).derive(secret)


def next_secret(hash_name: str, secret: bytes, draft: int = 0) -> bytes:
    """The traffic secret after a KeyUpdate (RFC 8446 §7.2)."""
    label = "application traffic secret" if 0 < draft < _FIRST_SHORT_LABEL_DRAFT else "traffic upd"
    return expand_label(hash_name, secret, label, HASHES[hash_name].digest_size, draft)


def _prf(version: int, suite: Suite, secret: bytes, label: bytes, seed: bytes, length: int) -> bytes:
    if version <= SSL_3:
        return _prf_ssl3(secret, seed, length)
    if version >= TLS_1_2:
        return _p_hash(suite.hash, secret, label + seed, length)
    half = (len(secret) + 1) // 2  # RFC 2246 §5
    first = _p_hash("MD5", secret[:half], label + seed, length)
    second = _p_hash("SHA", secret[len(secret) - half :], label + seed, length)
    return bytes(a ^ b for a, b in zip(first, second, strict=True))


def _p_hash(name: str, secret: bytes, seed: bytes, length: int) -> bytes:
    """RFC 5246 §5"""
    made = b""
    a = seed
    while len(made) < length:
        a = mac(name, secret, a)
        made += mac(name, secret, a, seed)
    return made[:length]


def _prf_ssl3(secret: bytes, seed: bytes, length: int) -> bytes:
    """RFC 6101 §6.2.2: MD5(secret + SHA('A' + secret + seed)) + MD5(secret + SHA('BB' + ...)) ..."""
    made = b""
    rounds = 0
    while len(made) < length:
        rounds += 1
        salt = bytes([ord("A") + rounds - 1]) * rounds
        made += digest("MD5", secret, digest("SHA", salt, secret, seed))
    return made[:length]
