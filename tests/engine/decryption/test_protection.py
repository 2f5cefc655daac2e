"""Ciphers that openssl's programs no longer speak, sealed here; and sequence numbers that have to be looked for."""

from __future__ import annotations

import hashlib
import hmac
import warnings

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, modes

from tlscap.engine.decryption.protection import decrepit, is_available, protection_of, protection_tls13
from tlscap.engine.decryption.schedule import WriteKeys, expand_label
from tlscap.engine.decryption.suites import Suite, suite_of

RC4_MD5, RC4_SHA, DES3_SHA, IDEA_SHA, SEED_SHA, ARIA_GCM, EXPORT = (
    0x0004,
    0x0005,
    0x000A,
    0x0007,
    0x0096,
    0xC050,
    0x0003,
)
TLS_1_0, TLS_1_2 = 0x0301, 0x0303
ALERT, DATA = 21, 23
CLOSE_NOTIFY = b"\x01\x00"


def suite(code: int) -> Suite:
    found = suite_of(code)
    assert found is not None
    return found


def keys_for(code: int) -> WriteKeys:
    it = suite(code)
    mac_bytes = {"MD5": 16, "SHA": 20}[it.mac]
    return WriteKeys(bytes(range(mac_bytes)), bytes(range(100, 100 + it.key)), bytes(range(200, 216)))


def tag(code: int, keys: WriteKeys, version: int, seq: int, content: bytes, kind: int = ALERT) -> bytes:
    head = seq.to_bytes(8) + bytes([kind]) + version.to_bytes(2) + len(content).to_bytes(2)
    name = {"MD5": "md5", "SHA": "sha1"}[suite(code).mac]
    return hmac.digest(keys.mac, head + content, getattr(hashlib, name))


def sealed_cbc(code: int, keys: WriteKeys, seq: int, content: bytes, block: int) -> bytes:
    plain = content + tag(code, keys, TLS_1_2, seq, content)
    padding = block - len(plain) % block
    plain += bytes([padding - 1]) * padding
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = {DES3_SHA: decrepit.TripleDES, IDEA_SHA: decrepit.IDEA, SEED_SHA: decrepit.SEED}[code](keys.key)
        iv = bytes(range(block))
        sealer = Cipher(made, modes.CBC(iv)).encryptor()
    return iv + sealer.update(plain) + sealer.finalize()


@pytest.mark.parametrize(("code", "block"), [(DES3_SHA, 8), (IDEA_SHA, 8), (SEED_SHA, 16)])
def test_opens_old_block_ciphers(code: int, block: int) -> None:
    keys = keys_for(code)
    protection = protection_of(TLS_1_2, suite(code), keys, False)
    assert protection is not None
    record = sealed_cbc(code, keys, 7, CLOSE_NOTIFY, block)
    assert protection.open(ALERT, TLS_1_2, record, 7, 1) == (ALERT, CLOSE_NOTIFY, 7)
    assert protection.open(ALERT, TLS_1_2, record, 0, 10) == (ALERT, CLOSE_NOTIFY, 7)
    assert protection.open(ALERT, TLS_1_2, record, 8, 10) is None


@pytest.mark.parametrize("code", [RC4_MD5, RC4_SHA])
def test_rc4_goes_on_behind_records_that_it_is_not_shown(code: int) -> None:
    keys = keys_for(code)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        sealer = Cipher(decrepit.ARC4(keys.key), None).encryptor()
    passed = sealer.update(b"data" * 100)
    record = sealer.update(CLOSE_NOTIFY + tag(code, keys, TLS_1_0, 1, CLOSE_NOTIFY))
    protection = protection_of(TLS_1_0, suite(code), keys, False)
    assert protection is not None
    assert protection.chained
    protection.skip(len(passed), passed)
    assert protection.open(ALERT, TLS_1_0, record, 1, 1) == (ALERT, CLOSE_NOTIFY, 1)


@pytest.mark.parametrize("code", [RC4_SHA, DES3_SHA, 0x002F, 0x009C, 0xCCA8, 0xC0AE, 0x003B])
@pytest.mark.parametrize("size", [0, 1, 7, 8, 15, 16, 24, 31, 32, 33])
def test_what_is_too_short_or_nonsense_stays_closed(code: int, size: int) -> None:
    it = suite(code)
    keys = WriteKeys(b"m" * 32, b"k" * it.key, b"i" * 4 if it.mode in ("GCM", "CCM", "CCM_8") else b"i" * 12)
    for encrypt_then_mac in (False, True):
        protection = protection_of(TLS_1_2, it, keys, encrypt_then_mac)
        assert protection is not None
        assert protection.open(ALERT, TLS_1_2, b"\x5a" * size, 0, 2) is None


def test_tls13_keys_are_those_of_rfc_8448() -> None:
    """§3: the server's handshake traffic secret."""
    secret = bytes.fromhex("b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38")
    assert expand_label("SHA256", secret, "key", 16).hex() == "3fce516009c21727d0f2e4e86ee403bc"
    assert expand_label("SHA256", secret, "iv", 12).hex() == "5d313eb2671276ee13000b30"


@pytest.mark.parametrize("code", [0x1301, 0x1302, 0x1303, 0x1304, 0x1305])
def test_every_suite_of_tls13_has_a_protection(code: int) -> None:
    assert is_available(suite_of(code))
    assert protection_tls13(suite(code), b"s" * 48, 0) is not None


@pytest.mark.parametrize("code", [ARIA_GCM, EXPORT, 0xC086, 0x00FF, 0x0A0A])
def test_what_nobody_has_is_not_available(code: int) -> None:
    assert not is_available(suite_of(code))
