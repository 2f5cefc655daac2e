"""Names of the numbers on the wire.

Wire numbers are open: every value can be held. Known ones have IANA's name, the others print as hex,
with `(GREASE)` where RFC 8701 reserves them. The names are kept as data with their date in `data/`,
from which `generate.py` writes `names.py`.
"""

from __future__ import annotations

from tlscap.registry.names import (
    ALERT_DESCRIPTIONS,
    CERTIFICATE_COMPRESSION,
    CIPHER_SUITES,
    CONTENT_TYPES,
    DRAFTS,
    EXTENSION_TYPES,
    HANDSHAKE_TYPES,
    LINK_TYPES,
    SIGNATURE_SCHEMES,
    SUPPORTED_GROUPS,
    VERSIONS,
)

ALERT_LEVELS = {1: "warning", 2: "fatal"}  # RFC 8446 §6; IANA has no registry of them


def version_name(version: int) -> str:
    """`TLSv1.2`, `SSLv3`, `DTLSv1.2`, ...; a draft has the name of what it became."""
    return VERSIONS.get(version) or unknown(version, 4)


def exact_version_name(version: int) -> str:
    """The same, and which draft it is: `TLSv1.3-draft28`, or `TLSv1.3-draft26-facebook`."""
    name = version_name(version)
    if version not in DRAFTS:
        return name
    *who, kind, number = DRAFTS[version].lower().split()
    return "-".join([name, kind + number, *who])


def cipher_suite_name(suite: int) -> str:
    """IANA's name of a cipher suite, `SSL_CK_...` of a 3-byte cipher spec of SSL 2.0."""
    return CIPHER_SUITES.get(suite) or unknown(suite, 4)


def group_name(group: int) -> str:
    """A named group: `x25519`, `secp256r1`, `X25519MLKEM768`, ..."""
    return SUPPORTED_GROUPS.get(group) or unknown(group, 4)


def signature_scheme_name(scheme: int) -> str:
    return SIGNATURE_SCHEMES.get(scheme) or unknown(scheme, 4)


def extension_name(extension: int) -> str:
    return EXTENSION_TYPES.get(extension) or unknown(extension, 4)


def alert_description_name(description: int) -> str:
    return ALERT_DESCRIPTIONS.get(description) or unknown(description, 2)


def alert_level_name(level: int) -> str:
    return ALERT_LEVELS.get(level) or unknown(level, 2)


def handshake_type_name(kind: int) -> str:
    return HANDSHAKE_TYPES.get(kind) or unknown(kind, 2)


def content_type_name(kind: int) -> str:
    return CONTENT_TYPES.get(kind) or unknown(kind, 2)


def certificate_compression_name(algorithm: int) -> str:
    return CERTIFICATE_COMPRESSION.get(algorithm) or unknown(algorithm, 4)


def linktype_name(linktype: int) -> str:
    """The name of a LINKTYPE_ value of tcpdump.org without its prefix: `ETHERNET`, `LINUX_SLL2`, ..."""
    return LINK_TYPES.get(linktype) or str(linktype)


def unknown(value: int, digits: int) -> str:
    """A value without a name, in hex with at least so many digits: `0x1234`, `0x1a1a (GREASE)`."""
    grease = " (GREASE)" if digits == 4 and value & 0x0F0F == 0x0A0A and value >> 8 == value & 0xFF else ""
    return f"0x{value:0{digits}x}{grease}"
