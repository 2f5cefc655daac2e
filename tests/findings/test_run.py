"""What rules have in common."""

from __future__ import annotations

from report.synthetic import Synthetic, connection, healthy
from tlscap.findings.rule import many, period, seconds, server_name, servers
from tlscap.findings.run import RULES, SEVERITIES, run

NS = 10**9
TEN = 1_795_341_600 * NS  # 2026-11-22 10:00:00 UTC


def test_nothing_is_found_in_nothing() -> None:
    assert run(Synthetic({})) == []


def test_nothing_is_found_where_all_is_well() -> None:
    assert run(healthy(20)) == []


def test_the_most_severe_comes_first() -> None:
    frame = {"file": "a.pcap", "frame": 9}
    message = {"frame": frame, "time": TEN, "sender": "server", "type": "alert", "length": 26}
    refused = connection(0, dropped=True, outcome="renegotiation_failed", renegotiations=1, renegotiations_refused=1)
    mutual = [
        connection(1, client_certificate="sent"),
        connection(2, client_certificate="inherited", handshake="abbreviated", resumption="session_id"),
        connection(3, client_certificate="inherited", handshake="abbreviated", resumption="session_id"),
    ]
    attempt = {"uid": refused["uid"], "number": 1, "initiator": "client", "outcome": "refused", "messages": [message]}
    found = run(Synthetic({"connections": [refused, *mutual], "handshakes": [attempt]}))
    assert [finding.rule for finding in found] == ["renegotiation_refused", "resumed_without_certificate"]
    ranks = [SEVERITIES.index(finding.severity) for finding in found]
    assert ranks == sorted(ranks)


def test_every_rule_has_a_name_of_its_own() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES)


def test_servers_are_named_or_counted() -> None:
    assert servers(["a"]) == "a"
    assert servers(["a", "b"]) == "a and b"
    assert servers(["a", "b", "c", "d", "e", "f"]) == "a, b, c, d and 2 more"
    assert (server_name("10.0.0.1", 443), server_name("2001:db8::1", 443)) == ("10.0.0.1:443", "[2001:db8::1]:443")


def test_times_are_in_utc_with_the_day_once() -> None:
    assert period(TEN, TEN + 1) == "at 2026-11-22 10:00:00 UTC"
    assert period(TEN, TEN + 90 * NS) == "between 2026-11-22 10:00:00 and 10:01:30 UTC"
    assert period(TEN, TEN + 86_400 * NS) == "between 2026-11-22 10:00:00 and 2026-11-23 10:00:00 UTC"


def test_counts_and_seconds_read_well() -> None:
    assert (many(1, "session"), many(1200, "session")) == ("1 session", "1,200 sessions")
    durations = {0: "0 ms", 0.00055: "0.55 ms", 0.25: "250 ms", 3.14159: "3.1 s", 42.4: "42 s", 1200: "20 min"}
    assert {value: seconds(value) for value in durations} == durations
