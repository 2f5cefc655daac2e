"""Tells certificates that a strict reader has nothing against, without one.

The library that reads strictly takes a twentieth of a second to import, and most certificates are alike:
X.509 v3, a usual key, a dozen kinds of extensions in their usual forms. What has only these forms is in
order (RFC 5280 §4). All else is doubtful, which says nothing against it: then the library is asked.
"""

from __future__ import annotations

from collections.abc import Callable

from tlscap.tables.certificate_fields import read_instant
from tlscap.tables.der import BIT_STRING, BOOLEAN, INTEGER, OCTET_STRING, OID, SEQUENCE, SET, UTC_TIME, dotted
from tlscap.tables.distinguished_name import SHORT_NAMES
from tlscap.tables.public_key import usual_key
from tlscap.tables.strict_der import Doubt, check, check_oid, inside, parts, positive, some, whole_bytes

_VERSION, _EXTENSIONS = 0xA0, 0xA3
_V3 = b"\x02\x01\x02"
_TRUE = b"\xff"
_MAX_SERIAL_BYTES = 20  # RFC 5280 §4.1.2.2
_PRACTICE_STATEMENT = bytes.fromhex("2b06010505070201")  # id-qt-cps (RFC 5280 §4.2.1.4)
_SHA256, _RSA, _ECDSA = 4, 1, 3  # of signature and hash algorithms (RFC 5246 §7.4.1.4.1)
_UTF8, _PRINTABLE, _IA5 = 0x0C, 0x13, 0x16
_PRINTABLE_CHARACTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 '()+,-./:=?"  # X.680 §41.4
_UTC_DIGITS = 12

SIGNATURES = {
    bytes.fromhex("06092a864886f70d0101050500"): "sha1WithRSAEncryption",
    bytes.fromhex("06092a864886f70d01010b0500"): "sha256WithRSAEncryption",
    bytes.fromhex("06092a864886f70d01010c0500"): "sha384WithRSAEncryption",
    bytes.fromhex("06092a864886f70d01010d0500"): "sha512WithRSAEncryption",
    bytes.fromhex("06082a8648ce3d040302"): "ecdsa-with-SHA256",
    bytes.fromhex("06082a8648ce3d040303"): "ecdsa-with-SHA384",
    bytes.fromhex("06032b6570"): "ed25519",
}
"""Usual AlgorithmIdentifiers: the content (an OID, for RSA a NULL), and the name that the library has for it."""


def is_in_order(der: bytes) -> bool:
    """Whether a strict reader has nothing against the certificate; False where only such a one can tell."""
    try:
        (certificate,) = inside(der, SEQUENCE)
        to_be_signed, algorithm, signature = inside(certificate, SEQUENCE, SEQUENCE, BIT_STRING)
        check(algorithm in SIGNATURES)
        whole_bytes(signature)
        _check_content(to_be_signed, algorithm)
    except Doubt:
        return False
    return True


def _check_content(to_be_signed: bytes, algorithm: bytes) -> None:
    """The TBSCertificate, with all its fields but the unique identifiers."""
    names = (_VERSION, INTEGER, SEQUENCE, SEQUENCE, SEQUENCE, SEQUENCE, SEQUENCE, _EXTENSIONS)
    version, serial, same, issuer, validity, subject, key, extensions = inside(to_be_signed, *names)
    check(version == _V3 and same == algorithm and len(serial) <= _MAX_SERIAL_BYTES)
    positive(serial)
    _check_name(issuer)
    for instant in inside(validity, UTC_TIME, UTC_TIME):
        check(_is_utc(instant) and read_instant(UTC_TIME, instant) != 0)
    _check_name(subject)
    check(usual_key(key) is not None)
    _check_extensions(extensions)


def _is_utc(instant: bytes) -> bool:
    """Whether it is spelled as DER wants a UTCTime, with seconds and in Greenwich (X.690 §11.8)."""
    return len(instant) == _UTC_DIGITS + 1 and instant[:-1].isdigit() and instant.endswith(b"Z")


def _check_name(name: bytes) -> None:
    """A Name of attributes that stand alone."""
    for tag, rdn in parts(name):
        check(tag == SET)
        (attribute,) = inside(rdn, SEQUENCE)
        (tag, kind), (form, text) = _pair(parts(attribute))
        check(tag == OID)
        check(dotted(kind) in SHORT_NAMES and len(text) > 0)
        if form == _PRINTABLE:
            check(not text.translate(None, _PRINTABLE_CHARACTERS))
        elif form == _IA5:
            check(text.isascii())
        else:
            check(form == _UTF8 and _is_utf8(text))


def _pair(found: list[tuple[int, bytes]]) -> list[tuple[int, bytes]]:
    check(len(found) == 2)
    return found


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def _check_extensions(content: bytes) -> None:
    (sequence,) = inside(content, SEQUENCE)
    kinds = set()
    for extension in some(sequence, SEQUENCE):
        found = parts(extension)
        if len(found) == 3:
            check(found.pop(1) == (BOOLEAN, _TRUE))
        (first, kind), (second, value) = _pair(found)
        check(first == OID and second == OCTET_STRING and kind not in kinds)
        kinds.add(kind)
        form = _FORMS.get(kind)
        if form is None:
            raise Doubt
        form(value)


def _basic_constraints(value: bytes) -> None:
    (content,) = inside(value, SEQUENCE)
    check(
        content in (b"", b"\x01\x01\xff")
        or (content[:5] == b"\x01\x01\xff\x02\x01" and len(content) == 6 and content[5] < 0x80)
    )


def _key_usage(value: bytes) -> None:
    (bits,) = inside(value, BIT_STRING)
    unused = bits[:1]
    check(len(bits) == 2 and b"\0" < unused < b"\x08")  # with the last bit, encipherOnly, other rules come
    check(bits[1] >> unused[0] & 1 == 1 and bits[1] & (1 << unused[0]) - 1 == 0)


def _extended_key_usage(value: bytes) -> None:
    (content,) = inside(value, SEQUENCE)
    for purpose in some(content, OID):
        check_oid(purpose)


def _subject_key(value: bytes) -> None:
    (identifier,) = inside(value, OCTET_STRING)
    check(len(identifier) > 0)


def _authority_key(value: bytes) -> None:
    (content,) = inside(value, SEQUENCE)
    (identifier,) = inside(content, 0x80)
    check(len(identifier) > 0)


def _alternative_names(value: bytes) -> None:
    (content,) = inside(value, SEQUENCE)
    names = parts(content)
    check(bool(names))
    for tag, name in names:
        check((tag == 0x82 and len(name) > 0 and name.isascii()) or (tag == 0x87 and len(name) in (4, 16)))


def _information_access(value: bytes) -> None:
    (content,) = inside(value, SEQUENCE)
    for description in some(content, SEQUENCE):
        method, place = inside(description, OID, 0x86)
        check_oid(method)
        check(place.isascii())


def _distribution_points(value: bytes) -> None:
    (content,) = inside(value, SEQUENCE)
    for point in some(content, SEQUENCE):
        (name,) = inside(point, 0xA0)
        (full,) = inside(name, 0xA0)
        check(all(place.isascii() for place in some(full, 0x86)))


def _policies(value: bytes) -> None:
    (content,) = inside(value, SEQUENCE)
    kinds = set()
    for policy in some(content, SEQUENCE):
        (tag, kind), *more = parts(policy) or [(0, b"")]
        check(tag == OID and kind not in kinds and len(more) < 2)
        check_oid(kind)
        kinds.add(kind)
        for tag, qualifiers in more:
            check(tag == SEQUENCE)
            for qualifier in some(qualifiers, SEQUENCE):
                what, place = inside(qualifier, OID, _IA5)
                check(what == _PRACTICE_STATEMENT and place.isascii())


def _timestamps(value: bytes) -> None:
    """Signed certificate timestamps of version 1, without extensions (RFC 6962 §3.2, §3.3)."""
    (content,) = inside(value, OCTET_STRING)
    (listed,) = _prefixed(content, least=1, most=1)
    for timestamp in _prefixed(listed, least=1):
        check(len(timestamp) > 47 and timestamp[0] == 0 and timestamp[41:43] == b"\0\0")
        check(timestamp[43] == _SHA256 and timestamp[44] in (_RSA, _ECDSA))
        _prefixed(timestamp[45:], least=1, most=1)


def _prefixed(data: bytes, least: int, most: int = 100) -> list[bytes]:
    """What stands behind lengths of two bytes, one after the other."""
    found = []
    at = 0
    while at < len(data):
        end = at + 2 + int.from_bytes(data[at : at + 2])
        check(at + 2 < end <= len(data))
        found.append(data[at + 2 : end])
        at = end
    check(least <= len(found) <= most)
    return found


_FORMS: dict[bytes, Callable[[bytes], None]] = {
    bytes.fromhex("551d0e"): _subject_key,
    bytes.fromhex("551d0f"): _key_usage,
    bytes.fromhex("551d11"): _alternative_names,
    bytes.fromhex("551d13"): _basic_constraints,
    bytes.fromhex("551d1f"): _distribution_points,
    bytes.fromhex("551d20"): _policies,
    bytes.fromhex("551d23"): _authority_key,
    bytes.fromhex("551d25"): _extended_key_usage,
    bytes.fromhex("2b06010505070101"): _information_access,
    bytes.fromhex("2b06010401d679020402"): _timestamps,
}
"""The usual extensions by the content of their OIDs (RFC 5280 §4.2)."""
