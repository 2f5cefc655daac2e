"""The renegotiations of a connection: the best reading of its records, and how much better than the others it is.

All readings are followed side by side, record by record; those that fall far behind are given up.
Whenever no handshake is open in any of them, the best is taken, and what it says is as sure as the
readings that say the same weigh among all. A connection of which the cipher suite was not seen is read
with each overhead that its records allow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain
from math import exp, log

from tlscap.engine.events import (
    ALERT,
    APPLICATION_DATA,
    CHANGE_CIPHER_SPEC,
    CLIENT,
    FIN,
    GAP,
    HANDSHAKE,
    HIDDEN,
    RST,
    SERVER,
    Events,
)
from tlscap.judge import thresholds as at
from tlscap.judge.attempt import Attempt, Sent
from tlscap.judge.inference import grammar as g
from tlscap.judge.inference.allowance import GUESS, Allowance
from tlscap.judge.inference.endings import CLOSE, Stop, ending
from tlscap.judge.inference.learning import learned
from tlscap.judge.inference.measure import HEADER, Measure, take_measure
from tlscap.judge.inference.overhead import Overhead, possible
from tlscap.judge.inference.reading import RECORD_HEADER, Begin, End, Entry, Expander, Message, Reading, Unread
from tlscap.judge.landmarks import NEVER, Landmarks

MAX_READINGS = 80
"""Readings followed at once."""

FALLEN_BEHIND = 16.0
"""How much less a reading may weigh than the best, as a logarithm: one in nine million."""

MAX_RECORDS = 96
"""Records read since a handshake was completed, which takes 20 at most; a peer that sends others without end
reaches it, and what follows is counted, not told."""

MANY_RECORDS = 24
"""Records from which on a handshake that is almost certainly over is taken for it: a peer that is refused time and
again never comes to a place that is certain."""

ALMOST = 0.99
"""What is almost certain."""

MAX_DATA_SIZES = 32
"""Sizes of data records that gaps are compared with; peers choose them."""

NO_RENEGOTIATION, CLOSE_NOTIFY, WARNING = 100, 0, 1
NO_RENEGOTIATION_WARNING = WARNING << 8 | NO_RENEGOTIATION


def parse(marks: Landmarks, start: int, allowance: Allowance) -> list[Attempt]:
    """The renegotiations among the events from index `start` on; the work that it takes is added to the run's."""
    measure = take_measure(marks)
    overheads = (measure.overhead,) if measure.overhead is not None else _allowed(marks, start, measure)
    told = [_Parser(marks, measure, overhead, allowance).read(start) for overhead in overheads]
    if not told:
        told = [_Parser(marks, measure, possible(measure.version)[0], allowance).read(start)]
    best_weight, best = max(told, key=lambda each: each[0])
    shares = [exp(weight - best_weight) for weight, _ in told]
    alike = [share for share, (_, found) in zip(shares, told, strict=True) if _essence(found) == _essence(best)]
    for each in best:
        each.confidence *= sum(alike) / sum(shares)
        for message in each.messages:
            message.confidence *= 1 / sum(shares)
    return best


def _essence(found: list[Attempt]) -> list[tuple[int, str]]:
    return [(each.initiator, each.outcome) for each in found]


def _allowed(marks: Landmarks, start: int, measure: Measure) -> list[Overhead]:
    """The overheads with which every ChangeCipherSpec has a byte, and every record something."""
    events = marks.events
    found = []
    for overhead in possible(measure.version):
        lengths = [(events.kind(i), events.length(i)) for i in range(start, events.count)]
        changes = {length for kind, length in lengths if kind == CHANGE_CIPHER_SPEC}
        others = {length for kind, length in lengths if kind == HANDSHAKE}
        if changes <= {overhead.record(1)} and all(overhead.content(length) is not None for length in others):
            found.append(overhead)
    return found


class _Parser:
    """Follows all readings of one connection under one overhead."""

    def __init__(self, marks: Landmarks, measure: Measure, overhead: Overhead, allowance: Allowance) -> None:
        self.marks = marks
        self.expander = Expander(measure, overhead, _data_sizes(marks.events))
        self.readings: list[Reading] = []
        self.found: list[Attempt] = []
        self.records = 0
        self.work = 0  # see `allowance`
        self.allowance = allowance
        self.most_work = allowance.of_one()
        self.dark = _dark(marks)
        self.shuffled = marks.facts.is_turned()
        self.goodbye = NEVER  # the alert with which a side takes its leave: what the other still sends reaches nobody
        self.blind = [side for side in (CLIENT, SERVER) if marks.side(side).packets == 0]

    def read(self, start: int) -> tuple[float, list[Attempt]]:
        """The logarithm of how likely the records are under the best reading, and the renegotiations."""
        read = self._read(start)
        self.allowance.spent += self.work
        return read

    def _read(self, start: int) -> tuple[float, list[Attempt]]:
        self.readings = self._beginnings(start)
        for i in range(start, self.marks.events.count):
            self._event(i)
            if self.records > MAX_RECORDS or self.work > self.most_work:
                return self._give_up(i)
            if i == self.goodbye:
                break
        return self._finish()

    def _give_up(self, i: int) -> tuple[float, list[Attempt]]:
        """Event `i` is the last that is read; what is behind it is counted."""
        weight, found = self._finish()
        events = self.marks.events
        if found and found[-1].ended_by == NEVER and found[-1].outcome != "completed":
            found[-1].outcome, found[-1].broken_off_by, found[-1].stalled_at = "unfinished", None, None
            found[-1].confidence *= at.AFTER_LOSS
            found[-1].lossy = True  # how it went was not read
        kinds = [events.kind(k) for k in range(i + 1, events.count)]
        untold = kinds.count(HANDSHAKE) + kinds.count(CHANGE_CIPHER_SPEC)
        if found:
            found[-1].untold = untold
        else:
            sentence = f"{untold} records of handshakes: what they renegotiate, if anything, is not told"
            self.marks.facts.note(events.ns(i), events.frame(i), "renegotiations_not_told", sentence)
        return weight, found

    def _beginnings(self, start: int) -> list[Reading]:
        """IDLE behind a handshake or data; a capture may begin anywhere."""
        if start > 0 or self.marks.hello_seen:
            return [Reading(0.0)]
        places = [place for place in g.STEPS if place != g.IDLE]
        share = log(0.5 / len(places) / 2)
        begun = [
            Reading(share, place, (None, Begin(start, side, False))) for place in places for side in (CLIENT, SERVER)
        ]
        return [Reading(log(0.5)), *begun]

    def _event(self, i: int) -> None:
        events = self.marks.events
        kind, side, length = events.kind(i), events.side(i), events.length(i)
        expander = self.expander
        if kind == HANDSHAKE:
            self.records += 1
            self._see_blind(i)
            detail = events.detail(i)
            if detail == HIDDEN:
                cut = _is_cut(events, i)
                self._step(
                    i,
                    lambda reading: chain(
                        expander.record(reading, i, side, length), expander.late(reading) if cut else ()
                    ),
                )
            else:
                self._step(i, lambda reading: expander.known(reading, i, side, detail, HEADER + length))
        elif kind == CHANGE_CIPHER_SPEC:
            self.records += 1
            self._see_blind(i)
            self._step(i, lambda reading: expander.change(reading, i, side))
        elif kind == ALERT:
            self._see_blind(i)
            waits = g.STEPS[self.readings[0].place][0].side != side
            passes = False if _leaves(events, i, waits) else _passes(events.detail(i))
            self.goodbye = i if passes is False and events.detail(i) != NO_RENEGOTIATION_WARNING else NEVER
            self._step(i, lambda reading: expander.alert(reading, i, passes))
        elif kind == GAP:
            self._step(i, lambda reading: expander.gap(reading, i, side, length), GUESS)
        elif kind == APPLICATION_DATA and any(reading.place != g.IDLE for reading in self.readings):
            self._see_blind(i)
            self.readings = _best([expander.data(reading) for reading in self.readings])
            if self._is_over(i):
                self._take(i)

    def _is_over(self, i: int) -> bool:
        """Whether no handshake is open, almost certainly, and to be sure of it could cost too much or say nothing.

        What follows another cipher suite's Finished means nothing under the old one.
        """
        if self.records <= MANY_RECORDS and not self._changes_suite(i):
            return False
        total = _total(self.readings)
        return sum(exp(reading.weight - total) for reading in self.readings if reading.place == g.IDLE) > ALMOST

    def _changes_suite(self, i: int) -> bool:
        events, expander, best = self.marks.events, self.expander, self.readings[0]
        if events.kind(i) != HANDSHAKE or events.detail(i) != HIDDEN or best.place != g.IDLE:
            return False
        if events.length(i) == expander.overhead.record(expander.measure.finished) or best.trail is None:
            return False
        before = best.trail[0]
        return (
            before is not None
            and isinstance(before[1], Message)
            and before[1].event == i
            and before[1].kind == g.FINISHED
        )

    def _see_blind(self, i: int) -> None:
        for side in self.blind:
            self._step(i, lambda reading, side=side: self.expander.unseen(reading, i, side), GUESS)  # type: ignore[misc]
        for gap in self.dark.get(i, ()):
            side, size = self.marks.events.side(gap), self.marks.events.length(gap)
            self._step(i, lambda reading, side=side, size=size: self.expander.dark(reading, i, side, size), GUESS)  # type: ignore[misc]

    def _step(self, i: int, expand: Callable[[Reading], Iterator[Reading]], weight: int = 1) -> None:
        expanded = [after for reading in self.readings for after in expand(reading)]
        self.work += len(expanded) * weight
        self.readings = _best(expanded)
        if all(reading.place == g.IDLE for reading in self.readings) or self._is_over(i):
            self._take(i)

    def _finish(self) -> tuple[float, list[Attempt]]:
        events = self.marks.events
        for side in self.blind:
            self.readings = _best([a for r in self.readings for a in self.expander.unseen(r, events.count, side)])
        over = []
        for reading in self.readings:
            if reading.place == g.IDLE:
                over.append(reading)
            else:
                trail = (reading.trail, End(events.count, reading.place, "open"))
                over.append(reading._replace(trail=trail))
        self.readings = over
        return self._take(events.count), self.found

    def _take(self, i: int) -> float:
        """Takes what the best reading says, and begins anew."""
        total = _total(self.readings)
        shares = [exp(reading.weight - total) for reading in self.readings]
        stories = [_stories(self.marks, self.dark, reading.entries()) for reading in self.readings]
        for each in stories[0]:
            if not each.messages:
                continue  # all that belongs to it would be missing
            _weigh(each, stories, shares, self.shuffled)
            if self.blind:
                each.confidence *= at.AFTER_LOSS
            self.found.append(each)
            self.expander = learned(self.expander, self.marks.events, each)
        if any(each.outcome in ("completed", "refused") for each in stories[0]):
            self.records = 0
        self.readings = [Reading(total)]
        return total


def _dark(marks: Landmarks) -> dict[int, list[int]]:
    """By event the gaps of the other side that it may stand behind: a gap is noted when its side sends again."""
    events = marks.events
    found: dict[int, list[int]] = {}
    since = [0, 0]
    for i in range(events.count):
        side = events.side(i)
        if events.kind(i) == GAP:
            for k in range(since[side], i):
                if events.kind(k) != APPLICATION_DATA:
                    found.setdefault(k, []).append(i)
        since[side] = i + 1
    return found


def _data_sizes(events: Events) -> tuple[set[int], set[int]]:
    """By side how many bytes of the stream its records of application data took, as far as they are told apart."""
    found: tuple[set[int], set[int]] = (set(), set())
    for i in range(events.count):
        if events.kind(i) == APPLICATION_DATA and events.detail(i) == 1 and len(found[events.side(i)]) < MAX_DATA_SIZES:
            found[events.side(i)].add(RECORD_HEADER + events.length(i))
    return found


def _is_cut(events: Events, i: int) -> bool:
    """Whether record `i` lost some of its bytes to the gap before it."""
    if i == 0 or events.kind(i - 1) != GAP or events.side(i - 1) != events.side(i):
        return False
    return events.length(i - 1) <= RECORD_HEADER + events.length(i)


def _leaves(events: Events, i: int, waits: bool) -> bool:
    """Whether alert `i` is the last that its sender sends before it closes, and not because the other did.

    Where the sender `waits` for the other's messages, those may have crossed the alert; the other's close is then an
    answer.
    """
    crossed = False
    for k in range(i + 1, events.count):
        closes = events.kind(k) in (FIN, RST)
        if events.side(k) == events.side(i):
            return closes
        if closes:
            return crossed
        crossed = waits and events.ns(k) - events.ns(i) < at.UNDER_WAY_NS
    return False


def _passes(detail: int) -> bool | None:
    """Whether an alert is a warning that ends no handshake, if it can be read."""
    if detail == HIDDEN:
        return None
    return detail >> 8 == WARNING and detail & 0xFF not in (CLOSE_NOTIFY, NO_RENEGOTIATION)


def _best(readings: list[Reading]) -> list[Reading]:
    ordered = sorted(readings, key=lambda reading: -reading.weight)[:MAX_READINGS]
    return [reading for reading in ordered if reading.weight > ordered[0].weight - FALLEN_BEHIND]


def _total(readings: list[Reading]) -> float:
    best = readings[0].weight
    return best + log(sum(exp(reading.weight - best) for reading in readings))


def _stories(marks: Landmarks, gaps: dict[int, list[int]], entries: list[Entry]) -> list[Attempt]:
    """The renegotiations of which a reading tells."""
    found: list[Attempt] = []
    for entry in entries:
        if isinstance(entry, Begin):
            found.append(Attempt(entry.event, entry.initiator, begun=entry.known, last=entry.event))
        elif isinstance(entry, Message):
            found[-1].messages.append(Sent(entry.event, entry.side, entry.kind, entry.length))
        elif isinstance(entry, Unread):
            found[-1].messages.append(Sent(entry.event, entry.side, None, -1))
        else:
            _end(marks, gaps, found[-1], entry)
    return found


def _end(marks: Landmarks, gaps: dict[int, list[int]], story: Attempt, end: End) -> None:
    events = marks.events
    story.last = max([story.first, *(sent.event for sent in story.messages)])
    story.kind = g.kind_at(end.place)
    if end.how == "completed":
        story.last = max(story.last, min(end.event, events.count - 1))
        return
    stop_at = min(end.event, events.count)
    dark = any(i in gaps for i in range(story.first, stop_at + 1))
    cut = end.how == "open" and events.cut > 0  # its end is not in the timeline
    story.lossy = dark or cut or marks.gap_between(story.first, stop_at) or not marks.both_captured()
    stop = Stop(end.place, story.initiator, story.last, end.how, end.event, story.lossy)
    told = ending(marks, stop)
    story.outcome, story.broken_off_by, story.stalled_at = told.outcome, told.by, told.stalled_at
    story.doubtful = cut or not marks.both_captured() or _is_beside_gap(marks, story, stop_at)
    if end.how == "alert" and story.broken_off_by != CLOSE:
        story.ended_by = end.event
        story.last = end.event


def _is_beside_gap(marks: Landmarks, story: Attempt, stop: int) -> bool:
    """Whether bytes are missing since the application data before a renegotiation, or some of it could not be read.

    What was lost behind a refusal is an answer to it.
    """
    events = marks.events
    unread = any(sent.kind is None for sent in story.messages)
    start = story.first
    while start > 0 and events.kind(start - 1) != APPLICATION_DATA:
        start -= 1
    stop = min(stop + (story.outcome != "refused"), events.count)
    while story.outcome != "refused" and stop < events.count and events.kind(stop) != APPLICATION_DATA:
        stop += 1
    return unread or marks.gap_between(start, stop)


def _weigh(story: Attempt, stories: list[list[Attempt]], shares: list[float], shuffled: bool) -> None:
    """Gives a story of the best reading, and its messages, the weight of the readings that say the same.

    What the capture lost or `shuffled` is not worth the same: what was refused or failed by what is left may have been
    completed.
    """
    same = kinds = 0.0
    types: dict[tuple[int, int | None], float] = {}
    for share, told in zip(shares, stories, strict=True):
        for other in told:
            if other.first != story.first:
                continue
            if _essence([other]) == _essence([story]):
                same += share
                kinds += share if other.kind == story.kind else 0.0
            for each in {(sent.event, sent.kind) for sent in other.messages}:
                types[each] = types.get(each, 0.0) + share
    story.confidence, story.kind_confidence = same, kinds / same if same else 0.0
    if (story.doubtful or shuffled) and story.outcome != "completed":
        story.confidence *= at.AFTER_LOSS
    elif story.broken_off_by == "alert" and len(story.messages) == 1 and story.outcome == "failed":
        story.confidence *= at.GAVE_UP
    for sent in story.messages:
        sent.confidence = min(1.0, types.get((sent.event, sent.kind), 0.0))
