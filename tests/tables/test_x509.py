"""A certificate says what it says, however it is made."""

from __future__ import annotations

import ipaddress
import unicodedata
from datetime import UTC, datetime
from functools import cache
from hashlib import sha1, sha256

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from tables.ders import (
    BMP,
    EC_KEY,
    PRINTABLE,
    alternative_names,
    attribute,
    basic_constraints,
    certificate,
    name,
    oid,
    tlv,
)
from tlscap.tables.certificate_fields import MAX_INSTANT_NS, MAX_NAMES
from tlscap.tables.x509 import Certificate, describe

DAY = datetime(2026, 3, 1, tzinfo=UTC)
NS = 1_000_000_000


@cache
def real() -> bytes:
    """A certificate that the library made."""
    key = ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "DE"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, 'Münze, "Test" + Co'),
            x509.NameAttribute(NameOID.EMAIL_ADDRESS, "ca@a.example"),
            x509.NameAttribute(NameOID.COMMON_NAME, " #Root "),
        ]
    )
    names = [
        x509.DNSName("a.example"),
        x509.DNSName("*.a.example"),
        x509.IPAddress(ipaddress.ip_address("192.0.2.1")),
        x509.IPAddress(ipaddress.ip_address("2001:db8::1")),
        x509.RFC822Name("who@a.example"),
        x509.UniformResourceIdentifier("https://a.example/"),
        x509.DirectoryName(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "inside")])),
        x509.RegisteredID(x509.ObjectIdentifier("1.2.3.4")),
        x509.OtherName(x509.ObjectIdentifier("2.5.4.3"), b"\x0c\x01x"),
    ]
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a.example")]))
        .issuer_name(issuer)
        .serial_number(0xABCDEF0123)
        .not_valid_before(DAY)
        .not_valid_after(DAY.replace(year=2027))
        .public_key(key.public_key())
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=1), critical=True)
    )
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def public_key(key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def test_reads_a_certificate() -> None:
    told = describe(real())
    assert told == Certificate(
        sha256=sha256(real()).hexdigest(),
        sha1=sha1(real()).hexdigest(),
        subject="CN=a.example",
        issuer='CN=\\ #Root\\ ,emailAddress=ca@a.example,O=Münze\\, \\"Test\\" \\+ Co,C=DE',
        serial="abcdef0123",
        not_before_ns=int(DAY.timestamp()) * NS,
        not_after_ns=int(DAY.replace(year=2027).timestamp()) * NS,
        subject_alternative_names=(
            "dns:a.example",
            "dns:*.a.example",
            "ip:192.0.2.1",
            "ip:2001:db8::1",
            "email:who@a.example",
            "uri:https://a.example/",
            "dirname:CN=inside",
            "rid:1.2.3.4",
            "other:2.5.4.3",
        ),
        key_type="ec",
        key_bits=256,
        key="ec:secp256r1",
        signature_algorithm="ecdsa-with-SHA256",
        self_signed=False,
        is_ca=True,
        error=None,
    )


def test_names_are_as_the_library_writes_them() -> None:
    names = {x509.ObjectIdentifier("1.2.840.113549.1.9.1"): "emailAddress"}
    assert describe(real()).issuer == x509.load_der_x509_certificate(real()).issuer.rfc4514_string(names)


def test_what_is_built_here_is_a_certificate() -> None:
    told = describe(certificate())
    assert told.error is None
    assert (told.subject, told.issuer) == ("CN=a.example", "CN=Root,O=Root\\, Inc.,C=US")
    assert (told.serial, told.is_ca, told.self_signed) == ("1234", False, False)
    assert told.subject_alternative_names == ()


@pytest.mark.parametrize(
    ("key", "told"),
    [
        (public_key(rsa.generate_private_key(65537, 2048).public_key()), ("rsa", 2048, "rsa:2048")),
        (public_key(ec.generate_private_key(ec.SECP384R1()).public_key()), ("ec", 384, "ec:secp384r1")),
        (public_key(ed25519.Ed25519PrivateKey.generate().public_key()), ("ed25519", None, "ed25519")),
        (tlv(0x30, tlv(0x30, oid("strange")), tlv(0x03, b"\0")), ("1.2.3.4", None, "1.2.3.4")),
    ],
    ids=("rsa", "ec", "ed25519", "unknown"),
)
def test_names_the_key(key: bytes, told: tuple[str, int | None, str]) -> None:
    described = describe(certificate(key=key))
    assert (described.key_type, described.key_bits, described.key) == told
    assert described.subject == "CN=a.example"


def test_a_negative_serial_number_keeps_its_sign() -> None:
    assert describe(certificate(serial=b"\xff")).serial == "-1"
    assert describe(certificate(serial=b"\x00\xff")).serial == "ff"


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("500101000000Z", int(datetime(1950, 1, 1, tzinfo=UTC).timestamp()) * NS),
        ("491231235959Z", int(datetime(2049, 12, 31, 23, 59, 59, tzinfo=UTC).timestamp()) * NS),
        ("20500101000000Z", int(datetime(2050, 1, 1, tzinfo=UTC).timestamp()) * NS),
        ("99991231235959Z", MAX_INSTANT_NS),
        ("00010101000000Z", -MAX_INSTANT_NS),
        ("2401020304Z", int(datetime(2024, 1, 2, 3, 4, tzinfo=UTC).timestamp()) * NS),
        ("240102030405+0100", int(datetime(2024, 1, 2, 2, 4, 5, tzinfo=UTC).timestamp()) * NS),
        ("240231000000Z", 0),
        ("soon", 0),
    ],
)
def test_reads_instants_that_calendars_have(text: str, instant: int) -> None:
    assert describe(certificate(validity=("240102030405Z", text))).not_after_ns == instant


def test_a_default_that_is_spelled_out_hides_nothing() -> None:
    told = describe(
        certificate(
            extensions=[basic_constraints(tlv(0x01, b"\0")), alternative_names(tlv(0x82, b"a.example"))], version=b"\0"
        )
    )
    assert told.subject_alternative_names == ("dns:a.example",)
    assert told.is_ca is False
    assert told.error and told.error.startswith("breaks the rules of DER: EncodedDefault in ")


def test_control_characters_and_what_turns_text_around_are_escaped() -> None:
    subject = name(attribute("CN", "a\x1b[2J\u202eb"), attribute("O", b"x\0y", PRINTABLE))
    told = describe(certificate(subject=subject, extensions=[alternative_names(tlv(0x82, b"a\nb"))]))
    assert told.subject == "O=x\\00y,CN=a\\1B[2J\\E2\\80\\AEb"
    assert told.subject_alternative_names == ("dns:a\\0Ab",)


def test_reads_names_in_other_encodings_and_of_other_kinds() -> None:
    subject = name(attribute("CN", "日本".encode("utf-16-be"), BMP), attribute("strange", b"\xe9", 0x14))
    assert describe(certificate(subject=subject)).subject == "1.2.3.4=é,CN=日本"


def test_attributes_that_stand_together_are_joined() -> None:
    both = tlv(0x30, tlv(0x31, attribute("CN", "a"), attribute("O", "b")))
    assert describe(certificate(subject=both)).subject == "CN=a+O=b"


def test_a_certificate_with_one_name_for_both_is_self_signed() -> None:
    same = name(attribute("CN", "self"))
    assert describe(certificate(issuer=same, subject=same)).self_signed is True


def test_keeps_only_so_many_names() -> None:
    names = alternative_names(*(tlv(0x82, b"%d" % n) for n in range(MAX_NAMES + 5)))
    assert len(describe(certificate(extensions=[names])).subject_alternative_names) == MAX_NAMES


def test_a_raw_public_key_is_named_as_such() -> None:
    told = describe(EC_KEY)
    assert (told.key, told.error) == ("ec:secp256r1", "a raw public key, not a certificate")
    assert told.subject is None


def test_bytes_that_are_no_certificate_have_digests_and_an_error() -> None:
    told = describe(b"hello")
    assert told.sha256 == sha256(b"hello").hexdigest()
    assert told.subject is None and told.key is None
    assert told.error


def test_a_certificate_cut_anywhere_says_what_is_left_of_it() -> None:
    der = real()
    for size in range(len(der)):
        told = describe(der[:size])
        assert told.error
    assert describe(der[: len(der) * 3 // 4]).subject == "CN=a.example"


@given(st.data())
def test_no_change_of_a_certificate_raises_or_lets_unsafe_text_through(data: st.DataObject) -> None:
    der = bytearray(real())
    for at in data.draw(st.lists(st.integers(0, len(der) - 1), max_size=6)):
        der[at] = data.draw(st.integers(0, 255))
    told = describe(bytes(der))
    for value in told:
        for text in value if isinstance(value, tuple) else (value,):
            if isinstance(text, str):
                assert not any(unicodedata.category(one) in ("Cc", "Cf", "Cs", "Zl", "Zp") for one in text)


@given(st.binary(max_size=80))
def test_no_bytes_raise(der: bytes) -> None:
    assert isinstance(describe(der), Certificate)
    assert isinstance(describe(tlv(0x30, tlv(0x30, der))), Certificate)
