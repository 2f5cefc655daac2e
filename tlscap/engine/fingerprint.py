"""Fingerprints of hellos: JA3 and JA3S (Salesforce), JA4 (FoxIO, the client's TLS fingerprint alone).

JA3 is an MD5 over decimal lists in wire order. JA4 sorts the lists, so that a client that shuffles its
extensions keeps its fingerprint. GREASE is no part of either. `_r` is JA4 with its lists unhashed.
"""

from __future__ import annotations

from hashlib import md5, sha256

from tlscap.engine.outline import is_grease

_SERVER_NAME, _ALPN = 0x0000, 0x0010

_NO_HASH = "000000000000"
"""JA4 writes an empty list so, not as the hash of nothing."""

_MAX_COUNT = 99
"""JA4 has two digits for a count."""

_JA4_VERSIONS = {
    0x0304: "13",
    0x0303: "12",
    0x0302: "11",
    0x0301: "10",
    0x0300: "s3",
    0x0002: "s2",
    0xFEFF: "d1",
    0xFEFD: "d2",
    0xFEFC: "d3",
}


def ja3_string(
    legacy_version: int,
    ciphers: tuple[int, ...],
    extensions: tuple[int, ...],
    groups: tuple[int, ...],
    point_formats: tuple[int, ...],
) -> str:
    """`version,ciphers,extensions,groups,point formats` in decimal."""
    lists = [_decimal(_without_grease(values)) for values in (ciphers, extensions, groups)]
    return ",".join([str(legacy_version), *lists, _decimal(list(point_formats))])


def ja3s_string(legacy_version: int, cipher: int, extensions: tuple[int, ...]) -> str:
    """`version,cipher,extensions` of a ServerHello in decimal."""
    return f"{legacy_version},{cipher},{_decimal(list(extensions))}"


def md5_hex(text: str) -> str:
    return md5(text.encode("ascii"), usedforsecurity=False).hexdigest()


def ja4_and_raw(
    transport: str,
    version: int,
    ciphers: tuple[int, ...],
    extensions: tuple[int, ...],
    signature_algorithms: tuple[int, ...],
    first_alpn: bytes,
) -> tuple[str, str]:
    """JA4 and JA4_r. `transport` is t, d or q, `version` the highest offered, `first_alpn` b"" if there is none."""
    suites = sorted(_without_grease(ciphers))
    kinds = _without_grease(extensions)
    head = (
        transport
        + _JA4_VERSIONS.get(version, "00")
        + ("d" if _SERVER_NAME in kinds else "i")
        + f"{min(len(suites), _MAX_COUNT):02d}{min(len(kinds), _MAX_COUNT):02d}"
        + _alpn_ends(first_alpn)
    )
    listed = _hex(sorted([kind for kind in kinds if kind not in (_SERVER_NAME, _ALPN)]))
    schemes = _hex(_without_grease(signature_algorithms))
    listed_and_schemes = f"{listed}_{schemes}" if schemes else listed
    return (
        f"{head}_{_short_hash(_hex(suites))}_{_short_hash(listed_and_schemes) if listed else _NO_HASH}",
        f"{head}_{_hex(suites)}_{listed_and_schemes}",
    )


def _without_grease(values: tuple[int, ...]) -> list[int]:
    return [value for value in values if not is_grease(value)]


def _decimal(values: list[int]) -> str:
    return "-".join([str(value) for value in values])


def _hex(values: list[int]) -> str:
    return ",".join([f"{value:04x}" for value in values])


def _alpn_ends(alpn: bytes) -> str:
    """The first and the last character, of the hexadecimal form if one of them is not alphanumeric."""
    if not alpn:
        return "00"
    ends = bytes((alpn[0], alpn[-1]))
    if ends.isalnum():
        return ends.decode("ascii")
    return alpn.hex()[0] + alpn.hex()[-1]


def _short_hash(text: str) -> str:
    return sha256(text.encode("ascii")).hexdigest()[:12] if text else _NO_HASH
