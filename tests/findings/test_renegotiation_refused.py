from __future__ import annotations

from typing import Any

from report.synthetic import NS, START, Synthetic, connection
from tlscap.findings.finding import Finding
from tlscap.findings.renegotiation_refused import WITHIN_S, find

Rows = tuple[dict[str, Any], dict[str, Any]]


def refused(n: int, to_drop_s: float = 0.5, initiator: str = "client", **told: Any) -> Rows:
    """A session that asks to renegotiate after a minute, and is over soon after."""
    at = START + n * NS
    end = at + int(to_drop_s * NS)
    row = {
        "dropped": True,
        "outcome": "renegotiation_failed",
        "outcome_confidence": 0.95,
        "renegotiations": 1,
        "renegotiations_refused": 1,
        "start": at - 60 * NS,
        "end": end,
        "evidence": [{"file": "lb1.pcap", "frame": 100 * n + 3}],
    }
    asked = {"frame": {"file": "lb1.pcap", "frame": 100 * n + 1}, "time": at - NS, "sender": initiator}
    answered = {"frame": {"file": "lb1.pcap", "frame": 100 * n + 2}, "time": at, "sender": "server"}
    attempt = {
        "uid": f"C{n:06d}",
        "number": 1,
        "initiator": initiator,
        "outcome": "refused",
        "encrypted": True,
        "start": at - NS,
        "messages": [asked | {"type": "encrypted", "length": 239}, answered | {"type": "alert", "length": 26}],
    }
    return connection(n, **(row | told)), attempt


def found(*rows: Rows, beside: tuple[dict[str, Any], ...] = ()) -> Finding | None:
    connections = [*(row for row, _ in rows), *beside]
    return find(Synthetic({"connections": connections, "handshakes": [attempt for _, attempt in rows]}))


def test_says_how_many_where_when_by_whom_and_how_soon() -> None:
    works = connection(7, server_ip="10.0.1.2", renegotiations=1, renegotiations_completed=1)
    finding = found(refused(0, 0.25), refused(30, 0.5), refused(90, 4.0), beside=(connection(8), works))
    assert finding is not None
    assert (finding.count, finding.severity) == (3, "critical")
    assert finding.sentence == (
        "3 of 4 sessions with 10.0.1.1:443 were dropped after the server refused to renegotiate, a median of 500 ms "
        "after the refusal (between 2026-11-22 10:00:00 and 10:01:30 UTC); renegotiation works on 10.0.1.2:443"
    )


def test_one_session_is_said_in_the_singular() -> None:
    finding = found(refused(0, 0.25))
    assert finding is not None
    assert finding.sentence == (
        "1 of 1 session with 10.0.1.1:443 was dropped after the server refused to renegotiate, 250 ms after the "
        "refusal (at 2026-11-22 10:00:00 UTC)"
    )


def test_names_the_client_where_it_refused() -> None:
    finding = found(refused(0, initiator="server"))
    assert finding is not None
    assert "after the client refused to renegotiate" in finding.sentence
    mixed = found(refused(0, initiator="server"), refused(1), refused(2))
    assert mixed is not None
    assert "after one side (the server 2, the client 1 times) refused" in mixed.sentence


def test_names_the_servers_where_renegotiation_works() -> None:
    works = connection(7, server_ip="10.0.1.2", renegotiations=4, renegotiations_completed=4)
    finding = found(refused(0), beside=(works,))
    assert finding is not None
    assert "Renegotiation works on 10.0.1.2:443 (4 times, never refused)." in finding.detail
    alone = found(refused(0))
    assert alone is not None
    assert "No server in this capture completed renegotiations" in alone.detail


def test_a_refusal_that_the_session_outlives_is_no_drop() -> None:
    survived, attempt = refused(0)
    survived |= {"dropped": False, "outcome": "completed"}
    assert found((survived, attempt)) is None


def test_a_drop_long_after_a_refusal_is_not_put_down_to_it() -> None:
    assert found(refused(0, WITHIN_S + 1, outcome="reset")) is None
    assert found(refused(0, WITHIN_S - 1, outcome="reset")) is not None


def test_a_session_that_was_refused_twice_counts_once() -> None:
    row, first = refused(0)
    second = first | {"number": 2}
    finding = find(Synthetic({"connections": [row], "handshakes": [first, second]}))
    assert finding is not None
    assert finding.count == 1


def test_the_evidence_holds_the_refusal_and_the_end() -> None:
    finding = found(refused(1))
    assert finding is not None
    assert finding.evidence == (("lb1.pcap", 101), ("lb1.pcap", 102), ("lb1.pcap", 103))
    assert finding.uids == ("C000001",)


def test_the_query_gives_all_that_is_counted() -> None:
    rows = [refused(n) for n in range(50)]
    tables = Synthetic({"connections": [row for row, _ in rows], "handshakes": [attempt for _, attempt in rows]})
    finding = find(tables)
    assert finding is not None
    assert tables.sql(finding.sql).num_rows == finding.count == 50


def test_doubts_are_told() -> None:
    sure, doubtful = found(refused(0)), found(refused(0), refused(1, outcome_confidence=0.6))
    assert sure is not None and doubtful is not None
    assert "1 of them with a confidence under 0.9" in doubtful.detail
    assert "confidence under" not in sure.detail
