"""What tlscap says of a capture: the objects that `tlscap analyze --json` prints, and the certificates."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from click.testing import CliRunner

import tlscap
from tlscap.cli.group import tlscap as program
from tlscap.tables.jsonl import render_rows


@dataclass(frozen=True, slots=True)
class Seen:
    """One connection: its object, and all certificates of its capture by their SHA-256."""

    row: dict[str, Any]
    certificates: dict[str, dict[str, Any]]

    @property
    def certificate(self) -> dict[str, Any]:
        """The server's, empty if none was seen."""
        return self.certificates.get(self.row["server_certificate_sha256"], {})

    def certificates_in(self, role: str) -> list[dict[str, Any]]:
        """Those that the side `client` or `server` showed anywhere in the capture, leaf or not."""
        return [each for each in self.certificates.values() if {role, f"{role}_chain"} & set(each["roles"])]

    @property
    def clear_alerts(self) -> list[dict[str, Any]]:
        return [alert for alert in self.row["alerts"] if not alert["encrypted"]]

    @property
    def hello_ns(self) -> int:
        """When its ClientHello came, or if that was not seen its first packet."""
        return instant_ns(self.row["hello_at"] or self.row["start"])


def see(capture: Path) -> list[Seen]:
    """Runs the program on a capture; an exception in it, or another exit status than 0, is an AssertionError."""
    result = CliRunner().invoke(program, ["analyze", "--json", str(capture)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    certificates = {each["sha256"]: each for each in _certificates(capture)} if any(map(_has_chain, rows)) else {}
    return [Seen(row, certificates) for row in rows]


def instant_ns(text: str) -> int:
    """Nanoseconds since 1970 of RFC 3339 text with nine digits."""
    whole, _, fraction = text.rstrip("Z").partition(".")
    return int(datetime.fromisoformat(whole + "+00:00").timestamp()) * 10**9 + int(fraction)


def _has_chain(row: dict[str, Any]) -> bool:
    return bool(row["server_certificate_sha256"] or row["client_subject"])


def _certificates(capture: Path) -> Iterator[dict[str, Any]]:
    yield from map(json.loads, render_rows(tlscap.analyze(capture).certificates))
