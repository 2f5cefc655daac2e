"""How long records are, for every suite of the registry and as programs were seen to send them."""

from __future__ import annotations

import pytest

from tlscap.judge.inference.overhead import Overhead, overhead, possible
from tlscap.registry.names import CIPHER_SUITES

TLS10, TLS12, TLS13 = 0x0301, 0x0303, 0x0304
CODES = {name: code for code, name in CIPHER_SUITES.items()}


def test_every_suite_of_the_registry_that_encrypts_has_one() -> None:
    without = [name for code, name in CIPHER_SUITES.items() if overhead(code, TLS12) is None]
    assert without == ["TLS_EMPTY_RENEGOTIATION_INFO_SCSV", "TLS_FALLBACK_SCSV"]
    nothing = [name for code, name in CIPHER_SUITES.items() if overhead(code, TLS12) == Overhead(0)]
    assert nothing == ["TLS_NULL_WITH_NULL_NULL"]


@pytest.mark.parametrize(
    ("name", "version", "encrypt_then_mac", "change", "finished"),
    [
        ("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", TLS12, False, 25, 40),
        ("TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", TLS12, False, 17, 32),
        ("TLS_ECDHE_ECDSA_WITH_AES_256_CCM", TLS12, False, 25, 40),
        ("TLS_RSA_WITH_AES_128_CCM_8", TLS12, False, 17, 32),
        ("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", TLS12, True, 52, 68),
        ("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", TLS12, False, 48, 64),
        ("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", TLS10, False, 32, 48),
        ("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256", TLS12, False, 64, 80),
        ("TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384", TLS12, False, 80, 96),
        ("TLS_RSA_WITH_3DES_EDE_CBC_SHA", TLS12, False, 32, 48),
        ("TLS_RSA_WITH_RC4_128_SHA", TLS12, False, 21, 36),
        ("TLS_RSA_WITH_NULL_SHA256", TLS12, False, 33, 48),
        ("TLS_RSA_WITH_CAMELLIA_128_GCM_SHA256", TLS12, False, 25, 40),
        ("TLS_GOSTR341112_256_WITH_28147_CNT_IMIT", TLS12, False, 5, 20),
    ],
)
def test_records_are_as_long_as_programs_make_them(
    name: str, version: int, encrypt_then_mac: bool, change: int, finished: int
) -> None:
    found = overhead(CODES[name], version, encrypt_then_mac)
    assert found is not None
    assert (found.record(1), found.record(16)) == (change, finished)


@pytest.mark.parametrize(
    ("name", "length"),
    [("TLS_AES_128_GCM_SHA256", 17), ("TLS_AES_128_CCM_8_SHA256", 9), ("TLS_SHA384_SHA384", 49)],
)
def test_tls13_adds_the_content_type_and_a_tag(name: str, length: int) -> None:
    assert overhead(CODES[name], TLS13) == Overhead(length)


def test_content_is_the_inverse_of_record() -> None:
    for version in (0x0300, TLS10, 0x0302, TLS12):
        for each in possible(version):
            for content in range(300):
                span = each.content(each.record(content))
                assert span is not None
                assert span[0] <= content <= span[1] < span[0] + each.block


def test_lengths_that_no_record_has_are_known() -> None:
    gcm, cbc = Overhead(24), Overhead(16, 20, 16)
    assert gcm.content(23) is None
    assert cbc.content(16) is None
    assert cbc.content(49) is None
