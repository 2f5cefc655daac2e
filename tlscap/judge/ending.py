"""How a connection ended: outcome, who, how, in which phase, and whether a session was dropped.

The outcome is the first that fits, in this order (see `OUTCOMES`). Most healthy connections end with a
stray reset: a RST after any FIN or close_notify, of either side, is a kernel's answer to late bytes.
It shows in `closed_how` and changes neither `outcome` nor `dropped`.
"""

from __future__ import annotations

from tlscap.engine.events import CLIENT, FIN, GAP, HANDSHAKE, HIDDEN, RST, SERVER
from tlscap.engine.facts import END_OPEN, Facts, Side
from tlscap.judge.alerts import goes_on
from tlscap.judge.application_data import has_data, is_pending, last_data_ns
from tlscap.judge.attempt import Attempt
from tlscap.judge.flights import Flights
from tlscap.judge.landmarks import NEVER, Landmarks
from tlscap.judge.renegotiation import no_data_after
from tlscap.judge.thresholds import (
    AFTER_LOSS,
    CERTAIN,
    ENCRYPTED_CLOSE,
    FROM_LENGTHS,
    GIVEN_UP_NS,
    IDLE_NS,
    MIDDLEBOX,
    PENDING_CLOSE,
    STILL_TRYING,
    TTL_TOLERANCE,
    UNANSWERED_NS,
    UNANSWERED_RETRANSMISSIONS,
    UNNAMED,
)
from tlscap.judge.verdict import CLOSE_NOTIFY, FATAL, SIDES, Alert, Verdict

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
Moment = tuple[int, int]
"""When a packet came, and its frame: clocks of captures are coarse, and packets of one instant came in their order."""

_NEVER_CAME: Moment = (1 << 62, 0)


class Close:
    """The signals with which one side ended the connection; `_NEVER_CAME` if it did not."""

    __slots__ = ("close_notify", "fatal", "fin", "first", "goodbye", "rst", "unnamed")

    def __init__(self) -> None:
        self.close_notify: Alert | None = None
        self.unnamed: Alert | None = None  # an encrypted alert, of which nothing says that it is fatal
        self.fatal: Alert | None = None
        self.fin = _NEVER_CAME
        self.rst = _NEVER_CAME
        self.goodbye = _NEVER_CAME  # its first FIN or close_notify
        self.first = _NEVER_CAME  # the first of all

    def says_goodbye(self) -> bool:
        return self.close_notify is not None or self.unnamed is not None

    def order(self) -> None:
        """Works out what came first, once all is known."""
        said = self.close_notify if self.close_notify is not None else self.unnamed
        self.goodbye = self.fin if said is None else min(self.fin, said.moment())
        self.first = min(self.goodbye, self.rst)
        if self.fatal is not None:
            self.first = min(self.first, self.fatal.moment())


def judge_ending(marks: Landmarks, flights: Flights | None, attempts: list[Attempt], verdict: Verdict) -> None:
    """Fills the verdict's fields about the end; alerts and handshake have been judged before."""
    facts = marks.facts
    client = _close_of(facts.client, facts.server, verdict.alerts, "client")
    server = _close_of(facts.server, facts.client, verdict.alerts, "server")
    carried = has_data(marks, flights)
    _outcome(marks, attempts, verdict, client, server)
    _who(marks, verdict, client, server)
    verdict.closed_how = _how(facts, verdict, client, server)
    _activity(marks, carried, verdict, client, server)
    verdict.closed_phase = _phase(marks, carried, verdict)
    verdict.pending = is_pending(marks, flights, carried, verdict)
    _drop(marks, verdict)
    _lose_confidence(facts, verdict)
    verdict.evidence = _evidence(facts, attempts, marks, verdict)


def _close_of(side: Side, other: Side, alerts: list[Alert], name: str) -> Close:
    close = Close()
    if side.fin_ns:
        close.fin = (side.fin_ns, side.fin_frame)
    if side.rst_ns and min(side.payload_ns, other.payload_ns) - side.rst_ns < IDLE_NS:
        close.rst = (side.rst_ns, side.rst_frame)  # if both sides went on, nobody believed it
    for alert in alerts:
        if alert.sender == name:
            _take(close, alert)
    close.order()
    return close


def _take(close: Close, alert: Alert) -> None:
    if alert.description == CLOSE_NOTIFY:
        close.close_notify = alert if close.close_notify is None else close.close_notify
    elif alert.level == FATAL:
        close.fatal = alert if close.fatal is None else close.fatal
    elif alert.level is None:
        close.unnamed = alert if close.unnamed is None else close.unnamed


def _outcome(marks: Landmarks, attempts: list[Attempt], verdict: Verdict, client: Close, server: Close) -> None:
    """Fills the outcome, its basis and confidence: the first of OUTCOMES that fits."""
    if client.first == _NEVER_CAME and server.first == _NEVER_CAME:
        if _is_stalled(marks.facts):
            _say(verdict, "stalled", "clear", ENCRYPTED_CLOSE if _has_given_up(marks.facts) else STILL_TRYING)
        else:
            _say(verdict, "open", "clear", CERTAIN)
    elif verdict.established is False:
        is_clear = not marks.tls13 or _any_clear_fatal(verdict.alerts)
        _say(verdict, "handshake_failed", "clear" if is_clear else _basis(marks), CERTAIN)
    elif attempts and _ended_by(marks, attempts[-1]):
        if marks.events.decrypted(attempts[-1].first):
            _say(verdict, "renegotiation_failed", "decrypted", CERTAIN)
        elif marks.events.kind(attempts[-1].first) == HANDSHAKE:
            _say(verdict, "renegotiation_failed", "inferred", FROM_LENGTHS)
        else:  # a bit of a record's type may be wrong
            _say(verdict, "renegotiation_failed", "inferred", UNNAMED)
    else:
        _outcome_of_session(verdict, client, server)


def _outcome_of_session(verdict: Verdict, client: Close, server: Close) -> None:
    """The rest of them, once the handshake and all that came of it is no matter."""
    fatal = _ending_alert(client, server)
    ender = client if client.goodbye <= server.goodbye else server
    if fatal is not None:
        _say(verdict, "alert", fatal.basis, fatal.confidence)
    elif min(client.rst, server.rst) < ender.goodbye:
        _say(verdict, "reset", "clear", CERTAIN)
    elif ender.close_notify is not None:
        _say(verdict, "completed", ender.close_notify.basis, ender.close_notify.confidence)
    elif client.close_notify is not None and server.close_notify is not None:
        _say(verdict, "completed", client.close_notify.basis, client.close_notify.confidence)
    elif ender.unnamed is not None:
        _say(verdict, "completed", "inferred", UNNAMED)
    else:
        _say(verdict, "truncated", "clear", CERTAIN)


def _say(verdict: Verdict, outcome: str, basis: str, confidence: float) -> None:
    verdict.outcome = outcome
    verdict.outcome_basis = basis
    verdict.outcome_confidence = confidence


def _any_clear_fatal(alerts: list[Alert]) -> bool:
    for alert in alerts:  # noqa: SIM110
        if alert.level == FATAL and not alert.encrypted:
            return True
    return False


def _basis(marks: Landmarks) -> str:
    """Whether what TLS 1.3 encrypts, of the side that spoke last in the handshake at least, was decrypted."""
    return "decrypted" if marks.client.reads or marks.server.reads else "inferred"


def _ended_by(marks: Landmarks, attempt: Attempt) -> bool:
    """Whether the connection ended in a renegotiation; who goes on behind its encrypted alert has ended nothing."""
    if attempt.outcome == "completed" or attempt.lossy:
        return False
    events, i = marks.events, attempt.ended_by
    if i != NEVER and events.detail(i) == HIDDEN and goes_on(marks, i, events.side(i)):
        return False
    return attempt.outcome in ("failed", "stalled", "unfinished") or no_data_after(marks, attempt)


def _ending_alert(client: Close, server: Close) -> Alert | None:
    """The fatal alert with which the connection ended, if it came before any goodbye."""
    fatal = client.fatal
    if server.fatal is not None and (fatal is None or server.fatal.moment() < fatal.moment()):
        fatal = server.fatal
    if fatal is None or fatal.moment() > min(client.goodbye, server.goodbye):
        return None
    return fatal


def _is_stalled(facts: Facts) -> bool:
    return _is_unanswered(facts.client) or _is_unanswered(facts.server)


def _has_given_up(facts: Facts) -> bool:
    """Whether the capture went on for so long without a packet that nobody tries any more."""
    return facts.until_ns - facts.end_ns >= GIVEN_UP_NS


def _is_unanswered(side: Side) -> bool:
    often = side.retransmissions_unanswered >= UNANSWERED_RETRANSMISSIONS
    return often and side.unanswered_ns - side.unanswered_since_ns >= UNANSWERED_NS


def _who(marks: Landmarks, verdict: Verdict, client: Close, server: Close) -> None:
    """The side whose close_notify, FIN, RST or fatal alert came first."""
    if client.first == server.first == _NEVER_CAME:
        verdict.closed_by = "unknown" if verdict.outcome == "stalled" else None
        if _may_lack_its_end(marks):
            verdict.unknown["closed_by"] = verdict.unknown["closed_how"] = marks.why_missing()
        return
    side = CLIENT if client.first <= server.first else SERVER
    close = client if side == CLIENT else server
    if close.first == close.rst and has_strange_ttl(marks.side(side)):
        verdict.closed_by = "middlebox" if _has_second_sign(marks, side) else "unknown"
        verdict.outcome_confidence = min(verdict.outcome_confidence, MIDDLEBOX)
    elif _lacks_its_end(marks, SERVER if side == CLIENT else CLIENT):
        verdict.closed_by = "unknown"
    else:
        verdict.closed_by = SIDES[side]


def _may_lack_its_end(marks: Landmarks) -> bool:
    """Whether bytes or a FIN are missing of what goes on as far as the capture tells."""
    client, server = marks.facts.client, marks.facts.server
    return client.fin_missing or server.fin_missing or client.missing_bytes > 0 or server.missing_bytes > 0


def _lacks_its_end(marks: Landmarks, side: int) -> bool:
    """Whether the last bytes that the other side had of this one were not captured: a goodbye, perhaps."""
    events = marks.events
    if marks.side(side).unacked_bytes > 1:
        return False
    for i in range(events.count - 1, -1, -1):
        if events.side(i) == side and events.kind(i) != FIN and events.kind(i) != RST:
            return events.kind(i) == GAP
    return False


def _has_second_sign(marks: Landmarks, side: int) -> bool:
    """Whether a RST with a strange TTL was not sent by whom it names; the TTL alone tells only that it may not have."""
    own, other = marks.side(side), marks.side(CLIENT if side == SERVER else SERVER)
    if not own.rst_in_window or own.packets_after_rst > 0:
        return True
    first_ns, last_ns = min(own.rst_ns, other.rst_ns), max(own.rst_ns, other.rst_ns)
    return has_strange_ttl(other) and not marks.is_silent(first_ns, last_ns)


def has_strange_ttl(side: Side) -> bool:
    """Whether its RST's TTL is no other packet's."""
    if side.rst_ttl < 0 or side.ttl_high == 0:
        return False
    return not side.ttl_low - TTL_TOLERANCE <= side.rst_ttl <= side.ttl_high + TTL_TOLERANCE


def _how(facts: Facts, verdict: Verdict, client: Close, server: Close) -> str | None:
    if client.first == server.first == _NEVER_CAME:
        return "silence" if verdict.outcome == "stalled" or facts.end != END_OPEN else None
    reset = min(client.rst, server.rst) != _NEVER_CAME
    if _ending_alert(client, server) is not None:
        return "alert_reset" if reset else "alert_fin"
    if min(client.rst, server.rst) < min(client.goodbye, server.goodbye):
        return "reset"
    if client.says_goodbye() or server.says_goodbye():
        return "close_notify_reset" if reset else "close_notify_fin"
    return "fin_reset" if reset else "fin"


def _activity(marks: Landmarks, carried: bool, verdict: Verdict, client: Close, server: Close) -> None:
    """When data last flowed, and how long it was silent before the end."""
    if carried:
        verdict.last_data_ns = max(last_data_ns(marks, verdict, CLIENT), last_data_ns(marks, verdict, SERVER))
    closed = min(client.first, server.first)
    busy_ns = max(verdict.last_data_ns, verdict.established_ns)
    if closed != _NEVER_CAME and busy_ns:
        verdict.closed_ns = closed[0]
        verdict.idle_before_close_ns = max(0, closed[0] - busy_ns)


def _phase(marks: Landmarks, carried: bool, verdict: Verdict) -> str | None:
    if verdict.closed_how is None:
        return None
    if verdict.established is False or (verdict.established is None and marks.hello_seen):
        return "handshake"
    if not carried:
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
    closed_ns = verdict.closed_ns
    idle = closed_ns > 0 and marks.is_silent(closed_ns - verdict.idle_before_close_ns, closed_ns)
    verdict.closed_idle = session and carried and quiet and idle and verdict.closed_how is not None
    if not session or verdict.closed_how is None or not (carried or server_ended or verdict.outcome == "stalled"):
        return
    if verdict.closed_idle or (quiet and _in_clients_name(marks.facts, verdict.closed_by)):
        return
    if verdict.outcome in _DROPS:
        verdict.dropped = True
        verdict.drop_confidence = verdict.outcome_confidence
    elif verdict.pending and server_ended:
        verdict.dropped = True
        verdict.drop_confidence = PENDING_CLOSE


def _in_clients_name(facts: Facts, closed_by: str | None) -> bool:
    """Whether the client ended it, as far as can be told."""
    return closed_by == "client" or (closed_by == "unknown" and facts.client.rst_ns != 0 and facts.server.rst_ns == 0)


def _lose_confidence(facts: Facts, verdict: Verdict) -> None:
    """What rests on bytes that were not captured says so."""
    lost = facts.client.missing_bytes > 0 or facts.server.missing_bytes > 0 or facts.events.cut > 0
    one_sided = facts.client.packets == 0 or facts.server.packets == 0
    shuffled = _is_shuffled(facts.client, facts.server) or _is_shuffled(facts.server, facts.client)
    shuffled = shuffled or _may_end_otherwise(facts, verdict)
    if verdict.outcome == "open":
        if facts.client.fin_missing or facts.server.fin_missing:
            verdict.outcome_confidence *= AFTER_LOSS
        return
    uncertain = lost or one_sided or shuffled or _is_bare_reset(facts, verdict.closed_by)
    if uncertain or facts.is_turned():
        for alert in verdict.alerts:
            if alert.basis == "inferred":
                alert.confidence *= AFTER_LOSS
    if not uncertain:
        return
    verdict.outcome_confidence *= AFTER_LOSS
    if verdict.drop_confidence is not None:
        verdict.drop_confidence *= AFTER_LOSS


def _may_end_otherwise(facts: Facts, verdict: Verdict) -> bool:
    """Whether in another order of packets there is an answer, or silence before a RST.

    What a side sends behind its RST says that the order is wrong, or that it was not its own; data would tell. An
    encrypted alert is what came before and behind it: in another order it may have ended the handshake.
    """
    for side in (facts.client, facts.server):
        if side.packets_after_rst > 0 and side.payload_ns < side.rst_ns:
            return True
    return facts.is_turned() and (verdict.pending is True or verdict.outcome == "alert")


def _is_shuffled(side: Side, other: Side) -> bool:
    """Whether what `side` sent was dated by packets of the other one whose own order had to be guessed."""
    return side.behind_acknowledgment > 0 and (other.behind_acknowledgment > 0 or other.out_of_order > 0)


def _is_bare_reset(facts: Facts, closed_by: str | None) -> bool:
    """Whether a RST stands for what was not captured: its side's FIN, or all that it sent in a session under way."""
    under_way = facts.client.syn_ns == 0 and facts.server.syn_ns == 0
    for side in (facts.client, facts.server):
        if side.rst_ns != 0 and (side.unseen_before_rst or (under_way and side.payload_ns == 0)):
            return closed_by != "middlebox"
    return False


def _evidence(facts: Facts, attempts: list[Attempt], marks: Landmarks, verdict: Verdict) -> list[int]:
    """Frames that prove the end: the renegotiation, the alerts, the first FIN or RST of each side, the silence."""
    frames: list[int] = []
    if verdict.outcome == "renegotiation_failed" and attempts:
        _add_frame(frames, marks.events.frame(attempts[-1].first))
        if attempts[-1].ended_by != NEVER:
            _add_frame(frames, marks.events.frame(attempts[-1].ended_by))
    alerts = verdict.alerts
    for i in range(max(0, len(alerts) - 4), len(alerts)):
        alert = alerts[i]
        _add_frame(frames, alert.frame)
    for side in (facts.client, facts.server):
        if side.fin_frame:
            _add_frame(frames, side.fin_frame)
        if side.rst_frame:
            _add_frame(frames, side.rst_frame)
        if side.unanswered_frame and verdict.outcome == "stalled":
            _add_frame(frames, side.unanswered_frame)
        if side.data_frame and verdict.pending:
            _add_frame(frames, side.data_frame)
    return frames


def _add_frame(frames: list[int], frame: int) -> None:
    """Puts a frame where it belongs in a short sorted list, unless it is there."""
    at = len(frames)
    while at > 0:
        before = frames[at - 1]
        if before == frame:
            return
        if before < frame:
            break
        at -= 1
    frames.insert(at, frame)
