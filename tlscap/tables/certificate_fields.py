"""The fields of a certificate, found by their places in the DER (RFC 5280 §4.1).

Strict readers refuse what real servers send and clients accept: a default that is spelled out, a NUL in
a name, a version that does not fit. Here such a certificate still says what it says.
"""

from __future__ import annotations

import ipaddress
import re
from datetime import UTC, datetime, timedelta

from tlscap.tables.der import (
    BIT_STRING,
    BOOLEAN,
    INTEGER,
    OCTET_STRING,
    OID,
    SEQUENCE,
    UTC_TIME,
    Element,
    dotted,
    elements,
)
from tlscap.tables.distinguished_name import render_name, safe

MAX_NAMES = 1000
"""Alternative names kept of a certificate. Its issuer chooses; a CDN's have up to some hundreds."""

MAX_INSTANT_NS = (1 << 63) - 1
"""Nanoseconds end in the year 2262; "no expiry" is written as the year 9999 (RFC 5280 §4.1.2.5)."""

_VERSION, _EXTENSIONS = 0xA0, 0xA3
_ALTERNATIVE_NAME, _BASIC_CONSTRAINTS = "2.5.29.17", "2.5.29.19"
_KINDS = {0x81: "email", 0x82: "dns", 0x86: "uri"}
_OTHER_NAME, _DIRECTORY_NAME, _ADDRESS, _REGISTERED_ID = 0xA0, 0xA4, 0x87, 0x88
_AFTER_YEAR = r"(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?(?:\.\d+)?(?:Z|([+-])(\d\d)(\d\d))?"
_SHORT_TIME = re.compile(r"(\d\d)" + _AFTER_YEAR, re.ASCII)
_LONG_TIME = re.compile(r"(\d\d\d\d)" + _AFTER_YEAR, re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Fields:
    """What was found; None, () or 0 where it was not. Instants that cannot be held are clamped."""

    __slots__ = (
        "is_ca", "issuer", "not_after_ns", "not_before_ns", "public_key", "self_signed", "serial", "signature_oid",
        "subject", "subject_alternative_names",
    )  # fmt: skip

    def __init__(self) -> None:
        self.serial: str | None = None  # hexadecimal, with a minus sign if the issuer made it negative
        self.signature_oid = ""
        self.issuer: str | None = None  # RFC 4514
        self.subject: str | None = None
        self.self_signed: bool | None = None  # subject and issuer are the same
        self.not_before_ns = 0
        self.not_after_ns = 0
        self.public_key = b""  # SubjectPublicKeyInfo
        self.subject_alternative_names: tuple[str, ...] = ()  # dns:, ip:, email:, uri:, dirname:, rid:, other:
        self.is_ca: bool | None = None


def read_fields(der: bytes) -> Fields:
    """Reads a certificate as far as it goes; never raises."""
    fields = Fields()
    certificate = next(elements(der), None)
    to_be_signed = next(certificate.children(), None) if certificate and certificate.tag == SEQUENCE else None
    if to_be_signed is None or to_be_signed.tag != SEQUENCE:
        return fields
    parts = [part for part in to_be_signed.children() if part.tag != _VERSION]
    tags = [part.tag for part in parts[:6]]
    if tags != [INTEGER, SEQUENCE, SEQUENCE, SEQUENCE, SEQUENCE, SEQUENCE][: len(tags)]:
        return fields
    for part, read in zip(parts, (_serial, _signature, _issuer, _validity, _subject, _public_key)):
        read(fields, part)
    if len(parts) >= 5:
        fields.self_signed = parts[2].content == parts[4].content
    if len(parts) >= 6:
        _extensions(fields, parts[6:])
    return fields


def _serial(fields: Fields, part: Element) -> None:
    fields.serial = f"{int.from_bytes(part.content, signed=True):x}"


def _signature(fields: Fields, part: Element) -> None:
    algorithm = part.child(OID)
    fields.signature_oid = dotted(algorithm.content) if algorithm else ""


def _issuer(fields: Fields, part: Element) -> None:
    fields.issuer = render_name(part)


def _validity(fields: Fields, part: Element) -> None:
    instants = [read_instant(instant.tag, instant.content) for instant in part.children()]
    fields.not_before_ns, fields.not_after_ns = (instants + [0, 0])[:2]


def _subject(fields: Fields, part: Element) -> None:
    fields.subject = render_name(part)


def _public_key(fields: Fields, part: Element) -> None:
    if part.child(BIT_STRING):
        fields.public_key = part.encoded


def _extensions(fields: Fields, parts: list[Element]) -> None:
    fields.is_ca = False
    outer = next((part.child(SEQUENCE) for part in parts if part.tag == _EXTENSIONS), None)
    for extension in outer.children() if outer else ():
        kind, value = extension.child(OID), extension.child(OCTET_STRING)
        content = next(elements(value.content), None) if value else None
        if kind is None or content is None:
            continue
        if dotted(kind.content) == _ALTERNATIVE_NAME:
            fields.subject_alternative_names = tuple(
                _general_name(name) for _, name in zip(range(MAX_NAMES), content.children())
            )
        elif dotted(kind.content) == _BASIC_CONSTRAINTS:
            flag = content.child(BOOLEAN)
            fields.is_ca = flag is not None and any(flag.content)


def _general_name(name: Element) -> str:
    if name.tag in _KINDS:
        return safe(f"{_KINDS[name.tag]}:{name.content.decode('latin-1')}")
    if name.tag == _ADDRESS and len(name.content) in (4, 16):
        return f"ip:{ipaddress.ip_address(name.content)}"
    if name.tag == _DIRECTORY_NAME:
        return f"dirname:{''.join(map(render_name, name.children()))}"
    if name.tag == _REGISTERED_ID:
        return f"rid:{dotted(name.content)}"
    kind = name.child(OID) if name.tag == _OTHER_NAME else None
    return f"other:{dotted(kind.content)}" if kind else f"other:#{name.encoded.hex()}"


def read_instant(tag: int, content: bytes) -> int:
    """UTCTime or GeneralizedTime in nanoseconds, 0 if it is no time."""
    form = _SHORT_TIME if tag == UTC_TIME else _LONG_TIME
    match = form.fullmatch(content.decode("latin-1"))
    if match is None:
        return 0
    year, month, day, hour, minute = (int(part) for part in match.groups()[:5])
    if tag == UTC_TIME:
        year += 1900 if year >= 50 else 2000  # RFC 5280 §4.1.2.5.1
    try:
        moment = datetime(year, month, day, hour, minute, int(match[6] or 0), tzinfo=UTC)
        if match[7]:
            offset = timedelta(hours=int(match[8]), minutes=int(match[9]))
            moment += offset if match[7] == "-" else -offset
    except (ValueError, OverflowError):  # the 31st of February, or beyond the year 9999
        return 0
    since = (moment - _EPOCH) // timedelta(seconds=1) * 1_000_000_000
    return max(-MAX_INSTANT_NS, min(since, MAX_INSTANT_NS))
