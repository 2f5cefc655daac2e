"""What is told to be in order without the library that reads strictly is what that library has nothing against."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from functools import cache

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from hypothesis import given
from hypothesis import strategies as st

from tables.ders import (
    PRINTABLE,
    alternative_names,
    attribute,
    basic_constraints,
    certificate,
    extension,
    name,
    oid,
    tlv,
)
from tlscap.tables.in_order import is_in_order
from tlscap.tables.public_key import Key, read_key, usual_key
from tlscap.tables.strict_der import inside
from tlscap.tables.x509 import library_objection

PLAIN = alternative_names(tlv(0x82, b"a.example"))
TIMESTAMP = bytes(1 + 32 + 8 + 2) + b"\x04\x03\x00\x02\xab\xcd"


def usual_in(der: bytes) -> Key | None:
    return usual_key(inside(der, 0x30)[0])


def prefixed(data: bytes) -> bytes:
    return len(data).to_bytes(2) + data


def timestamps(*listed: bytes) -> bytes:
    return extension("2b06010401d679020402", tlv(0x04, prefixed(b"".join(map(prefixed, listed)))))


def policies(*listed: bytes) -> bytes:
    return extension("551d20", tlv(0x30, *listed))


STATEMENT = tlv(0x30, oid("2b06010505070201"), tlv(0x16, b"https://ca.example/cps"))
POLICY = tlv(0x30, oid("strange"), tlv(0x30, STATEMENT))

USUAL = {
    "names": alternative_names(tlv(0x82, b"a.example"), tlv(0x87, bytes(4)), tlv(0x87, bytes(16))),
    "no CA": basic_constraints(),
    "a CA": basic_constraints(tlv(0x01, b"\xff"), tlv(0x02, b"\x01")),
    "usage": extension("551d0f", tlv(0x03, b"\x05\xa0")),
    "purposes": extension("551d25", tlv(0x30, oid("2b06010505070301"), oid("2b06010505070302"))),
    "own key": extension("551d0e", tlv(0x04, bytes(20))),
    "CA's key": extension("551d23", tlv(0x30, tlv(0x80, bytes(20)))),
    "access": extension("2b06010505070101", tlv(0x30, tlv(0x30, oid("strange"), tlv(0x86, b"http://ca.example")))),
    "lists": extension("551d1f", tlv(0x30, tlv(0x30, tlv(0xA0, tlv(0xA0, tlv(0x86, b"http://ca.example")))))),
    "policies": policies(tlv(0x30, oid("2b0601")), POLICY),
    "timestamps": timestamps(TIMESTAMP, TIMESTAMP),
}

DOUBTFUL = {
    "version 1": certificate(extensions=[PLAIN], version=b"\0"),
    "negative serial": certificate(extensions=[PLAIN], serial=b"\x80"),
    "long serial": certificate(extensions=[PLAIN], serial=b"\x01" + bytes(20)),
    "padded serial": certificate(extensions=[PLAIN], serial=b"\0\x01"),
    "no extensions": certificate(),
    "extension twice": certificate(extensions=[PLAIN, PLAIN]),
    "unknown extension": certificate(extensions=[extension("strange", tlv(0x04, b"x"))]),
    "default spelled out": certificate(extensions=[basic_constraints(tlv(0x01, b"\0"))]),
    "long path": certificate(extensions=[basic_constraints(tlv(0x01, b"\xff"), tlv(0x02, b"\x01\x00"))]),
    "padded bits": certificate(extensions=[extension("551d0f", tlv(0x03, b"\x05\xa1"))]),
    "encipher only": certificate(extensions=[extension("551d0f", tlv(0x03, b"\0\x01"))]),
    "address of 5 bytes": certificate(extensions=[alternative_names(tlv(0x87, bytes(5)))]),
    "name not ASCII": certificate(extensions=[alternative_names(tlv(0x82, b"\xe9"))]),
    "no name": certificate(extensions=[alternative_names()]),
    "timestamp of version 2": certificate(extensions=[timestamps(b"\x01" + TIMESTAMP[1:])]),
    "timestamp cut": certificate(extensions=[timestamps(TIMESTAMP[:-1])]),
    "no timestamp": certificate(extensions=[timestamps()]),
    "policy twice": certificate(extensions=[policies(POLICY, POLICY)]),
    "empty policy": certificate(extensions=[policies(tlv(0x30))]),
    "no month 13": certificate(extensions=[PLAIN], validity=("241302030405Z", "340102030405Z")),
    "no seconds": certificate(extensions=[PLAIN], validity=("2401020304Z", "340102030405Z")),
    "a time of four digits": certificate(extensions=[PLAIN], validity=("20240102030405Z", "340102030405Z")),
    "not printable": certificate(extensions=[PLAIN], subject=name(attribute("CN", "a*b", PRINTABLE))),
    "not UTF-8": certificate(extensions=[PLAIN], subject=name(attribute("CN", b"\xff"))),
    "empty attribute": certificate(extensions=[PLAIN], subject=name(attribute("CN", ""))),
    "strange key": certificate(extensions=[PLAIN], key=tlv(0x30, tlv(0x30, oid("strange")), tlv(0x03, b"\0x"))),
    "a key of 64 KiB": certificate(
        extensions=[PLAIN], key=tlv(0x30, tlv(0x30, oid("strange")), tlv(0x03, bytes(1 << 16)))
    ),
    "strange signature": certificate(extensions=[PLAIN], signature=tlv(0x30, oid("strange"))),
    "bytes behind it": certificate(extensions=[PLAIN]) + b"\0",
    "cut": certificate(extensions=[PLAIN])[:-1],
    "a length in more bytes": b"\x30\x83\x00" + certificate(extensions=[PLAIN])[2:],
}


@cache
def of_the_library() -> bytes:
    """What a public CA would issue, with all that it says."""
    key = rsa.generate_private_key(65537, 2048)
    who = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "DE"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Münze"),
            x509.NameAttribute(NameOID.EMAIL_ADDRESS, "ca@a.example"),
            x509.NameAttribute(NameOID.COMMON_NAME, "a.example"),
        ]
    )
    usage = x509.KeyUsage(True, False, True, False, False, False, False, False, False)
    policy = x509.PolicyInformation(x509.ObjectIdentifier("2.23.140.1.2.1"), ["https://ca.example/cps"])
    place = x509.UniformResourceIdentifier("http://ca.example/")
    access = x509.AccessDescription(x509.ObjectIdentifier("1.3.6.1.5.5.7.48.1"), place)
    values = (
        x509.SubjectAlternativeName([x509.DNSName("*.a.example")]),
        x509.BasicConstraints(ca=False, path_length=None),
        usage,
        x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]),
        x509.SubjectKeyIdentifier.from_public_key(key.public_key()),
        x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()),
        x509.AuthorityInformationAccess([access]),
        x509.CRLDistributionPoints([x509.DistributionPoint([place], None, None, None)]),
        x509.CertificatePolicies([policy]),
    )
    builder = x509.CertificateBuilder(who, who, key.public_key(), 4711)
    builder = builder.not_valid_before(datetime(2026, 3, 1, tzinfo=UTC)).not_valid_after(
        datetime(2027, 3, 1, tzinfo=UTC)
    )
    for value in values:
        builder = builder.add_extension(value, critical=isinstance(value, x509.BasicConstraints | x509.KeyUsage))
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


@pytest.mark.parametrize("kind", USUAL)
def test_usual_extensions_are_in_order(kind: str) -> None:
    der = certificate(extensions=[USUAL[kind]])
    assert is_in_order(der)
    assert library_objection(der) is None


def test_what_a_public_ca_issues_is_in_order() -> None:
    assert is_in_order(of_the_library())
    assert is_in_order(certificate(extensions=list(USUAL.values())[2:]))


@pytest.mark.parametrize("kind", DOUBTFUL)
def test_what_may_break_a_rule_is_left_to_the_library(kind: str) -> None:
    assert not is_in_order(DOUBTFUL[kind])


@given(st.data())
def test_nothing_that_the_library_objects_to_is_in_order(data: st.DataObject) -> None:
    der = bytearray(data.draw(st.sampled_from((of_the_library(), certificate(extensions=list(USUAL.values())[2:])))))
    for at in data.draw(st.lists(st.integers(0, len(der) - 1), max_size=3)):
        der[at] = data.draw(st.sampled_from((0, 1, 0x7F, 0x80, 0xFF, der[at] ^ 1, der[at] ^ 0x20, (der[at] + 1) & 255)))
    if is_in_order(bytes(der)):
        assert library_objection(bytes(der)) is None


@pytest.mark.parametrize("size", (1024, 2048, 3072, 4096))
def test_rsa_keys_are_read_as_the_library_reads_them(size: int) -> None:
    usual = usual_in(encoded(rsa.generate_private_key(65537, size).public_key()))
    assert usual == ("rsa", size, f"rsa:{size}")


@pytest.mark.parametrize("curve", (ec.SECP256R1(), ec.SECP384R1()), ids=lambda curve: curve.name)
def test_points_on_usual_curves_are_read(curve: ec.EllipticCurve) -> None:
    for _ in range(20):
        der = encoded(ec.generate_private_key(curve).public_key())
        assert usual_in(der) == ("ec", curve.key_size, f"ec:{curve.name}")
        beside = bytearray(der)
        beside[-1] ^= 1
        assert usual_in(bytes(beside)) is None
        assert read_key(bytes(beside)).bits is None


def test_other_keys_are_left_to_the_library() -> None:
    for key, told in (
        (ed25519.Ed25519PrivateKey.generate().public_key(), "ed25519"),
        (ed448.Ed448PrivateKey.generate().public_key(), "ed448"),
        (ec.generate_private_key(ec.SECP521R1()).public_key(), "ec:secp521r1"),
        (rsa.generate_private_key(3, 2048).public_key(), "rsa:2048"),
    ):
        usual = usual_in(encoded(key))
        assert (usual is not None) == (told == "ed25519")
        assert read_key(encoded(key)).name == told


def test_a_usual_certificate_does_not_import_the_library() -> None:
    code = (
        "import sys; from tlscap.tables.x509 import describe; told = describe(bytes.fromhex(sys.argv[1]))\n"
        "assert told.key == 'rsa:2048' and told.signature_algorithm == 'sha256WithRSAEncryption' and not told.error\n"
        "print('cryptography' in sys.modules)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, of_the_library().hex()], capture_output=True, text=True, check=True
    )
    assert run.stdout == "False\n"


def encoded(
    key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey | ed448.Ed448PublicKey,
) -> bytes:
    return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
