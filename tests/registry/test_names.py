"""Known numbers have IANA's names, the others print as hex."""

from __future__ import annotations

from pathlib import Path

import pytest

from tlscap import registry
from tlscap.registry.generate import TABLES, render_names
from tlscap.registry.table import DATA, read_table


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        (registry.version_name, 0x0300, "SSLv3"),
        (registry.version_name, 0x0303, "TLSv1.2"),
        (registry.version_name, 0x7F1C, "TLSv1.3"),
        (registry.version_name, 0xFEFD, "DTLSv1.2"),
        (registry.version_name, 0x0305, "0x0305"),
        (registry.exact_version_name, 0x7F1C, "TLSv1.3-draft28"),
        (registry.exact_version_name, 0xFB1A, "TLSv1.3-draft26-facebook"),
        (registry.exact_version_name, 0x7E01, "TLSv1.3-experiment1"),
        (registry.exact_version_name, 0x0304, "TLSv1.3"),
        (registry.cipher_suite_name, 0x1301, "TLS_AES_128_GCM_SHA256"),
        (registry.cipher_suite_name, 0xC02F, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"),
        (registry.cipher_suite_name, 0x00FF, "TLS_EMPTY_RENEGOTIATION_INFO_SCSV"),
        (registry.cipher_suite_name, 0xCC13, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"),
        (registry.cipher_suite_name, 0x010080, "SSL_CK_RC4_128_WITH_MD5"),
        (registry.cipher_suite_name, 0x1A1A, "0x1a1a (GREASE)"),
        (registry.cipher_suite_name, 0x1A2A, "0x1a2a"),
        (registry.group_name, 0x001D, "x25519"),
        (registry.group_name, 0x11EC, "X25519MLKEM768"),
        (registry.group_name, 0x6399, "X25519Kyber768Draft00"),
        (registry.signature_scheme_name, 0x0804, "rsa_pss_rsae_sha256"),
        (registry.signature_scheme_name, 0x0904, "mldsa44"),
        (registry.extension_name, 0, "server_name"),
        (registry.extension_name, 0xFF01, "renegotiation_info"),
        (registry.extension_name, 0xFE0D, "encrypted_client_hello"),
        (registry.alert_description_name, 0, "close_notify"),
        (registry.alert_description_name, 100, "no_renegotiation"),
        (registry.alert_description_name, 116, "certificate_required"),
        (registry.alert_description_name, 0x0A, "unexpected_message"),
        (registry.alert_description_name, 255, "0xff"),
        (registry.alert_level_name, 2, "fatal"),
        (registry.alert_level_name, 3, "0x03"),
        (registry.handshake_type_name, 4, "new_session_ticket"),
        (registry.handshake_type_name, 25, "compressed_certificate"),
        (registry.handshake_type_name, 99, "0x63"),
        (registry.content_type_name, 23, "application_data"),
        (registry.certificate_compression_name, 2, "brotli"),
        (registry.linktype_name, 1, "ETHERNET"),
        (registry.linktype_name, 276, "LINUX_SLL2"),
        (registry.linktype_name, 9999, "9999"),
    ],
)
def test_names(name, value, text) -> None:  # type: ignore[no-untyped-def]
    assert name(value) == text


def test_the_generated_module_is_what_the_data_gives() -> None:
    names = Path(registry.__file__).with_name("names.py")
    assert names.read_text(encoding="utf-8") == render_names()


@pytest.mark.parametrize("table", TABLES)
def test_a_table_says_where_it_is_from_and_names_every_value_once(table: str) -> None:
    assert (DATA / f"{table}.csv").read_text(encoding="utf-8").startswith("# ")
    points = read_table(table)
    assert points
    assert all(point.name and point.name == point.name.strip() and point.name.isprintable() for point in points)


def test_a_suite_that_is_not_registered_says_who_uses_it() -> None:
    notes = {point.value: point.note for point in read_table("cipher-suites")}
    assert notes[0xCC13] == "not registered: draft-agl-tls-chacha20poly1305"
    assert notes[0x1301] == ""
