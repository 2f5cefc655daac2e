"""The summary: what is said, and that it fits."""

from __future__ import annotations

import pytest

from report.synthetic import START, Synthetic, connection, coverage, healthy, incident
from tlscap.findings.finding import Finding
from tlscap.report.terminal import render_summary, text_of


def summary(analysis: Synthetic, width: int = 80) -> list[str]:
    return list(text_of(render_summary(analysis, width)))


def section(analysis: Synthetic, title: str, width: int = 100) -> str:
    """The lines of one section as one line, spaces run together."""
    lines = summary(analysis, width)
    begin = next(i for i, line in enumerate(lines) if line.startswith(title))
    end = next((i for i in range(begin, len(lines)) if not lines[i]), len(lines))
    return " ".join(" ".join(lines[begin:end]).split())


def finding(severity: str, sentence: str) -> Finding:
    return Finding("rule", severity, sentence, "", 1, (), (), "select 1")  # type: ignore[arg-type]


def test_puts_findings_first() -> None:
    analysis = healthy()
    analysis.findings = [finding("critical", "Server x refuses."), finding("info", "So it is.")]
    assert [line.split() for line in summary(analysis)[:3]] == [
        ["FINDINGS"],
        ["critical", "Server", "x", "refuses."],
        ["info", "So", "it", "is."],
    ]


def test_says_that_there_are_no_findings() -> None:
    assert summary(healthy())[0].split() == ["FINDINGS", "none"]


@pytest.mark.parametrize("width", [60, 80, 120])
def test_fits_a_screen_in_the_worst_case(width: int) -> None:
    analysis = incident(3000, 600, servers=40)
    analysis.findings = [finding("warning", "A sentence of some length, and then some more words. " * 3)] * 20
    lines = summary(analysis, width)
    assert max(len(line) for line in lines) <= width
    assert width < 80 or len(lines) <= 48


def test_tells_versions_ciphers_kinds_and_mechanisms() -> None:
    rows = [connection(i) for i in range(6)]
    rows += [connection(10, handshake="abbreviated", resumption="session_id", handshake_s=0.001)]
    rows += [connection(11, handshake="abbreviated", resumption="psk", version="TLSv1.3", handshake_s=0.003)]
    analysis = Synthetic({"connections": rows})
    assert "version TLSv1.2 7 (88 %), TLSv1.3 1 (12 %)" in section(analysis, "CONNECTIONS")
    assert "cipher TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 8 (100 %)" in section(analysis, "CONNECTIONS")
    handshakes = section(analysis, "HANDSHAKES")
    assert "full 6 12 ms 12 ms" in handshakes
    assert "abbreviated 2 2 ms 2.9 ms psk 1, session id 1" in handshakes


def test_counts_failed_handshakes_by_alert_and_sender_and_not_in_the_durations() -> None:
    failed = {"handshake_outcome": "failed", "outcome": "handshake_failed", "established": False}
    rows = [connection(1), connection(2, closed_by="server", **failed)]
    rows += [connection(3, closed_by="client", closed_how="reset", **failed)]
    alert = {"uid": "C000002", "time": START, "sender": "server", "level": "fatal", "description": "unknown_ca"}
    handshakes = section(Synthetic({"connections": rows, "alerts": [alert]}), "HANDSHAKES")
    assert "full 1 12 ms 12 ms" in handshakes
    assert "failed 2 reset by client 1, unknown_ca by server 1" in handshakes


def test_counts_drops_by_how_by_whom_and_by_server() -> None:
    rows = [connection(i) for i in range(8)]
    rows += [connection(20, dropped=True, outcome="reset", closed_by="server", server_ip="10.0.1.2")]
    rows += [connection(21, dropped=True, outcome="reset", closed_by="client", server_ip="10.0.1.2")]
    rows += [connection(22, dropped=True, outcome="truncated", closed_by="server", server_ip="10.0.1.2")]
    drops = section(Synthetic({"connections": rows}), "DROPS")
    assert drops.startswith("DROPS 3 of 11 connections")
    assert "reset 2 (closed by client 1, server 1), closed while unanswered 1 (closed by server 1)" in drops
    assert "10.0.1.2:443 3 of 3 (100 %): reset 2, …" in drops
    assert "1 server without a drop" in drops


def test_tells_what_the_capture_covers_and_lost() -> None:
    told = coverage(packets=5, bytes=4200, kernel_dropped=3, missing_bytes=1460, damage=["cut after packet 5"])
    told.update(tcp_connections=4, tls_connections=2, under_way=1, misdated=1, undecoded=[("arp", 7)])
    capture = section(Synthetic({"connections": [connection(1)], "coverage": [told]}), "CAPTURE")
    assert "CAPTURE lb1.pcap covers 2026-11-22 10:00:00.000 – 10:00:01.000 UTC (1 s)" in capture
    assert "5 packets, 4.2 kB; 4 TCP connections, 2 with TLS; 1 under way when it began" in capture
    assert "lost 3 packets dropped by the capturing kernel; 1,460 bytes of TLS connections missing" in capture
    assert "cut after packet 5" in capture
    assert "7 packets not decoded (arp 7)" in capture
    assert "1 connection with packets dated against their order" in capture


def test_tells_what_the_filter_left_out_and_what_the_capture_s_author_wrote() -> None:
    told = coverage(packets=50, filtered=7, comments=["frame 2: here\x07 it drops", "lb1, Tuesday"])
    capture = section(Synthetic({"connections": [connection(1)], "coverage": [told]}), "CAPTURE")
    assert "7 packets left out by the filter" in capture
    assert "commented: “frame 2: here" in capture
    assert "it drops” and 1 more in the table coverage" in capture
    assert "\x07" not in capture


def test_says_that_nothing_is_known_to_be_lost() -> None:
    assert "lost nothing that the capture tells of" in section(healthy(), "CAPTURE")


def test_shows_no_control_character_of_a_capture_s_name_or_a_cipher() -> None:
    evil = "x\x1b]0;owned\x07"
    analysis = Synthetic(
        {"connections": [connection(1, cipher=evil, version=evil)], "coverage": [coverage(capture=evil, damage=[evil])]}
    )
    analysis.findings = [finding("critical", f"SNI {evil}")]
    assert all(line.isprintable() for line in summary(analysis))


def test_has_nothing_but_coverage_to_tell_without_connections() -> None:
    lines = summary(Synthetic({"coverage": [coverage(tcp_connections=3)]}))
    assert "CONNECTIONS     0" in lines
    assert any("3 TCP connections, 0 with TLS" in line for line in lines)
