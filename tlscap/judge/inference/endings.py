"""What became of a renegotiation: the words of the table `handshakes`.

completed   both sides' Finished came
refused     the other side never took part: it answered by an alert, by closing, or not at all
failed      an alert or the close came while it was under way
stalled     it was under way, and then nothing came for `STALLED_NS`
unfinished  the capture ended, or lost what would tell, before it was over
"""

from __future__ import annotations

from dataclasses import dataclass

from tlscap.engine.events import CLIENT, FIN, RST
from tlscap.judge import thresholds as at
from tlscap.judge.inference import grammar as g
from tlscap.judge.landmarks import NEVER, Landmarks
from tlscap.registry import handshake_type_name

ALERT, CLOSE, SILENCE = "alert", "close", "silence"


@dataclass(frozen=True, slots=True)
class Ending:
    """How a handshake ended."""

    outcome: str
    by: str | None = None  # alert, close, silence
    stalled_at: str | None = None  # the message that did not come


@dataclass(frozen=True, slots=True)
class Stop:
    """Where a handshake that was not completed stopped."""

    place: str
    initiator: int
    last: int  # the event of its last message
    how: str  # alert, abandoned, open
    by: int  # the event that ended it
    lost: bool  # bytes are missing since it began

    @property
    def unanswered(self) -> bool:
        """Whether the side that was asked sent nothing."""
        return self.place == (g.GREETED if self.initiator == CLIENT else g.REQUESTED)


def ending(marks: Landmarks, stop: Stop) -> Ending:
    """The ending of a handshake that was not completed."""
    closed = _close_after(marks, stop.last)
    if stop.how == "alert" and not NEVER < closed < stop.by:
        if stop.lost and marks.data_between(stop.last + 1, stop.by):
            return Ending("unfinished")  # what is missing may have completed it, and data followed
        return _by_alert(marks, stop)
    if stop.lost or not marks.both_captured():
        return Ending("unfinished")
    if stop.how == "abandoned":
        closed = stop.by
    ended_ns = marks.events.ns(closed) if closed != NEVER else marks.facts.end_ns
    if ended_ns - marks.events.ns(stop.last) >= at.STALLED_NS:
        return Ending("refused", SILENCE) if stop.unanswered and _heard(marks, stop) else _stalled(stop)
    if stop.how == "abandoned":
        return Ending("refused", SILENCE) if stop.unanswered else Ending("failed")
    if closed == NEVER:
        return Ending("unfinished")
    if stop.unanswered and marks.events.side(closed) != stop.initiator:
        return Ending("refused", CLOSE)
    return Ending("failed", CLOSE)


def _by_alert(marks: Landmarks, stop: Stop) -> Ending:
    events = marks.events
    waited = events.ns(stop.by) - events.ns(stop.last) >= at.STALLED_NS
    by_initiator = events.side(stop.by) == stop.initiator
    if stop.unanswered and not by_initiator:
        return Ending("refused", ALERT)
    if waited and not stop.lost:  # who ends it has given up waiting
        return Ending("refused", SILENCE) if stop.unanswered else _stalled(stop)
    return Ending("failed", ALERT)


def _stalled(stop: Stop) -> Ending:
    kind = g.STEPS[stop.place][0].kind
    return Ending("stalled", SILENCE, message_name(kind))


def _close_after(marks: Landmarks, last: int) -> int:
    events = marks.events
    for i in range(last + 1, events.count):
        if events.kind(i) in (FIN, RST):
            return i
    return NEVER


def _heard(marks: Landmarks, stop: Stop) -> bool:
    """Whether the other side's TCP took what the initiator sent: who is gone refuses nothing."""
    asking = marks.facts.client if stop.initiator == CLIENT else marks.facts.server
    return asking.retransmissions_unanswered < at.UNANSWERED_RETRANSMISSIONS


def message_name(kind: int) -> str:
    """IANA's name of a message, or of the other record that a handshake has."""
    return "change_cipher_spec" if kind == g.CHANGE_CIPHER_SPEC else handshake_type_name(kind & 0xFF)
