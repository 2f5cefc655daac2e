from __future__ import annotations

from typing import Any

from report.synthetic import NS, START, Synthetic, connection
from tlscap.findings.finding import Finding
from tlscap.findings.resumed_without_certificate import find
from tlscap.findings.rule import EXAMPLES


def full(n: int, certificate: str = "sent", **told: Any) -> dict[str, Any]:
    return connection(n, client_certificate=certificate, start=START + n * NS, **told)


def resumed(n: int, certificate: str = "inherited", mechanism: str = "session_ticket", **told: Any) -> dict[str, Any]:
    row = {"handshake": "abbreviated", "resumption": mechanism, "client_certificate": certificate}
    return connection(n, start=START + n * NS, **(row | told))


def found(*rows: dict[str, Any]) -> Finding | None:
    return find(Synthetic({"connections": list(rows)}))


def test_counts_resumed_connections_where_full_handshakes_show_a_certificate() -> None:
    finding = found(full(0), full(1), resumed(2), resumed(3, "unknown", "session_id"), resumed(4, mechanism="psk"))
    assert finding is not None
    assert (finding.count, finding.severity, finding.uids) == (3, "warning", ("C000002", "C000004", "C000003"))
    assert finding.sentence == (
        "3 resumed connections to 10.0.1.1:443 carried no client certificate on the wire, while 2 full handshakes "
        "there did (between 2026-11-22 10:00:02 and 10:00:04 UTC): HAProxy says ssl_fc_has_crt=0 while "
        "ssl_c_verify=0 for them, so test ssl_c_used instead of ssl_fc_has_crt"
    )
    assert "1 by session id, 1 by session ticket, 1 by TLS 1.3 PSK" in finding.detail
    assert "2 of 3 are tied to an earlier handshake that sent a certificate; of the other 1" in finding.detail


def test_is_silent_where_no_full_handshake_shows_a_certificate() -> None:
    assert found(full(0, "not_requested"), full(1, "empty"), resumed(2, "not_requested")) is None


def test_is_silent_where_sessions_come_from_handshakes_without_one() -> None:
    assert found(full(0), resumed(1, "empty"), resumed(2, "not_requested")) is None


def test_another_servers_certificates_do_not_count() -> None:
    assert found(full(0, server_ip="10.0.1.9"), resumed(1, "unknown")) is None


def test_an_external_psk_is_no_resumption() -> None:
    assert found(full(0), resumed(1, "unknown", "psk", external_psk=True)) is None


def test_a_failed_handshake_does_not_count() -> None:
    assert found(full(0), resumed(1, handshake_outcome="failed")) is None


def test_the_query_gives_all_and_the_examples_are_bounded() -> None:
    tables = Synthetic({"connections": [full(0), *(resumed(n) for n in range(1, EXAMPLES + 30))]})
    finding = find(tables)
    assert finding is not None
    assert (finding.count, len(finding.uids)) == (EXAMPLES + 29, EXAMPLES)
    assert tables.sql(finding.sql).num_rows == EXAMPLES + 29


def test_the_evidence_is_where_the_connections_begin() -> None:
    finding = found(full(0), resumed(1, first_frame={"file": "lb1.pcap", "frame": 77}))
    assert finding is not None
    assert finding.evidence == (("lb1.pcap", 77),)
