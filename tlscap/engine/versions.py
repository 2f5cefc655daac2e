"""Protocol versions as numbers: which is newer, and which version a draft stands for.

Numbers of one family compare by age only inside it: DTLS counts downwards from 0xFEFF, and the drafts
of TLS 1.3 (RFC 8446's predecessors 0x7F00 + draft, and Facebook's 0x7E.. and 0xFB..) are large.
"""

from __future__ import annotations

SSL_2 = 0x0002
TLS_1_2 = 0x0303
TLS_1_3 = 0x0304
DTLS_1_0 = 0xFEFF
DTLS_1_2 = 0xFEFD
DTLS_1_3 = 0xFEFC

_TLS_1_3 = TLS_1_3
_DRAFTS = 0x7F
_FACEBOOK_DRAFTS, _FACEBOOK_DRAFTS_TOO = 0x7E, 0xFB
_DTLS = 0xFE


def is_draft(version: int) -> bool:
    """Whether `version` is a draft of TLS 1.3, of the IETF or as Facebook numbered them."""
    return version >> 8 in (_DRAFTS, _FACEBOOK_DRAFTS, _FACEBOOK_DRAFTS_TOO)


def final_version(version: int) -> int:
    """The version that `version` became: 0x0304 for a draft of TLS 1.3, else `version`."""
    return _TLS_1_3 if is_draft(version) else version


def age_order(version: int) -> int:
    """A number that is larger the newer the version; a draft is older than what it became."""
    if is_draft(version):
        return TLS_1_3 * 2 - 1
    if version >> 8 == _DTLS:
        return (0x10000 - version) * 2
    return version * 2


def highest(versions: tuple[int, ...]) -> int:
    """The newest version of a list, 0 if it is empty; among drafts the one with the larger number."""
    return max(versions, key=lambda version: (age_order(version), version), default=0)
