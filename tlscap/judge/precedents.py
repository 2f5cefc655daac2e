"""Verdicts on connections that are like one that was judged before: the same, with their own instants and frames.

Most connections of a capture are alike: what a site's clients and servers do has a few hundred forms. The gist of a
connection (see `gist`) is all that the judge may know of it for such a verdict; whoever has no gist, is the first of
its kind, or wants to be told from exact lengths and times, as renegotiations are, is judged by itself.
"""

from __future__ import annotations

from array import array
from importlib import import_module
from typing import Any

from tlscap import octets
from tlscap.engine.events import Events
from tlscap.engine.facts import Facts
from tlscap.judge.connection import judge_alone, judge_by
from tlscap.judge.flights import Flights
from tlscap.judge.gist import Gist
from tlscap.judge.inference.allowance import Allowance
from tlscap.judge.landmarks import NEVER, Landmarks
from tlscap.judge.thresholds import IDLE_NS
from tlscap.judge.verdict import Alert, Handshake, Verdict

MAX_PRECEDENTS = 2048
"""Gists that are remembered, some 2 KB each. Peers can make up new ones without end; all are forgotten when there are
so many, and the usual ones are soon back."""

RECENT = 512
"""Precedents that are found by the mark of a gist, before its bytes are hashed; one is driven out by another."""

WORTH_A_PRECEDENT = 3
"""Connections of a gist from which on there is a precedent, which takes as long to make as some take to be judged."""

_MAX_PRECEDENTS, _WORTH_A_PRECEDENT, _RECENT = MAX_PRECEDENTS, WORTH_A_PRECEDENT, RECENT
_WORD_BYTES = 8


class Precedent:
    """The verdict on a gist, and the events at which what differs between connections is to be read."""

    __slots__ = (
        "_alerts", "_closed", "_established", "_evidence", "_last_data", "_soon", "_verdict", "asked", "gist", "holds",
    )  # fmt: skip

    def __init__(self, gist: bytes) -> None:
        self.gist = gist
        self.asked = 0
        self.holds = False  # otherwise each connection is judged by itself
        self._verdict = Verdict()
        self._established = NEVER
        self._last_data = NEVER
        self._closed = NEVER
        self._alerts: list[int] = []
        self._evidence: list[int] = []
        self._soon: list[tuple[int, int]] = []  # events, of which the second has to come soon after the first

    def establish(self, verdict: Verdict, packets: Packets, asked: list[tuple[int, int]]) -> None:
        """Takes the verdict; `asked` are the instants between which it supposes no silence."""
        verdict.precedent = self
        self.holds = True
        self._verdict = verdict
        self._established = packets.event_at(verdict.established_ns)
        self._last_data = packets.event_at(verdict.last_data_ns)
        self._closed = packets.event_at(verdict.closed_ns)
        self._alerts = [packets.events[alert.frame - 1] for alert in verdict.alerts]
        self._evidence = [packets.events[frame - 1] for frame in verdict.evidence]
        self._soon = [(packets.event_at(start), packets.event_at(end)) for start, end in asked]

    def holds_for(self, events: Events, restless: bool) -> bool:
        """Whether the verdict is that on a connection of the gist, which may be restless."""
        if restless:
            for first, last in self._soon:
                if first == NEVER or last == NEVER or events.ns(last) - events.ns(first) >= IDLE_NS:
                    return False
        return self.holds

    def verdict_on(self, facts: Facts) -> Verdict:
        """The verdict on a connection of that gist."""
        events = facts.events
        verdict = self._verdict.again()
        if self._established != NEVER:
            verdict.established_ns = events.ns(self._established)
        if self._last_data != NEVER:
            verdict.last_data_ns = events.ns(self._last_data)
        if self._closed != NEVER:
            verdict.closed_ns = events.ns(self._closed)
            busy_ns = max(verdict.last_data_ns, verdict.established_ns)
            verdict.idle_before_close_ns = max(0, verdict.closed_ns - busy_ns)
        if verdict.handshake_ns >= 0:
            verdict.handshake_ns = max(0, verdict.established_ns - facts.hello_ns)
        if self._evidence:  # else the empty lists are those of the precedent
            verdict.evidence = [events.frame(i) for i in self._evidence]
        if self._alerts:
            verdict.alerts = [self._alert(facts, events, k) for k in range(len(self._alerts))]
        verdict.handshakes = [self._handshake(events, row, verdict) for row in self._verdict.handshakes]
        return verdict

    def _alert(self, facts: Facts, events: Events, k: int) -> Alert:
        like, at = self._verdict.alerts[k], self._alerts[k]
        alert = like.again()
        alert.ns, alert.frame = events.ns(at), events.frame(at)
        side = facts.client if alert.sender == "client" else facts.server
        alert.length = side.last_record_length if alert.event < 0 else events.length(alert.event)
        return alert

    def _handshake(self, events: Events, like: Handshake, verdict: Verdict) -> Handshake:
        row = like.again()
        row.events = events
        row.start_ns = events.ns(row.first)
        row.duration_ns = verdict.handshake_ns
        return row


class Packets:
    """The packets of a gist: an instant for each, and the first of its events."""

    __slots__ = ("_instants", "events")

    def __init__(self, instants: list[int], gist: Gist) -> None:
        self._instants = array("q", instants)
        self.events = [gist.first_of(number) for number in range(1, len(instants) + 1)]

    def event_at(self, ns: int) -> int:
        """The first event of an instant, NEVER if no packet came then."""
        for i in range(len(self._instants)):
            if self._instants[i] == ns:
                return self.events[i]
        return NEVER


class Precedents:
    """All precedents that are remembered, by gist."""

    __slots__ = ("_gist", "_known", "_recent")

    def __init__(self) -> None:
        self._known: dict[bytes, Precedent] = {}
        self._recent: list[Precedent | None] = [None] * RECENT
        self._gist = Gist()

    def verdict_on(self, facts: Facts) -> Verdict | None:
        """The verdict that a connection shares with others, None if it has to be judged by itself."""
        gist = self._gist
        if not gist.take(facts):
            return None
        size, place = _WORD_BYTES * gist.count, gist.mark % _RECENT
        precedent = self._recent[place]
        if precedent is None or not octets.begins_with(gist.bytes, precedent.gist, size):
            precedent = self._find(octets.head(gist.bytes, size))
            self._recent[place] = precedent
        precedent.asked += 1
        if precedent.asked == _WORTH_A_PRECEDENT:
            _establish(precedent, gist)
        return precedent.verdict_on(facts) if precedent.holds_for(facts.events, gist.restless) else None

    def _find(self, gist: bytes) -> Precedent:
        precedent = self._known.get(gist)
        if precedent is None:
            if len(self._known) >= _MAX_PRECEDENTS:
                self._known.clear()
                self._recent = [None] * RECENT
            precedent = self._known[gist] = Precedent(gist)
        return precedent


def judge(facts: Facts, allowance: Allowance | None = None) -> Verdict:
    """The verdict on one connection, in which nothing is to be changed; `allowance` is that of its run, if any."""
    verdict = _precedents.verdict_on(facts)
    return judge_alone(facts, allowance) if verdict is None else verdict


def _establish(precedent: Precedent, gist: Gist) -> None:
    global _retelling
    if _retelling is None:
        _retelling = import_module("tlscap.judge.retelling")  # small captures need it not at all
    words = array("q", precedent.gist).tolist()
    at = _retelling.instants(words)
    marks = Landmarks(_retelling.retold(words, at))
    marks.asked = []
    flights = Flights(marks) if marks.tls13 else None
    verdict = judge_by(marks, flights)
    if flights is not None and flights.later_finished != NEVER:
        return  # it may have been authenticated late, which `inference.successors` tells from exact lengths
    if any(row.number for row in verdict.handshakes):
        return
    precedent.establish(verdict, Packets(at, gist), marks.asked)


_precedents = Precedents()
_retelling: Any = None
