from __future__ import annotations

from typing import Any

import pytest

from report.synthetic import NS, START, Synthetic, connection
from tlscap.findings.finding import Finding
from tlscap.findings.renegotiation_insecure import RULE, find
from tlscap.findings.run import run

Rows = tuple[dict[str, Any], list[dict[str, Any]]]


def renegotiated(n: int, secure: str | None, times: int = 1, outcome: str = "completed", **told: Any) -> Rows:
    """A session with some renegotiations, a minute apart."""
    row = {"renegotiations": times, "renegotiations_completed": times * (outcome == "completed")}
    attempts = [
        {
            "uid": f"C{n:06d}",
            "number": number,
            "initiator": "client",
            "outcome": outcome,
            "encrypted": True,
            "confidence": 0.95,
            "start": START + (n + 60 * number) * NS,
            "messages": [
                {"frame": {"file": "lb1.pcap", "frame": 100 * n + number}, "time": START, "type": "encrypted"}
            ],
        }
        for number in range(1, times + 1)
    ]
    return connection(n, **(row | {"secure_renegotiation": secure} | told)), attempts


def tables(*rows: Rows) -> Synthetic:
    connections = [row for row, _ in rows]
    return Synthetic({"connections": connections, "handshakes": [each for _, attempts in rows for each in attempts]})


def found(*rows: Rows) -> Finding | None:
    return find(tables(*rows))


def test_says_how_many_with_whom_when_and_who_lacks_it() -> None:
    finding = found(renegotiated(0, "client", 2), renegotiated(30, "client"), renegotiated(60, "both"))
    assert finding is not None
    assert (finding.count, finding.severity) == (2, "warning")
    assert finding.sentence == (
        "3 renegotiations in 2 sessions with 10.0.1.1:443 took place without RFC 5746, which the server does not "
        "support (between 2026-11-22 10:01:00 and 10:02:00 UTC)"
    )
    assert finding.evidence == (("lb1.pcap", 1), ("lb1.pcap", 3001), ("lb1.pcap", 2))


@pytest.mark.parametrize(
    ("lacking", "who"),
    [(["server"], "the client does"), (["client"], "the server does"), (["none"], "client, server or both do")],
)
def test_says_which_side_does_not_support_it(lacking: list[str], who: str) -> None:
    finding = found(*(renegotiated(n, secure) for n, secure in enumerate(lacking)))
    assert finding is not None and f"which {who} not support" in finding.sentence


def test_its_query_gives_one_row_a_session() -> None:
    rows = tables(renegotiated(0, "none", 3), renegotiated(1, "client"))
    finding = find(rows)
    assert finding is not None
    assert rows.sql(finding.sql).num_rows == finding.count == 2


def test_says_how_many_are_unsure() -> None:
    row, attempts = renegotiated(0, "none", 2)
    attempts[0]["confidence"] = 0.6
    finding = found((row, attempts))
    assert finding is not None and "1 of them are told with a confidence under 0.9" in finding.detail


@pytest.mark.parametrize(
    "harmless",
    [
        renegotiated(0, "both"),
        renegotiated(0, None),  # no hello was seen: nobody knows
        renegotiated(0, "none", outcome="refused"),
        (connection(0, secure_renegotiation="none"), []),
    ],
    ids=["secure", "unknown", "refused", "no renegotiation"],
)
def test_nothing_is_found_where_nothing_is_insecure(harmless: Rows) -> None:
    assert found(harmless) is None
    assert RULE.name not in [finding.rule for finding in run(tables(harmless))]


def test_the_run_finds_it() -> None:
    assert [finding.rule for finding in run(tables(renegotiated(0, "none")))] == [RULE.name]
