"""What kind of key a SubjectPublicKeyInfo (RFC 5280 §4.1.2.7) holds, and its size.

The usual ones are read here, for the library takes some hundredths of a second to import; it has the last word
on all others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from tlscap.tables.der import BIT_STRING, INTEGER, OID, SEQUENCE, dotted, elements
from tlscap.tables.strict_der import Doubt, check, inside, positive, whole_bytes

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

_RSA = bytes.fromhex("06092a864886f70d0101010500")  # rsaEncryption, NULL (RFC 3279 §2.3.1)
_ED25519 = bytes.fromhex("06032b6570")  # RFC 8410 §3
_EC = bytes.fromhex("06072a8648ce3d0201")  # id-ecPublicKey, before the curve (RFC 5480 §2.1)
_USUAL_RSA_BITS = range(1024, 16_385)
_UNCOMPRESSED = b"\x04"


class Key(NamedTuple):
    """`rsa`, `ec`, `ed25519`, ... or the OID of a kind that is not known; bits; both in a word."""

    kind: str | None
    bits: int | None
    name: str | None


class _Curve(NamedTuple):
    """y² = x³ - 3x + b modulo p (FIPS 186-4 §D.1.2)."""

    name: str
    bits: int
    p: int
    b: int


_CURVES = {
    bytes.fromhex("06082a8648ce3d030107"): _Curve(
        "secp256r1",
        256,
        2**256 - 2**224 + 2**192 + 2**96 - 1,
        0x5AC635D8_AA3A93E7_B3EBBD55_769886BC_651D06B0_CC53B0F6_3BCE3C3E_27D2604B,
    ),
    bytes.fromhex("06052b81040022"): _Curve(
        "secp384r1",
        384,
        2**384 - 2**128 - 2**96 + 2**32 - 1,
        0xB3312FA7_E23EE7E4_988E056B_E3F82D19_181D9C6E_FE814112_0314088F_5013875A_C656398D_8A2ED19D_2A85C8ED_D3EC2AEF,
    ),
}


def read_key(der: bytes) -> Key:
    """The key in a SubjectPublicKeyInfo; never raises."""
    usual = _usual_in(der)
    if usual is not None:
        return usual
    key: Any = load(der) if der else None
    if key is None:
        kind = _oid(der)
        return Key(kind, None, kind)
    from cryptography.hazmat.primitives.asymmetric import ec

    bits: int | None = getattr(key, "key_size", None)
    if isinstance(key, ec.EllipticCurvePublicKey):
        return Key("ec", bits, f"ec:{key.curve.name}")
    kind = type(key).__name__.removesuffix("PublicKey").lower().lstrip("_")
    return Key(kind, bits, kind if bits is None else f"{kind}:{bits}")


def load(der: bytes) -> PublicKeyTypes | None:
    """The key as the library has it, None if it is none or of a kind that the library does not know."""
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    try:
        return load_der_public_key(der)
    except Exception:  # what it raises depends on how the key is broken
        return None


def _usual_in(der: bytes) -> Key | None:
    try:
        (content,) = inside(der, SEQUENCE)
    except Doubt:
        return None
    return usual_key(content)


def usual_key(content: bytes) -> Key | None:
    """An RSA key, one on a usual curve or of Ed25519 that nothing is wrong with, else None.

    `content` is what stands in the SEQUENCE of a SubjectPublicKeyInfo.
    """
    try:
        algorithm, bits = inside(content, SEQUENCE, BIT_STRING)
        key = whole_bytes(bits)
        if algorithm == _RSA:
            return _rsa(key)
        if algorithm == _ED25519:
            check(len(key) == 32)
            return Key("ed25519", None, "ed25519")
        check(algorithm.startswith(_EC))
        return _on_curve(_CURVES.get(algorithm[len(_EC) :]), key)
    except Doubt:
        return None


def _rsa(content: bytes) -> Key:
    (pair,) = inside(content, SEQUENCE)
    modulus, exponent = map(positive, inside(pair, INTEGER, INTEGER))
    bits = modulus.bit_length()
    check(bits in _USUAL_RSA_BITS and modulus % 2 == 1 and exponent == 65537)
    return Key("rsa", bits, f"rsa:{bits}")


def _on_curve(curve: _Curve | None, point: bytes) -> Key:
    if curve is None:
        raise Doubt
    size = curve.bits // 8
    check(len(point) == 1 + 2 * size and point[:1] == _UNCOMPRESSED)
    x, y = int.from_bytes(point[1 : 1 + size]), int.from_bytes(point[1 + size :])
    check(x < curve.p and y < curve.p and (y * y - x * x * x + 3 * x - curve.b) % curve.p == 0)
    return Key("ec", curve.bits, f"ec:{curve.name}")


def _oid(der: bytes) -> str | None:
    outer = next(elements(der), None)
    algorithm = outer.child(SEQUENCE) if outer else None
    oid = algorithm.child(OID) if algorithm else None
    return dotted(oid.content) or None if oid else None
