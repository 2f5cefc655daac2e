"""What must hold for every connection, whatever its packets were."""

from __future__ import annotations

from typing import Any

from engine.playbook import SECOND, Seen
from tlscap.engine.events import ALERT, CLIENT, FIN, GAP, HEARTBEAT, RST, SERVER
from tlscap.engine.limits import Limits
from tlscap.judge.ending import OUTCOMES

SMALL = Limits(
    connections=3,
    out_of_order_bytes=2000,
    out_of_order_segments=5,
    hole_patience_ns=SECOND // 100,
    linger_ns=SECOND // 10,
    message_bytes=600,
    search_bytes=300,
)
"""So small that damaged connections reach them all."""

WORDS: dict[str, set[Any]] = {
    "handshake": {"full", "abbreviated", "unknown"},
    "handshake_outcome": {"completed", "failed", "unfinished", "unseen"},
    "resumption": {None, "session_id", "session_ticket", "psk"},
    "client_certificate": {"not_requested", "sent", "empty", "unknown"},
    "early_data": {None, "offered", "accepted", "rejected"},
    "outcome": set(OUTCOMES),
    "outcome_basis": {"clear", "decrypted", "inferred"},
    "closed_by": {None, "client", "server", "middlebox", "unknown"},
    "closed_how": {
        None, "fin", "close_notify_fin", "fin_reset", "close_notify_reset", "reset", "alert_fin", "alert_reset",
        "silence",
    },
    "closed_phase": {None, "handshake", "no_data", "data", "renegotiation"},
    "secure_renegotiation": {None, "both", "client", "server", "none"},
}  # fmt: skip


def check(seen: Seen) -> None:
    """Raises AssertionError where a verdict contradicts itself or its facts."""
    verdict, facts = seen.verdict, seen.facts
    for name, words in WORDS.items():
        assert getattr(verdict, name) in words, name
    assert 0 <= verdict.outcome_confidence <= 1
    assert 0 <= verdict.client_certificate_confidence <= 1
    assert (verdict.drop_confidence is not None) is verdict.dropped
    if verdict.dropped:
        assert verdict.established
        assert verdict.closed_how is not None
        assert 0 < verdict.drop_confidence <= 1
        assert verdict.evidence
    if verdict.outcome == "open":
        assert verdict.closed_by is None
    counted = verdict.renegotiations_completed + verdict.renegotiations_refused + verdict.renegotiations_failed
    assert counted <= verdict.renegotiations
    assert verdict.history.count("[") == verdict.history.count("]")
    assert set(verdict.unknown.values()) <= {"not_captured", "encrypted", "one_sided", "cut"}
    assert all(alert.sender in ("client", "server") and 0 <= alert.confidence <= 1 for alert in verdict.alerts)
    for side in (facts.client, facts.server):
        assert min(side.packets, side.bytes, side.missing_bytes, side.retransmitted, side.unacked_bytes) >= 0
        assert side.cut_bytes <= side.missing_bytes
    events = facts.events
    for i in range(events.count):
        assert events.side(i) in (CLIENT, SERVER)
        assert GAP <= events.kind(i) <= RST or ALERT - 1 <= events.kind(i) <= HEARTBEAT
        assert events.length(i) >= 0
    assert sum(events.kind(i) in (FIN, RST) for i in range(events.count)) <= 8
