"""What tlscap says of the same connections, in the form that `dissect` gives."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import tlscap
from oracle.dissect import Dissected, without_secrets

HIDDEN = ("encrypted", "alert", "change_cipher_spec")
"""Among the messages of a handshake, what is no handshake message in the clear."""


def connections_of(capture: Path) -> list[Dissected]:
    """tlscap's TCP connections, in the order of their first packets; without keys, as tshark is asked too."""
    with without_secrets(capture) as path:
        rows = list(map(json.loads, tlscap.analyze(path).json_lines()))
    return sorted((_connection(row) for row in rows if row["transport"] == "tcp"), key=lambda it: it.first_frame)


def _connection(row: dict[str, Any]) -> Dissected:
    ends = {side: (row[f"{side}_ip"], row[f"{side}_port"]) for side in ("client", "server")}
    told = [it for it in row["handshakes"] if it["number"] == 0 or it["basis"] != "inferred"]
    messages = [it for handshake in told for it in handshake["messages"] if it["type"] not in HIDDEN]
    alerts = sorted(row["alerts"], key=lambda it: (it["time"], it["frame"]["frame"]))
    return Dissected(
        first_frame=row["first_frame"]["frame"],
        **ends,
        tls=True,
        answered=row["cipher"] is not None,
        is_whole=row["missing_bytes_c2s"] == row["missing_bytes_s2c"] == 0,
        **{name: row[name] for name in ("version", "cipher", "sni", "ja3", "ja3s")},
        resumed=row["handshake"] == "abbreviated",
        messages=[(ends[it["sender"]], it["type"]) for it in messages],
        frames=[it["frame"]["frame"] for it in messages],
        alerts=[(ends[it["sender"]], it["level"], it["description"]) for it in alerts if not it["encrypted"]],
    )
