"""HAProxy with `verify optional`, and clients that resume: where do the client certificates go?

A resumed connection carries no certificate, so `ssl_fc_has_crt` is 0, the header that depends on it is not
set, and the application turns away a client whose certificate was accepted a moment before.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from certificates import Authority
from clients import SClient
from haproxy import client_certificate, log_counts, logged, mutual_frontend, start_haproxy
from stage import Address, Stage
from truth import Row, Truth, iana_name

ONLY_12, ONLY_13 = "ssl-min-ver TLSv1.2 ssl-max-ver TLSv1.2", "ssl-min-ver TLSv1.3"


def tickets(stage: Stage, capture: Path) -> Truth:
    """HAProxy `verify optional`, TLS 1.2 with session tickets: resumed connections get 403."""
    return _play(stage, capture, "session_ticket", ONLY_12)


def session_ids(stage: Stage, capture: Path) -> Truth:
    """HAProxy `verify optional`, TLS 1.2 with session ids (no-tls-tickets): resumed connections get 403."""
    return _play(stage, capture, "session_id", f"{ONLY_12} no-tls-tickets")


def tls13(stage: Stage, capture: Path) -> Truth:
    """HAProxy `verify optional`, TLS 1.3 with PSK resumption: resumed connections get 403."""
    return _play(stage, capture, "psk", ONLY_13)


def resumption_off(stage: Stage, capture: Path) -> Truth:
    """HAProxy `verify optional`, resumption off (tune.ssl.cachesize 0, no-tls-tickets): every handshake is full."""
    return _play(stage, capture, "session_id", f"{ONLY_12} no-tls-tickets", tuning="tune.ssl.cachesize 0")


SAMPLES = {
    "haproxy-mtls-tickets": tickets,
    "haproxy-mtls-session-ids": session_ids,
    "haproxy-mtls-tls13": tls13,
    "haproxy-mtls-resumption-off": resumption_off,
}


def _play(stage: Stage, capture: Path, mechanism: str, options: str, tuning: str = "") -> Truth:
    authority, truth = Authority(stage.work), Truth()
    alice, bob = authority.issue("alice"), authority.issue("bob", use_rsa=True)
    server = (stage.address(11), 443)
    start_haproxy(stage, mutual_frontend(stage, authority, 11, options), tuning=tuning, listens=[server])
    with stage.capture(capture):
        for name, certificate in (("alice", alice), ("bob", bob), ("nobody", None)):
            _visit_and_return(stage, truth, server, name, authority.root, certificate)
        reconnected = [
            kind for certificate in (alice, None) for kind in _reconnect(stage, server, authority.root, certificate)
        ]
    _add_what_haproxy_says(stage, truth, mechanism, reconnected)
    return truth


def _visit_and_return(
    stage: Stage, truth: Truth, server: Address, name: str, ca: Path, certificate: Path | None
) -> None:
    """A first visit, two that resume its session, one that resumes the second's, and a stranger with many requests."""
    options = _options(ca, certificate)
    first, second = stage.work / f"{name}-1.session", stage.work / f"{name}-2.session"
    ports = [_visit(stage, truth, server, 2, *options, "-sess_out", str(first))]
    # s_client writes no session out that the server will not resume.
    known = ["-sess_in", str(first)] if first.exists() else []
    ports += [_visit(stage, truth, server, 1, *options, *known, came_from=ports[0])]
    ports += [_visit(stage, truth, server, 3, *options, *known, "-sess_out", str(second), came_from=ports[0])]
    # Only TLS 1.3 gives a resumed session a ticket of its own.
    known, parent = (["-sess_in", str(second)], ports[2]) if second.exists() else (known, ports[0])
    _visit(stage, truth, server, 1, *options, *known, came_from=parent)
    _visit(stage, truth, server, 6, *options)


def _visit(
    stage: Stage, truth: Truth, server: Address, requests: int, *options: str, came_from: int | None = None
) -> int:
    client = SClient(stage, server, *options).connected()
    for number in range(requests):
        client.get(f"/item/{number}")
    row = truth.add(client.close().facts(), outcome="completed", closed_by="client", dropped=False)
    if row["handshake"] == "abbreviated":
        row["resumed_from_port"] = came_from
    return client.source[1]


def _reconnect(stage: Stage, server: Address, ca: Path, certificate: Path | None) -> list[str]:
    """`s_client -reconnect`: six connections, a request on the last; gives `New` or `Reused` for each, as it says."""
    client = SClient(stage, server, *_options(ca, certificate), "-reconnect", port=0)
    for _ in range(6):
        client.connected()
    client.get("/last")
    said = client.close().said.decode()
    return re.findall(r"^(New|Reused), TLS", said, re.M)


def _options(ca: Path, certificate: Path | None) -> list[str]:
    known = (
        ["-cert", str(certificate), "-key", str(certificate), "-cert_chain", str(certificate)] if certificate else []
    )
    return ["-CAfile", str(ca), "-servername", "app.example", *known]


def _add_what_haproxy_says(stage: Stage, truth: Truth, mechanism: str, reconnected: list[str]) -> None:
    lines = logged(stage)
    rows = {row["client_port"]: row for row in truth.rows}
    of_reconnect = [said[0] for port, said in lines.items() if port not in rows]
    # HAProxy logs a connection when it ends, in any order, and not always one that a TLS 1.3 client left at once.
    assert Counter("Reused" if line["resumed"] == "1" else "New" for line in of_reconnect) <= Counter(reconnected)
    for line in of_reconnect:
        row = truth.add(_reconnected_row(stage, line), outcome="completed", closed_by="client", dropped=False)
        rows[row["client_port"]] = row
    for port, row in rows.items():
        line, resumed = lines[port][0], row["handshake"] == "abbreviated"
        assert resumed == (line["resumed"] == "1"), (row, line)
        row |= {"client_certificate": client_certificate(line), "resumption": mechanism if resumed else None}
        row["haproxy"] = {key: line[key] for key in ("has_crt", "c_used", "verify", "resumed", "cn", "issuer", "ts")}
    said = {f"s_client_reconnect_{kind}": number for kind, number in Counter(reconnected).items()}
    truth.unlisted = len(reconnected) - len(of_reconnect)
    truth.said = said | log_counts(lines)


def _reconnected_row(stage: Stage, line: dict[str, str]) -> Row:
    return {
        "client_ip": line["ci"], "client_port": int(line["cp"]), "server_ip": stage.address(11), "server_port": 443,
        "program": "openssl s_client -reconnect", "version": line["v"], "cipher": iana_name(line["cipher"]),
        "handshake": "abbreviated" if line["resumed"] == "1" else "full", "handshake_outcome": "completed",
    }  # fmt: skip
