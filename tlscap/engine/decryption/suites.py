"""What a cipher suite's IANA name says of its record protection and key derivation."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from tlscap.registry import cipher_suite_name


@dataclass(frozen=True, slots=True)
class Suite:
    """`mode` is GCM, CCM, CCM_8, POLY1305, CBC or STREAM; `key` in bytes; `hash` that of the key derivation.

    `mac` is the hash of the records' MAC (MD5, SHA, SHA256, SHA384), "" where the cipher itself authenticates.
    """

    cipher: str
    mode: str
    key: int
    mac: str
    hash: str


_NAME = re.compile(
    r"TLS_(?:\w+_WITH_)?"
    r"(?:(?P<aead>AES|CAMELLIA|ARIA)_(?P<aead_bits>128|256)_(?P<aead_mode>GCM|CCM_8|CCM)(?:_(?P<aead_hash>SHA256|SHA384))?"
    r"|(?P<poly>CHACHA20)_POLY1305_SHA256"
    r"|(?P<block>AES|CAMELLIA|ARIA)_(?P<block_bits>128|256)_CBC_(?P<block_mac>SHA256|SHA384|SHA)"
    r"|(?P<old>3DES_EDE|DES|IDEA|SEED)_CBC_(?P<old_mac>SHA|MD5)"
    r"|(?P<stream>RC4_128|NULL)_(?P<stream_mac>MD5|SHA256|SHA384|SHA))"
)
_OLD_KEYS = {"3DES_EDE": 24, "DES": 8, "IDEA": 16, "SEED": 16}


@cache
def suite_of(code: int) -> Suite | None:
    """The suite of a code point; None if nothing here can decrypt it. Export suites cannot be."""
    found = _NAME.fullmatch(cipher_suite_name(code))
    if found is None:
        return None
    part = found.groupdict()
    if part["aead"]:
        return Suite(part["aead"], part["aead_mode"], int(part["aead_bits"]) // 8, "", part["aead_hash"] or "SHA256")
    if part["poly"]:
        return Suite(part["poly"], "POLY1305", 32, "", "SHA256")
    if part["block"]:
        return Suite(part["block"], "CBC", int(part["block_bits"]) // 8, part["block_mac"], _hash(part["block_mac"]))
    if part["old"]:
        return Suite(part["old"], "CBC", _OLD_KEYS[part["old"]], part["old_mac"], "SHA256")
    mac = part["stream_mac"]
    return Suite(part["stream"], "STREAM", 16 if part["stream"] == "RC4_128" else 0, mac, _hash(mac))


def _hash(mac: str) -> str:
    """RFC 5246 §5: the PRF of TLS 1.2 is SHA-256's unless the suite says otherwise (RFC 5289 §3.1)."""
    return "SHA384" if mac == "SHA384" else "SHA256"
