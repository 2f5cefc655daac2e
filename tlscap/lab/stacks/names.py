"""tlscap's names for what programs call otherwise."""

from __future__ import annotations

import subprocess
from functools import cache

VERSIONS = {
    "TLSv1": "TLSv1.0", "TLS1.0": "TLSv1.0", "TLS1.1": "TLSv1.1", "TLS1.2": "TLSv1.2", "TLS1.3": "TLSv1.3",
    "TLS 1.0": "TLSv1.0", "TLS 1.1": "TLSv1.1", "TLS 1.2": "TLSv1.2", "TLS 1.3": "TLSv1.3",
    "SSL 3.0": "SSLv3", "SSL3.0": "SSLv3",
}  # fmt: skip


def version_name(version: str) -> str:
    """`TLSv1.2` for what OpenSSL, GnuTLS and others call that version."""
    return VERSIONS.get(version, version)


def iana_name(cipher: str) -> str:
    """IANA's name of a cipher suite that OpenSSL calls `cipher`."""
    return _openssl_names().get(cipher, cipher)


@cache
def _openssl_names() -> dict[str, str]:
    argv = ["openssl", "ciphers", "-stdname", "ALL:COMPLEMENTOFALL:@SECLEVEL=0"]
    listed = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    return {words[2]: words[0] for words in (line.split() for line in listed.splitlines()) if len(words) > 2}
