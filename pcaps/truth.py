"""What the programs themselves said, kept beside each capture as `NAME.truth.json`.

A row is one TCP connection; its keys are columns of tlscap's table `connections` (DESIGN.md) as far as a
program said it or the script did it on purpose, plus `program` (who was the client), `alerts` and
`resumed_from_port`. A key that is missing was not said. Nothing here comes from a packet.
"""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

Row = dict[str, Any]
COUNTED = ("version", "handshake", "resumption", "client_certificate", "outcome", "closed_by", "handshake_outcome")
SUMMED = ("renegotiations", "renegotiations_completed", "renegotiations_refused", "renegotiations_failed", "dropped")


class Truth:
    """The rows of one sample, and counts that programs made beside them."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.said: dict[str, int] = {}
        self.unlisted = 0  # connections that were made, but of which nobody told the port

    def add(self, facts: Row, **more: Any) -> Row:
        row = {**facts, **more}
        self.rows.append(row)
        return row

    def counts(self) -> dict[str, int]:
        """How many of what: `handshake=abbreviated` and the like, sums of numbers, and what programs counted."""
        found = Counter(f"{key}={row[key]}" for key in COUNTED for row in self.rows if row.get(key) is not None)
        sums = {key: sum(row.get(key, 0) for row in self.rows) for key in SUMMED}
        return {
            "connections": len(self.rows) + self.unlisted,
            **dict(sorted(found.items())),
            **{k: n for k, n in sums.items() if n},
            **self.said,
        }

    def write(self, path: Path, shows: str, made_by: str) -> None:
        about = {"shows": shows, "made_by": made_by, "programs": programs(), "counts": self.counts()}
        rows = sorted(self.rows, key=lambda row: int(row["client_port"]))
        head = json.dumps(about, indent=1)[:-2]
        lines = ",\n  ".join(json.dumps(row) for row in rows)
        path.write_text(f'{head},\n "connections": [\n  {lines}\n ]\n}}\n')


@cache
def iana_name(cipher: str) -> str:
    """IANA's name of a cipher suite that OpenSSL calls `cipher`."""
    return _names().get(cipher, cipher)


@cache
def _names() -> dict[str, str]:
    listed = _output("openssl", "ciphers", "-stdname", "ALL:COMPLEMENTOFALL:@SECLEVEL=0")
    return {words[2]: words[0] for words in (line.split() for line in listed.splitlines()) if len(words) > 2}


def version_name(version: str) -> str:
    """OpenSSL's name of a version as tlscap writes it."""
    return {"TLSv1": "TLSv1.0"}.get(version, version)


@cache
def programs() -> dict[str, str]:
    return {
        "openssl": _output("openssl", "version").split("(")[0].strip(),
        "haproxy": _output("haproxy", "-v").splitlines()[0].split(" - ")[0],
        "nginx": _output("nginx", "-v").strip(),
        "gnutls": _output("gnutls-cli", "--version").splitlines()[0],
    }


def _output(*argv: str) -> str:
    return subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=True).stdout
