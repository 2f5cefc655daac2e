"""An analysis made of nothing but a seed: tables of the real schema for any number of connections and any span."""

from __future__ import annotations

import random
from functools import cached_property
from typing import Any

import duckdb
import pyarrow as pa

from tlscap.report.overview import Overview
from tlscap.report.summing import overview
from tlscap.tables.schema import TABLES, arrow_schema, table

NS = 1_000_000_000
START = 1_795_341_600 * NS  # 2026-11-22 10:00:00 UTC

_EMPTY: dict[str, Any] = {
    "string": "",
    "name": "",
    "names": [],
    "bool": False,
    "int32": 0,
    "int64": 0,
    "float64": 1.0,
    "instant": START,
    "frame": {"file": "lb1.pcap", "frame": 1},
    "frames": [],
    "key": b"\0" * 8,
    "reasons": [],
    "counts": [],
    "messages": [],
}


class Synthetic:
    """Looks like an `Analysis` to the reports."""

    connections: pa.Table
    alerts: pa.Table
    coverage: pa.Table

    def __init__(self, rows: dict[str, list[dict[str, Any]]], findings: list[Any] | None = None) -> None:
        self._connection = duckdb.connect()
        for each in TABLES:
            made = make_table(each.name, rows.get(each.name, []))
            setattr(self, each.name, made)
            self._connection.register(each.name, made)
        self.findings = findings or []

    @cached_property
    def overview(self) -> Overview:
        return overview(self.connections, self.alerts)

    def sql(self, query: str) -> pa.Table:
        return self._connection.sql(query).to_arrow_table()


def make_table(name: str, rows: list[dict[str, Any]]) -> pa.Table:
    """A table of the schema; what a row does not tell is null, or empty where null is not allowed."""
    columns = [[row.get(c.name, None if c.nullable else _EMPTY[c.type]) for row in rows] for c in table(name).columns]
    schema = arrow_schema(name)
    return pa.Table.from_arrays([pa.array(values, field.type) for values, field in zip(columns, schema)], schema=schema)


def connection(n: int, **told: Any) -> dict[str, Any]:
    """One healthy TLS 1.2 connection of a second, with what is told instead."""
    row: dict[str, Any] = {
        "uid": f"C{n:06d}",
        "capture": "lb1.pcap",
        "start": START,
        "end": START + NS,
        "hello_at": START,
        "client_ip": "10.0.0.1",
        "client_port": 40000 + n % 20000,
        "server_ip": "10.0.1.1",
        "server_port": 443,
        "transport": "tcp",
        "version": "TLSv1.2",
        "cipher": "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
        "handshake": "full",
        "handshake_outcome": "completed",
        "established": True,
        "handshake_s": 0.012,
        "client_certificate": "not_requested",
        "history": "CsxkngifIFdDLl",
        "outcome": "completed",
        "outcome_basis": "inferred",
        "closed_by": "client",
        "closed_how": "close_notify_fin",
    }
    row.update(told)
    return row


def coverage(**told: Any) -> dict[str, Any]:
    row: dict[str, Any] = {"capture": "lb1.pcap", "packets": 1000, "bytes": 120_000, "start": START, "end": START + NS}
    row.update(told)
    return row


def healthy(n: int = 10) -> Synthetic:
    """n connections of which none dropped."""
    rows = [connection(i, start=START + i * NS, end=START + (i + 1) * NS) for i in range(n)]
    return Synthetic({"connections": rows, "coverage": [coverage(end=START + n * NS)]})


def incident(n: int, seconds: float, servers: int = 4, seed: int = 1, drop_share: float = 0.04) -> Synthetic:
    """A busy balancer: the last server refuses renegotiation, and at 60 % of the time one server is restarted."""
    pick = random.Random(seed)
    span = int(seconds * NS)
    rows: dict[str, list[dict[str, Any]]] = {"connections": [], "handshakes": [], "alerts": []}
    for i in range(n):
        _one(rows, pick, i, span, servers, drop_share)
    rows["coverage"] = [
        coverage(
            packets=n * 40,
            bytes=n * 22_000,
            end=START + span,
            kernel_dropped=17,
            tls_connections=n,
            tcp_connections=n + n // 10,
            open_at_end=n // 50,
            missing_bytes=29_200,
        )
    ]
    return Synthetic(rows)


def _one(
    rows: dict[str, list[dict[str, Any]]], pick: random.Random, i: int, span: int, servers: int, drop_share: float
) -> None:
    at = START + int(pick.random() * span * 0.97)
    server = min(int(pick.expovariate(1.5) * servers / 2), servers - 1)
    end = min(at + int(pick.expovariate(1 / (0.05 * span))), START + span)
    row = connection(
        i,
        start=at,
        hello_at=at,
        end=end,
        server_ip=f"10.0.1.{server + 1}",
        client_ip=f"10.0.{i % 200}.{i % 250 + 1}",
        handshake_s=pick.lognormvariate(-4, 0.6),
    )
    if pick.random() < 0.4:
        row.update(version="TLSv1.3", cipher="TLS_AES_256_GCM_SHA384")
    if pick.random() < 0.6:
        mechanism = "psk" if row["version"] == "TLSv1.3" else pick.choice(["session_id", "session_ticket"])
        row.update(handshake="abbreviated", resumption=mechanism, handshake_s=row["handshake_s"] / 2)
    if pick.random() < 0.02:
        row.update(
            handshake_outcome="failed",
            outcome="handshake_failed",
            established=False,
            closed_how="alert_fin",
            closed_by="server",
        )
        rows["alerts"].append(_alert(row, "server", "fatal", pick.choice(["handshake_failure", "unknown_ca"])))
    elif server == servers - 1 and row["version"] == "TLSv1.2" and pick.random() < 0.5:
        row.update(
            outcome="renegotiation_failed",
            dropped=True,
            closed_by="client",
            closed_how="alert_fin",
            renegotiations=1,
            renegotiations_refused=1,
        )
        rows["handshakes"].append(_renegotiation(row, "refused"))
        rows["alerts"].append(_alert(row, "server", None, None))
    elif server == 0 and at < START + 0.6 * span < end:
        row.update(outcome="reset", dropped=True, closed_by="server", closed_how="reset", end=START + int(0.6 * span))
    elif pick.random() < drop_share:
        row.update(
            outcome=pick.choice(["reset", "alert", "stalled", "truncated"]),
            dropped=True,
            closed_by=pick.choice(["client", "server"]),
            closed_how="reset",
        )
    else:
        rows["alerts"].append(_alert(row, "client", "warning", "close_notify"))
        if pick.random() < 0.05:
            rows["handshakes"].append(_renegotiation(row, "completed"))
    rows["connections"].append(row)


def _alert(row: dict[str, Any], sender: str, level: str | None, description: str | None) -> dict[str, Any]:
    return {
        "uid": row["uid"],
        "time": row["end"],
        "sender": sender,
        "level": level,
        "description": description,
        "encrypted": level is None,
        "basis": "clear",
    }


def _renegotiation(row: dict[str, Any], outcome: str) -> dict[str, Any]:
    return {
        "uid": row["uid"],
        "number": 1,
        "initiator": "client",
        "kind": "full",
        "outcome": outcome,
        "encrypted": True,
        "basis": "inferred",
        "start": row["end"],
    }
