"""How a connection ended: outcome, who, how, in which phase, and whether a session was dropped.

The outcome is the first that fits, in this order (see `OUTCOMES`). Most healthy connections end with a
stray reset: a RST after any FIN or close_notify, of either side, is a kernel's answer to late bytes.
It shows in `closed_how` and changes neither `outcome` nor `dropped`.
"""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter

from tlscap.engine.events import CLIENT, SERVER
from tlscap.engine.facts import END_OPEN, Facts, Side
from tlscap.judge import thresholds as at
from tlscap.judge.alerts import CLOSE_NOTIFY, FATAL
from tlscap.judge.application_data import has_data, is_pending, last_data
from tlscap.judge.attempt import Attempt
from tlscap.judge.flights import Flights
from tlscap.judge.landmarks import NEVER, Landmarks
from tlscap.judge.renegotiation import no_data_after
from tlscap.judge.verdict import SIDES, Alert, Verdict

OUTCOMES = (
    "handshake_failed",  # it ended before it was established, by whatever
    "renegotiation_failed",  # it ended in a renegotiation, or after a refused one with no data in between
    "alert",  # a fatal alert
    "reset",  # a RST when neither side had yet sent close_notify or FIN
    "completed",  # the side that ended it, or both, sent close_notify
    "truncated",  # FIN without it
    "stalled",  # retransmissions without an answer
    "open",  # the capture ended first
)

_DROPS = ("reset", "alert", "renegotiation_failed", "stalled")
_NEVER_NS = 1 << 62


@dataclass(slots=True)
class Close:
    """The signals with which one side ended the connection; nanoseconds, `_NEVER_NS` if it did not."""

    close_notify: Alert | None = None
    unnamed: Alert | None = None  # an encrypted alert, of which nothing says that it is fatal
    fatal: Alert | None = None
    fin_ns: int = _NEVER_NS
    rst_ns: int = _NEVER_NS

    @property
    def goodbye_ns(self) -> int:
        """Its first FIN or close_notify."""
        said = self.close_notify or self.unnamed
        return min(self.fin_ns, said.ns if said else _NEVER_NS)

    @property
    def says_goodbye(self) -> bool:
        return self.close_notify is not None or self.unnamed is not None

    @property
    def first_ns(self) -> int:
        return min(self.goodbye_ns, self.rst_ns, self.fatal.ns if self.fatal else _NEVER_NS)


def judge_ending(marks: Landmarks, flights: Flights | None, attempts: list[Attempt], verdict: Verdict) -> None:
    """Fills the verdict's fields about the end; alerts and handshake have been judged before."""
    facts = marks.facts
    client = _close_of(facts.client, facts.server, verdict.alerts, "client")
    server = _close_of(facts.server, facts.client, verdict.alerts, "server")
    verdict.outcome, verdict.outcome_basis, verdict.outcome_confidence = _outcome(
        marks, attempts, verdict, client, server
    )
    _who(facts, verdict, client, server)
    verdict.closed_how = _how(facts, verdict, client, server)
    _activity(marks, flights, verdict, client, server)
    verdict.closed_phase = _phase(marks, flights, attempts, verdict)
    verdict.pending = is_pending(marks, flights, verdict)
    _drop(marks, verdict)
    _lose_confidence(facts, verdict)
    verdict.evidence = _evidence(facts, attempts, marks, verdict)


def _close_of(side: Side, other: Side, alerts: list[Alert], name: str) -> Close:
    close = Close(fin_ns=side.fin_ns or _NEVER_NS, rst_ns=side.rst_ns or _NEVER_NS)
    if side.rst_ns and min(side.payload_ns, other.payload_ns) - side.rst_ns >= at.IDLE_NS:
        close.rst_ns = _NEVER_NS  # both sides went on: nobody believed it
    for alert in alerts:
        if alert.sender != name:
            continue
        if alert.description == CLOSE_NOTIFY:
            close.close_notify = close.close_notify or alert
        elif alert.level == FATAL:
            close.fatal = close.fatal or alert
        elif alert.level is None:
            close.unnamed = close.unnamed or alert
    return close


def _outcome(
    marks: Landmarks, attempts: list[Attempt], verdict: Verdict, client: Close, server: Close
) -> tuple[str, str, float]:
    """The outcome, its basis and confidence: the first of OUTCOMES that fits."""
    facts = marks.facts
    ended_ns = min(client.first_ns, server.first_ns)
    if ended_ns == _NEVER_NS:
        if _is_stalled(facts):
            return "stalled", "clear", at.ENCRYPTED_CLOSE
        return "open", "clear", at.CERTAIN
    if verdict.established is False:
        clear = bool([alert for alert in verdict.alerts if alert.level == FATAL and not alert.encrypted])
        return "handshake_failed", "clear" if clear or not marks.tls13 else _basis(marks), at.CERTAIN
    if attempts and _ended_by(marks, attempts[-1]):
        if marks.events.decrypted(attempts[-1].first):
            return "renegotiation_failed", "decrypted", at.CERTAIN
        return "renegotiation_failed", "inferred", at.FROM_LENGTHS
    fatal = _ending_alert(client, server)
    if fatal is not None:
        return "alert", fatal.basis, fatal.confidence
    goodbye_ns = min(client.goodbye_ns, server.goodbye_ns)
    if min(client.rst_ns, server.rst_ns) < goodbye_ns:
        return "reset", "clear", at.CERTAIN
    ender = client if client.goodbye_ns <= server.goodbye_ns else server
    if ender.close_notify is not None:
        return "completed", ender.close_notify.basis, ender.close_notify.confidence
    if client.close_notify is not None and server.close_notify is not None:
        return "completed", client.close_notify.basis, client.close_notify.confidence
    if ender.unnamed is not None:
        return "completed", "inferred", at.UNNAMED
    return "truncated", "clear", at.CERTAIN


def _basis(marks: Landmarks) -> str:
    """Whether what TLS 1.3 encrypts, of the side that spoke last in the handshake at least, was decrypted."""
    return "decrypted" if marks.client.reads or marks.server.reads else "inferred"


def _ended_by(marks: Landmarks, attempt: Attempt) -> bool:
    if attempt.outcome == "completed" or attempt.lossy:
        return False
    return attempt.outcome in ("failed", "unfinished") or no_data_after(marks, attempt)


def _ending_alert(client: Close, server: Close) -> Alert | None:
    """The fatal alert with which the connection ended, if it came before any goodbye."""
    fatals = [close.fatal for close in (client, server) if close.fatal is not None]
    if not fatals:
        return None
    fatal = min(fatals, key=attrgetter("ns"))
    return fatal if fatal.ns <= min(client.goodbye_ns, server.goodbye_ns) else None


def _is_stalled(facts: Facts) -> bool:
    for side in (facts.client, facts.server):
        often = side.retransmissions_unanswered >= at.UNANSWERED_RETRANSMISSIONS
        if often and side.unanswered_ns - side.unanswered_since_ns >= at.UNANSWERED_NS:
            return True
    return False


def _who(facts: Facts, verdict: Verdict, client: Close, server: Close) -> None:
    """The side whose close_notify, FIN, RST or fatal alert came first."""
    if client.first_ns == server.first_ns == _NEVER_NS:
        verdict.closed_by = "unknown" if verdict.outcome == "stalled" else None
        return
    side, close = (CLIENT, client) if client.first_ns <= server.first_ns else (SERVER, server)
    if close.first_ns == close.rst_ns and _is_foreign_reset(facts, side):
        verdict.closed_by = "middlebox"
        verdict.outcome_confidence = min(verdict.outcome_confidence, at.MIDDLEBOX)
        return
    verdict.closed_by = SIDES[side]


def _is_foreign_reset(facts: Facts, side: int) -> bool:
    """Whether the RST was not sent by whom it names: its TTL is no other packet's, and a second sign."""
    own, other = (facts.client, facts.server) if side == CLIENT else (facts.server, facts.client)
    if not _has_strange_ttl(own):
        return False
    both_at_once = _has_strange_ttl(other) and abs(own.rst_ns - other.rst_ns) < at.IDLE_NS
    return not own.rst_in_window or own.packets_after_rst > 0 or both_at_once


def _has_strange_ttl(side: Side) -> bool:
    if side.rst_ttl < 0 or side.ttl_high == 0:
        return False
    return not side.ttl_low - at.TTL_TOLERANCE <= side.rst_ttl <= side.ttl_high + at.TTL_TOLERANCE


def _how(facts: Facts, verdict: Verdict, client: Close, server: Close) -> str | None:
    if client.first_ns == server.first_ns == _NEVER_NS:
        return "silence" if verdict.outcome == "stalled" or facts.end != END_OPEN else None
    reset = min(client.rst_ns, server.rst_ns) != _NEVER_NS
    if _ending_alert(client, server) is not None:
        return "alert_reset" if reset else "alert_fin"
    if min(client.rst_ns, server.rst_ns) < min(client.goodbye_ns, server.goodbye_ns):
        return "reset"
    if client.says_goodbye or server.says_goodbye:
        return "close_notify_reset" if reset else "close_notify_fin"
    return "fin_reset" if reset else "fin"


def _activity(marks: Landmarks, flights: Flights | None, verdict: Verdict, client: Close, server: Close) -> None:
    """When data last flowed, and how long it was silent before the end."""
    ends = [last_data(marks, verdict, side)[0] for side in (CLIENT, SERVER)] if has_data(marks, flights) else [0]
    verdict.last_data_ns = max(ends)
    closed_ns = min(client.first_ns, server.first_ns)
    busy_ns = max(verdict.last_data_ns, verdict.established_ns)
    if closed_ns != _NEVER_NS and busy_ns:
        verdict.idle_before_close_ns = max(0, closed_ns - busy_ns)


def _phase(marks: Landmarks, flights: Flights | None, attempts: list[Attempt], verdict: Verdict) -> str | None:
    if verdict.closed_how is None:
        return None
    if verdict.established is False or (verdict.established is None and marks.hello_seen):
        return "handshake"
    if not has_data(marks, flights):
        return "no_data"
    return "renegotiation" if verdict.outcome == "renegotiation_failed" else "data"


def _drop(marks: Landmarks, verdict: Verdict) -> None:
    """Whether an established session was dropped.

    What ended with nothing pending after a silence is idle, no drop; a client that hangs up rudely after
    it has its answer drops nothing either, whatever packet it does it with.
    """
    session = verdict.established is True
    carried = verdict.closed_phase in ("data", "renegotiation")
    server_ended = verdict.closed_by in ("server", "middlebox")
    quiet = verdict.pending is False and verdict.outcome not in ("renegotiation_failed", "alert", "stalled")
    idle = verdict.idle_before_close_ns >= at.IDLE_NS
    verdict.closed_idle = session and carried and quiet and idle and verdict.closed_how is not None
    if not session or verdict.closed_how is None or not (carried or server_ended or verdict.outcome == "stalled"):
        return
    if verdict.closed_idle or (quiet and verdict.closed_by == "client"):
        return
    if verdict.outcome in _DROPS:
        verdict.dropped = True
        verdict.drop_confidence = verdict.outcome_confidence
    elif verdict.pending and server_ended:
        verdict.dropped = True
        verdict.drop_confidence = at.PENDING_CLOSE


def _lose_confidence(facts: Facts, verdict: Verdict) -> None:
    """What rests on bytes that were not captured says so."""
    lost = facts.client.missing_bytes > 0 or facts.server.missing_bytes > 0
    if verdict.outcome == "open" or not (lost or facts.client.packets == 0 or facts.server.packets == 0):
        return
    verdict.outcome_confidence *= at.AFTER_LOSS
    if verdict.drop_confidence is not None:
        verdict.drop_confidence *= at.AFTER_LOSS


def _evidence(facts: Facts, attempts: list[Attempt], marks: Landmarks, verdict: Verdict) -> list[int]:
    """Frames that prove the end: the renegotiation, the alerts, the first FIN or RST of each side, the silence."""
    frames: list[int] = []
    if verdict.outcome == "renegotiation_failed" and attempts:
        frames.append(marks.events.frame(attempts[-1].first))
        if attempts[-1].ended_by != NEVER:
            frames.append(marks.events.frame(attempts[-1].ended_by))
    frames += [alert.frame for alert in verdict.alerts[-4:]]
    frames += [frame for side in (facts.client, facts.server) for frame in (side.fin_frame, side.rst_frame) if frame]
    if verdict.outcome == "stalled":
        frames += [side.unanswered_frame for side in (facts.client, facts.server) if side.unanswered_frame]
    if verdict.pending:
        frames += [side.data_frame for side in (facts.client, facts.server) if side.data_frame]
    return sorted(set(frames))
