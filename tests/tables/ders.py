"""Certificates built element by element, so that every rule can be broken."""

from __future__ import annotations

from collections.abc import Sequence

OIDS = {"CN": "550403", "O": "55040a", "C": "550406", "email": "2a864886f70d010901", "strange": "2a0304"}
EC_KEY = bytes.fromhex(
    "3059301306072a8648ce3d020106082a8648ce3d030107034200046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
    "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
)
"""A SubjectPublicKeyInfo of P-256: its generator."""

UTF8, PRINTABLE, BMP = 0x0C, 0x13, 0x1E


def tlv(tag: int, *contents: bytes) -> bytes:
    content = b"".join(contents)
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    width = (size.bit_length() + 7) // 8
    return bytes((tag, 0x80 | width)) + size.to_bytes(width) + content


def oid(name: str) -> bytes:
    return tlv(0x06, bytes.fromhex(OIDS.get(name, name)))


def attribute(kind: str, value: str | bytes, tag: int = UTF8) -> bytes:
    return tlv(0x30, oid(kind), tlv(tag, value.encode() if isinstance(value, str) else value))


def name(*attributes: bytes) -> bytes:
    return tlv(0x30, *(tlv(0x31, one) for one in attributes))


def time(text: str) -> bytes:
    """GeneralizedTime if the year has four digits, else UTCTime."""
    return tlv(0x18 if text[:14].isdigit() else 0x17, text.encode())


def extension(kind: str, value: bytes) -> bytes:
    return tlv(0x30, oid(kind), tlv(0x04, value))


def alternative_names(*names: bytes) -> bytes:
    return extension("551d11", tlv(0x30, *names))


def basic_constraints(*content: bytes) -> bytes:
    return extension("551d13", tlv(0x30, *content))


ROOT = name(attribute("C", "US", PRINTABLE), attribute("O", "Root, Inc."), attribute("CN", "Root"))
SITE = name(attribute("CN", "a.example"))
SIGNATURE = tlv(0x30, oid("2a8648ce3d040302"))  # ecdsa-with-SHA256


def certificate(
    serial: bytes = b"\x12\x34",
    issuer: bytes = ROOT,
    subject: bytes = SITE,
    validity: tuple[str, str] = ("240102030405Z", "340102030405Z"),
    key: bytes = EC_KEY,
    extensions: Sequence[bytes] = (),
    version: bytes = b"\x02",
    signature: bytes = SIGNATURE,
) -> bytes:
    body = [
        tlv(0xA0, tlv(0x02, version)),
        tlv(0x02, serial),
        signature,
        issuer,
        tlv(0x30, *map(time, validity)),
        subject,
        key,
    ]
    if extensions:
        body.append(tlv(0xA3, tlv(0x30, *extensions)))
    return tlv(0x30, tlv(0x30, *body), signature, tlv(0x03, b"\0" + bytes(8)))
