"""One line for a connection that was dropped or whose handshake failed, told when it happens."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address

from tlscap.capture.batch import FRAME_MASK
from tlscap.engine.facts import Facts, Side
from tlscap.judge.verdict import Alert, Verdict
from tlscap.report.printable import printable
from tlscap.report.quantities import NS, address, duration, instant
from tlscap.tables.community import community_digest
from tlscap.tables.uid import uid

_WORDS = {
    "fin": "FIN",
    "close_notify_fin": "close_notify, then FIN",
    "fin_reset": "FIN, then RST",
    "close_notify_reset": "close_notify, then RST",
    "reset": "RST",
    "alert_fin": "alert, then FIN",
    "alert_reset": "alert, then RST",
    "silence": "silence",
}
"""How a connection ended, for people."""


def event_teller(say: Callable[[str], None]) -> Callable[[Facts, Verdict], None]:
    """For an Analyzer's `on_verdict`: gives `say` the line of each connection that has one."""

    def tell(facts: Facts, verdict: Verdict) -> None:
        line = render_event(facts, verdict)
        if line is not None:
            say(line)

    return tell


def render_event(facts: Facts, verdict: Verdict) -> str | None:
    """When, what, who with whom, why as far as it can be told, and the uid; None if nothing went wrong."""
    if verdict.dropped:
        what, why = "drop", _why_dropped(verdict)
    elif verdict.handshake_outcome == "failed":
        what, why = "handshake failed", _ended(verdict)
    else:
        return None
    who = f"{_end(facts.client)} -> {_end(facts.server)}"
    when = instant(_ended_ns(facts), 3).replace(" ", "T")
    return f"{when}Z {what}: {who}{_name(facts)}: {why}{_history(verdict)} {_uid(facts)}"


def _why_dropped(verdict: Verdict) -> str:
    by = verdict.closed_by or "unknown"
    if verdict.outcome == "renegotiation_failed":
        how = "refused" if verdict.renegotiations_refused else "not completed"
        return f"renegotiation {how}, then closed by {by} ({_word(verdict.closed_how)})"
    if verdict.outcome == "stalled":
        return "stalled, retransmissions were not answered"
    unanswered = ", a request was unanswered" if verdict.pending else ""
    return _ended(verdict) + unanswered


def _ended(verdict: Verdict) -> str:
    """Who ended it, and with what."""
    by = verdict.closed_by or "unknown"
    alert = _fatal(verdict)
    if alert is not None:
        return f"alert {printable(alert.description or '(encrypted)')} from {alert.sender}"
    return f"{_word(verdict.closed_how)} by {by}"


def _fatal(verdict: Verdict) -> Alert | None:
    """The first alert that is fatal, or encrypted and most likely so."""
    for alert in verdict.alerts:
        if alert.level == "fatal":
            return alert
    return None


def _history(verdict: Verdict) -> str:
    """Version, and how long the session had lasted and been silent."""
    told = [verdict.version or "version unknown"]
    if verdict.idle_before_close_ns >= NS:
        told.append(f"after {duration(verdict.idle_before_close_ns / NS)} of silence")
    return f" ({', '.join(told)})"


def _name(facts: Facts) -> str:
    hello = facts.client_hello
    return f" ({printable(hello.sni)})" if hello is not None and hello.sni else ""


def _end(side: Side) -> str:
    return address(str(ip_address(side.ip)), side.port)


def _ended_ns(facts: Facts) -> int:
    """The first FIN or RST; the last packet where there is none."""
    sides = (facts.client, facts.server)
    return min((ns for side in sides for ns in (side.fin_ns, side.rst_ns) if ns), default=facts.end_ns)


def _uid(facts: Facts) -> str:
    client, server = facts.client, facts.server
    digest = community_digest(client.ip, client.port, server.ip, server.port, facts.transport)
    return uid(digest, facts.start_ns, facts.first_frame & FRAME_MASK)


def _word(closed_how: str | None) -> str:
    return _WORDS.get(closed_how or "", "ended")
