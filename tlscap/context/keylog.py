"""Key logs: the file that SSLKEYLOGFILE names (RFC 9850), Wireshark's additions to it, and pcapng's secrets.

A line is a label, what names the connection, and a secret, both in hex. Labels that nothing here needs are passed
over, as the RFC asks; a line that cannot be a key log's is told with its number.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from tlscap.context.errors import KeylogError
from tlscap.engine.decryption.keys import EARLY, HANDSHAKE, MASTER, PREMASTER, TRAFFIC, Keys

ENVIRONMENT = "SSLKEYLOGFILE"
"""The variable that names the file that browsers, curl, Python and others write."""

MAX_LINE = 4096
"""Bytes of a line; a premaster secret of 2,048 bytes, the longest that Diffie-Hellman gives, has this many digits."""

MAX_WARNINGS = 20
"""Lines named for one file; what is no key log at all has no other."""

_RANDOM_BYTES = 32
_MASTER_BYTES = 48
_TRAFFIC_BYTES = (32, 48)
_RSA_NAME_BYTES = 8
_SECRET_BYTES = {MASTER: (_MASTER_BYTES,), **dict.fromkeys((EARLY, *HANDSHAKE, *TRAFFIC), _TRAFFIC_BYTES)}
_LABEL = re.compile(r"[A-Za-z0-9_]+")
_SESSION = re.compile(r"RSA Session-ID:([0-9A-Fa-f]*) Master-Key:([0-9A-Fa-f]+)")


class KeylogFile:
    """A key log that may still grow: `read` takes what is new of it."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._at = 0
        self._lines = 0
        self._said = 0

    def read(self, keys: Keys) -> list[str]:
        """Adds its new lines to `keys` and gives warnings, each a sentence that names the line.

        A last line without an end counts, and is read again once there is more. Raises KeylogError
        if there is no such file.
        """
        try:
            with open(self.path, "rb") as file:
                file.seek(self._at)
                content = file.read()
        except OSError as error:
            raise KeylogError(f"{self.path}: {error.strerror or error}") from None
        whole, end, part = content.rpartition(b"\n")
        self._at += len(whole) + len(end)
        add_line(part, keys)
        return list(self._warnings(whole.split(b"\n") if end else [], keys))

    def again(self, keys: Keys) -> None:
        """Adds all of its lines once more, so that they win over what came since."""
        self._at = self._lines = 0
        said, self._said = self._said, MAX_WARNINGS + 1
        self.read(keys)
        self._said = said

    def _warnings(self, lines: list[bytes], keys: Keys) -> Iterator[str]:
        for line in lines:
            self._lines += 1
            wrong = add_line(line, keys)
            if not wrong:
                continue
            self._said += 1
            if self._said <= MAX_WARNINGS:
                yield f"{self.path}: line {self._lines} {wrong}"
            elif self._said == MAX_WARNINGS + 1:
                yield f"{self.path}: more lines make no sense"


def keylog_path(name: str) -> str:
    """The file that is meant: `env` is that of SSLKEYLOGFILE. Raises KeylogError if that is not set."""
    if name != "env":
        return name
    path = os.environ.get(ENVIRONMENT)
    if not path:
        raise KeylogError(f"the environment variable {ENVIRONMENT}, which --keylog env asks for, is not set")
    return path


def add_secrets(content: bytes, keys: Keys) -> None:
    """Adds the secrets of a pcapng Decryption Secrets Block, which hold a key log (type 0x544c534b)."""
    for line in content.splitlines():
        add_line(line, keys)


def add_line(raw: bytes, keys: Keys) -> str:
    """Adds the secret of a line; says what is wrong with it, "" if nothing is."""
    if len(raw) > MAX_LINE:
        return "is too long to be a key log's"
    line = raw.decode("latin-1").strip().lstrip("\ufeff\xef\xbb\xbf")
    if not line or line.startswith("#"):
        return ""
    session = _SESSION.fullmatch(line)
    if session is not None:
        return _add_session(session[1], session[2], keys)
    parts = line.split()
    if len(parts) != 3 or not _LABEL.fullmatch(parts[0]):
        return "is no key log's: a label, a random and a secret were expected"
    label = parts[0]
    try:
        name, secret = bytes.fromhex(parts[1]), bytes.fromhex(parts[2])
    except ValueError:
        return f"({label}) has something else than hex digits in it" if _is_known(label) else ""
    return _add(label, name, secret, keys)


def _add(label: str, name: bytes, secret: bytes, keys: Keys) -> str:
    if label == "RSA":
        if len(name) != _RSA_NAME_BYTES or len(secret) != _MASTER_BYTES:
            return f"(RSA) has not {_RSA_NAME_BYTES} and {_MASTER_BYTES} bytes"
        keys.add_premaster(name, secret)
        return ""
    if not _is_known(label):
        return ""
    if len(name) != _RANDOM_BYTES:
        return f"({label}) has a random of {len(name)} bytes, not {_RANDOM_BYTES}"
    sizes = _SECRET_BYTES.get(label)
    if not secret or (sizes is not None and len(secret) not in sizes):
        return f"({label}) has a secret of {len(secret)} bytes"
    keys.add(label, name, secret)
    return ""


def _add_session(name: str, secret: str, keys: Keys) -> str:
    """The form of `openssl s_client`'s output that old key logs have."""
    try:
        session_id, master = bytes.fromhex(name), bytes.fromhex(secret)
    except ValueError:
        return "(RSA Session-ID) has an odd number of hex digits"
    if len(master) != _MASTER_BYTES:
        return f"(RSA Session-ID) has a master secret of {len(master)} bytes, not {_MASTER_BYTES}"
    if session_id:
        keys.add_session(session_id, master)
    return ""


def _is_known(label: str) -> bool:
    return label in _SECRET_BYTES or label == PREMASTER or label == "RSA"
