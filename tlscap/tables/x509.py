"""What one certificate says, whoever made it.

Certificates come from whoever sends them: with negative serial numbers, dates beyond any calendar, or
bytes that are no certificate. What can be read is read, text is made safe to show on one line, and
`error` is what a strict reader has against it.
"""

from __future__ import annotations

import re
import warnings
from hashlib import sha1, sha256
from typing import NamedTuple

from tlscap.tables.certificate_fields import Fields, read_fields
from tlscap.tables.der import dotted, elements
from tlscap.tables.distinguished_name import safe
from tlscap.tables.in_order import SIGNATURES, is_in_order
from tlscap.tables.public_key import load, read_key

_USUAL_ALGORITHMS = {dotted(next(elements(content)).content): name for content, name in SIGNATURES.items()}
"""Names by OID, for which the library need not be imported."""

_PARSE_ERROR = r"ParseError \{ kind: (\w+).*?(?:location: \[(.*?)\])?\s*\}$"  # compiled where there is one
_PLACE = r'"([^"]*)"'


class Certificate(NamedTuple):
    """One certificate; None, () or 0 where a field could not be read."""

    sha256: str
    sha1: str
    subject: str | None = None  # RFC 4514: the most specific attribute first
    issuer: str | None = None
    serial: str | None = None  # hexadecimal, with a minus sign if the issuer made it negative
    not_before_ns: int = 0
    not_after_ns: int = 0  # 2262-04-11 stands for all that is later
    subject_alternative_names: tuple[str, ...] = ()  # dns:, ip:, email:, uri:, dirname:, rid:, other:
    key_type: str | None = None  # rsa, ec, dsa, ed25519, ..., or the OID of one that is not known
    key_bits: int | None = None
    key: str | None = None  # rsa:2048, ec:secp256r1, ed25519, ...
    signature_algorithm: str | None = None
    self_signed: bool | None = None  # subject and issuer are the same
    is_ca: bool | None = None
    error: str | None = None


def describe(der: bytes) -> Certificate:
    """Reads a certificate, or a raw public key (RFC 7250); never raises."""
    fields = read_fields(der)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what is unusual in a certificate; it is not ours
        raw_key = fields.serial is None and load(der) is not None
        key = read_key(der if raw_key else fields.public_key)
        return Certificate(
            sha256=sha256(der).hexdigest(),
            sha1=sha1(der, usedforsecurity=False).hexdigest(),
            subject=fields.subject,
            issuer=fields.issuer,
            serial=fields.serial,
            not_before_ns=fields.not_before_ns,
            not_after_ns=fields.not_after_ns,
            subject_alternative_names=fields.subject_alternative_names,
            key_type=key.kind,
            key_bits=key.bits,
            key=key.name,
            signature_algorithm=_algorithm_name(fields),
            self_signed=fields.self_signed,
            is_ca=fields.is_ca,
            error="a raw public key, not a certificate" if raw_key else _objection(der),
        )


def _objection(der: bytes) -> str | None:
    return None if is_in_order(der) else library_objection(der)


def library_objection(der: bytes) -> str | None:
    """What a strict reader says against the certificate, None if nothing."""
    from cryptography import x509

    try:
        certificate = x509.load_der_x509_certificate(der)
        for part in ("serial_number", "subject", "issuer", "not_valid_before_utc", "not_valid_after_utc", "extensions"):
            getattr(certificate, part)
    except Exception as error:  # what the library raises depends on how the certificate is broken
        return _in_short(error)
    return None


def _in_short(error: Exception) -> str:
    """One line of a library's error, its rendering of a parse error in words."""
    text = str(error)
    broken = re.search(_PARSE_ERROR, text)
    if broken:
        places: list[str] = re.findall(_PLACE, broken[2] or "")
        return f"breaks the rules of DER: {broken[1]}" + (f" in {places[-1]}" if places else "")
    return safe(text.splitlines()[0] if text else type(error).__name__)


def _algorithm_name(fields: Fields) -> str | None:
    """`sha256WithRSAEncryption`, or the OID of an algorithm that the library has no name for."""
    usual = _USUAL_ALGORITHMS.get(fields.signature_oid)
    if usual is not None:
        return usual
    from cryptography.x509 import ObjectIdentifier

    try:
        name: str = ObjectIdentifier(fields.signature_oid)._name
    except ValueError:  # no OID
        return fields.signature_oid or None
    return fields.signature_oid if name == "Unknown OID" else name
