"""What stands over a ladder: who, what was agreed on, how it ended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tlscap.report.printable import printable
from tlscap.report.quantities import NS, address, count, duration, instant

Row = Mapping[str, Any]
"""A row of the table connections."""

_HOW = {
    "fin": "FIN",
    "close_notify_fin": "close_notify, then FIN",
    "fin_reset": "FIN, then RST",
    "close_notify_reset": "close_notify, then RST",
    "reset": "RST",
    "alert_fin": "alert, then FIN",
    "alert_reset": "alert, then RST",
    "silence": "silence",
}


def render_head(row: Row) -> Iterator[str]:
    """The lines; times are UTC."""
    client, server = (address(row[f"{side}_ip"], row[f"{side}_port"]) for side in ("client", "server"))
    name = f" ({printable(row['sni'])})" if row["sni"] else ""
    start, end = _ns(row["start"]), _ns(row["end"])
    yield f"{row['uid']}  {client} --> {server}{name}"
    yield f"begins      {instant(start, 6)} UTC, lasts {duration((end - start) / NS)}"
    yield f"negotiated  {', '.join(_negotiated(row)) or 'not seen'}"
    yield f"handshake   {', '.join(_handshake(row))}"
    if row["renegotiations"]:
        yield f"afterwards  {', '.join(_renegotiations(row))}"
    yield f"ended       {', '.join(_ended(row))}"


def _negotiated(row: Row) -> Iterator[str]:
    for name in ("version", "cipher", "group"):
        if row[name]:
            yield printable(row[name])
    if row["alpn"]:
        yield f"ALPN {printable(row['alpn'])}"


def _handshake(row: Row) -> Iterator[str]:
    yield f"{row['handshake']}, {row['handshake_outcome']}"
    if row["handshake_s"] is not None:
        yield f"in {duration(row['handshake_s'])}"
    if row["resumption"]:
        parent = f" of {row['resumed_from']} ({row['resumed_from_confidence']:.2f})" if row["resumed_from"] else ""
        yield f"resumed by {_word(row['resumption'])}{parent}"
    sure = row["client_certificate_confidence"]
    told = f" ({sure:.2f})" if sure and sure < 1 else ""
    yield f"client certificate {_word(row['client_certificate'])}{told}"


def _renegotiations(row: Row) -> Iterator[str]:
    yield count(row["renegotiations"], "renegotiation")
    for outcome in ("completed", "refused", "failed"):
        if row[f"renegotiations_{outcome}"]:
            yield f"{row[f'renegotiations_{outcome}']} {outcome}"


def _ended(row: Row) -> Iterator[str]:
    yield f"{_word(row['outcome'])} ({row['outcome_basis']}, {row['outcome_confidence']:.2f})"
    if row["closed_how"]:
        yield f"{_HOW[row['closed_how']]} by {row['closed_by'] or 'unknown'}"
    if row["dropped"]:
        yield "a drop"


def _word(name: str | None) -> str:
    return (name or "unknown").replace("_", " ")


def _ns(moment: Any) -> int:
    """Of what a table gives for an instant: nanoseconds, or pandas' own."""
    return int(moment.value) if hasattr(moment, "value") else int(moment.timestamp() * 1_000_000) * 1000
