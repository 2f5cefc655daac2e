"""One way to read a connection's encrypted records, and how it goes on with the next one.

A reading is a place in the grammar and the trail that led there. Each record, gap or close makes of one
reading all that are possible after it, each with the logarithm of how likely it is:

    record   holds one message or several in a row, or is a piece of one that goes on in the next record
    gap      may have held messages of its side, as many as its size allows
    alert    ends the handshake, or is a warning that it survives (unrecognized_name)

A record that fits nothing is left unread at a price, so that there is always a reading.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import log
from typing import NamedTuple

from tlscap.engine.events import CLIENT, SERVER
from tlscap.judge.inference import grammar as g
from tlscap.judge.inference.fits import fits_under
from tlscap.judge.inference.habits import habit
from tlscap.judge.inference.measure import Measure
from tlscap.judge.inference.overhead import Overhead, possible

FRAGMENT = 16_384
"""The most that a record holds (RFC 5246 §6.2.1); a message that is longer goes on in the next."""

SMALLEST_FRAGMENT = 512
"""The least that stacks can be told to send (RFC 6066 §4)."""

ROUND = 64
"""Lengths of fragments that people choose are multiples of it."""

MOST_IN_GAP = 6
"""Messages in a row that one gap may have held; the longest flight, ChangeCipherSpec included."""

NEVER = -1

RECORD_HEADER = 5

_SHARED = 0.3  # that a message stands in the record of the one before it
_HELD = 0.003  # that a record is a piece of a message, one of a length that programs are told to send
_HELD_ODD = _HELD / 500  # the same, of any other length
_HELD_AGAIN = 0.5  # that the next one of the same length is, too
_HELD_FULL = 0.6  # that a record of the greatest length is
_RETRIED = 0.02  # that a handshake begins while another is open
_UNREAD = 1e-7
_ALERT_ENDS = 0.95
_DATA_INSIDE = 0.4  # that application data stands between a handshake's messages, for each run of it
_LOST_NOTHING = 0.7  # that a gap held no message of a handshake
_LOST_NOTHING_OF_TURN = 0.3  # the same where a handshake waits for the side that it is of
_TOO_SMALL = 1e-3  # that messages were in a gap that is smaller than they are
_NOTHING_ELSE = 0.6  # that a gap that held messages held nothing else
_ANY_SIZE = 1 / 3000  # that a gap has a certain size
_NEIGHBOURS = 3000  # bytes around a gap that are lost with it: those of records that it cut in two
_SAME_DATA = 0.5  # that a gap that is as large as a record of data that its side sent before is another one
_LATE = 0.5  # that a record behind a gap is what was taken to be in it
_SILENT = 0.1  # that a side of which nothing was captured sent nothing when it was its turn
_OTHER_SUITE = 0.01  # that the handshake agrees on another cipher suite


class Message(NamedTuple):
    """A message of a reading; `event` is where it begins."""

    event: int
    side: int
    kind: int
    length: int  # -1 where it cannot be told


class Unread(NamedTuple):
    """A record of a handshake that fits nothing."""

    event: int
    side: int


class Begin(NamedTuple):
    """A handshake begins; `event` is its first, `known` is False where what began it is missing."""

    event: int
    initiator: int
    known: bool


class End(NamedTuple):
    """A handshake is over: at `place`, by `event`, and how: completed, alert, abandoned, open."""

    event: int
    place: str
    how: str


Entry = Message | Unread | Begin | End
Trail = tuple["Trail", Entry] | None
"""What a reading says, the last entry first."""


class Held(NamedTuple):
    """Records that are pieces of messages which are not whole yet."""

    event: int
    side: int
    low: int
    high: int
    last: int  # the most that the last of them holds


class Reading(NamedTuple):
    """One way to read the records so far; `weight` is a logarithm."""

    weight: float
    place: str = g.IDLE
    trail: Trail = None
    held: Held | None = None
    lost: bool = False  # a gap since the handshake began

    def entries(self) -> list[Entry]:
        """The trail, the first entry first."""
        found, trail = [], self.trail
        while trail is not None:
            trail, entry = trail
            found.append(entry)
        return found[::-1]


class Run(NamedTuple):
    """Messages of one side in a row, where they lead, and how usual that is."""

    kinds: tuple[int, ...]
    place: str
    weight: float


class Expander:
    """Makes of a reading those that follow; knows the measure of the connection."""

    def __init__(self, measure: Measure, overhead: Overhead, data_sizes: tuple[set[int], set[int]]) -> None:
        self.measure = measure
        self.overhead = overhead
        self.data_sizes = data_sizes  # of records of application data that were seen, by side
        self._runs: dict[tuple[str, int], list[Run]] = {}
        self._lost: dict[tuple[str, int], list[Run]] = {}
        self._fits = fits_under(measure)

    def record(self, reading: Reading, event: int, side: int, length: int) -> Iterator[Reading]:
        """A handshake record of `length` bytes."""
        yield reading._replace(
            weight=reading.weight + log(_UNREAD),
            trail=(self._begun(reading, event, side), Unread(event, side)),
            place=reading.place if reading.place != g.IDLE else (g.GREETED if side == CLIENT else g.ANSWERED),
            held=None,
        )
        content = self.overhead.content(length)
        if content is not None:
            yield from self._content(reading, event, side, *content)
        if reading.place in _CHANGED:
            yield from self._other_suite(reading, event, side, length)

    def late(self, reading: Reading) -> Iterator[Reading]:
        """A record that a gap cut in two, and that is noted behind the gap, may be what was taken to be in it."""
        if reading.lost or reading.place == g.IDLE:
            yield reading._replace(weight=reading.weight + log(_LATE))

    def known(self, reading: Reading, event: int, side: int, kind: int, length: int) -> Iterator[Reading]:
        """A handshake message that was read: in the clear, or decrypted; `length` with its header."""
        read = Message(event, side, kind, length)
        if kind == g.CERTIFICATE and side == CLIENT and length <= 7:
            kind = g.EMPTY_CERTIFICATE
        found = False
        for run in self.runs(reading.place, side):
            if run.kinds == (kind,):
                found = True
                yield self._read(reading, event, side, run, [length], log(run.weight))
        if not found:
            if kind in (g.CLIENT_HELLO, g.HELLO_REQUEST):
                yield from self._retry(reading, event, side, length, length)
            trail = (self._begun(reading, event, side), read)
            place = g.GREETED if reading.place == g.IDLE else reading.place
            yield reading._replace(weight=reading.weight + log(_UNREAD), trail=trail, held=None, place=place)

    def change(self, reading: Reading, event: int, side: int) -> Iterator[Reading]:
        """A ChangeCipherSpec."""
        for step in g.STEPS[reading.place]:
            if step.side == side and step.kind == g.CHANGE_CIPHER_SPEC and reading.held is None:
                run = Run((step.kind,), step.to, self._weight(reading.place, step))
                yield self._read(reading, event, side, run, [1], log(run.weight))
        trail = (self._begun(reading, event, side), Message(event, side, g.CHANGE_CIPHER_SPEC, 1))
        idle = (g.SHORT_READY if side == SERVER else g.CLIENT_CHANGED) if reading.place == g.IDLE else reading.place
        yield reading._replace(weight=reading.weight + log(_UNREAD), trail=trail, held=None, place=idle)

    def alert(self, reading: Reading, event: int, passes: bool | None) -> Iterator[Reading]:
        """An alert; `passes` says that it is a warning that ends nothing, None that nobody knows."""
        if reading.place == g.IDLE:
            yield reading
            return
        if passes is not True:
            trail = (reading.trail, End(event, reading.place, "alert"))
            weight = reading.weight + (log(_ALERT_ENDS) if passes is None else 0)
            yield Reading(weight, g.IDLE, trail)
        if passes is not False:
            yield reading._replace(weight=reading.weight + (log(1 - _ALERT_ENDS) if passes is None else 0))

    def data(self, reading: Reading) -> Reading:
        """A run of application data."""
        if reading.place == g.IDLE:
            return reading
        return reading._replace(weight=reading.weight + log(_DATA_INSIDE))

    def gap(self, reading: Reading, event: int, side: int, size: int) -> Iterator[Reading]:
        """Bytes of a side that were not captured."""
        idle = reading.place == g.IDLE
        nothing = _LOST_NOTHING if idle or g.STEPS[reading.place][0].side != side else _LOST_NOTHING_OF_TURN
        yield reading._replace(weight=reading.weight + log(nothing), held=None, lost=not idle)
        yield from self._skipped(reading._replace(held=None), event, side, size, 1 - nothing)

    def unseen(self, reading: Reading, event: int, side: int) -> Iterator[Reading]:
        """The reading itself, and what it may have come to by messages of a side of which nothing was captured."""
        turn = g.STEPS[reading.place][0].side == side and reading.place != g.IDLE
        yield reading._replace(weight=reading.weight + log(_SILENT)) if turn else reading
        yield from self._skipped(reading, event, side, FRAGMENT, 1 - _SILENT)

    def dark(self, reading: Reading, event: int, side: int, size: int) -> Iterator[Reading]:
        """The same before an event of the other side, where a gap of `size` bytes of this one will be noted later."""
        yield reading
        yield from self._skipped(reading, event, side, size, 1 - _LOST_NOTHING)

    def runs(self, place: str, side: int) -> list[Run]:
        """What messages of a side may stand in one record at this place."""
        key = place, side
        if key not in self._runs:
            self._runs[key] = list(self._walk(place, side, False, ()))
        return self._runs[key]

    def _content(self, reading: Reading, event: int, side: int, low: int, high: int) -> Iterator[Reading]:
        held = reading.held
        if held is not None:
            if held.side != side:
                return
            event, low, high = held.event, held.low + low, held.high + high
        for run in self.runs(reading.place, side):
            fits, lengths = self._fits.fit(side, run.kinds, low, high)
            if fits > 0:
                yield self._read(reading, event, side, run, lengths, log(run.weight) + log(fits))
        if reading.place != g.IDLE and held is None:
            yield from self._retry(reading, event, side, low, high)
        yield from self._hold(reading, event, side, low, high)

    def _hold(self, reading: Reading, event: int, side: int, low: int, high: int) -> Iterator[Reading]:
        """Takes the record for a piece of a message."""
        held = reading.held
        if high < SMALLEST_FRAGMENT or high - (held.high if held else 0) < SMALLEST_FRAGMENT:
            return
        last = high - (held.high if held else 0)
        if low <= FRAGMENT <= high and held is None:
            weight = _HELD_FULL
        elif held is not None:
            weight = _HELD_AGAIN if held.last == last else _HELD * _HELD
        else:
            weight = _HELD if any(length % ROUND == 0 for length in range(low, high + 1)) else _HELD_ODD
        yield reading._replace(weight=reading.weight + log(weight), held=Held(event, side, low, high, last))

    def _retry(self, reading: Reading, event: int, side: int, low: int, high: int) -> Iterator[Reading]:
        """A handshake begins, and the one that was open comes to nothing."""
        if reading.place == g.IDLE:
            return
        over = (reading.trail, End(event, reading.place, "abandoned"))
        for run in self.runs(g.IDLE, side):
            fits, lengths = self._fits.fit(side, run.kinds, low, high)
            if fits > 0:
                fresh = Reading(reading.weight + log(_RETRIED), g.IDLE, over)
                yield self._read(fresh, event, side, run, lengths, log(run.weight) + log(fits))

    def _other_suite(self, reading: Reading, event: int, side: int, length: int) -> Iterator[Reading]:
        """A Finished under another cipher suite than the one before."""
        finished = self.measure.finished
        for run in self.runs(reading.place, side):
            if run.kinds == (g.FINISHED,) and any(
                each.record(finished) == length for each in possible(self.measure.version) if each != self.overhead
            ):
                yield self._read(reading, event, side, run, [finished], log(_OTHER_SUITE))

    def _skipped(self, reading: Reading, event: int, side: int, size: int, share: float) -> Iterator[Reading]:
        """The readings in which messages of `side` were in a gap before or at `event`."""
        key = reading.place, side
        if key not in self._lost:
            self._lost[key] = list(self._walk(reading.place, side, True, ()))
        for run in self._lost[key]:
            weight = log(share) + log(run.weight) + log(self._filled(side, run.kinds, size))
            trail = reading.trail
            if reading.place == g.IDLE:
                trail = (trail, Begin(event, side, False))
            if run.place == g.IDLE:
                trail = (trail, End(event, reading.place, "completed"))
            yield Reading(reading.weight + weight, run.place, trail, None, run.place != g.IDLE)

    def _filled(self, side: int, kinds: tuple[int, ...], size: int) -> float:
        """How much likelier than any size that of a gap is that held these messages, each in its record."""
        alone = max(self._alone(side, kinds, size - data) for data in (0, *self.data_sizes[side]))
        least = sum(RECORD_HEADER + self.overhead.record(_LEAST.get(kind, 4)) for kind in kinds)
        among = _TOO_SMALL if least > size + _NEIGHBOURS else 1.0
        likely = _NOTHING_ELSE * alone + (1 - _NOTHING_ELSE) * among
        return likely * _ANY_SIZE / _SAME_DATA if size in self.data_sizes[side] else likely

    def _alone(self, side: int, kinds: tuple[int, ...], size: int) -> float:
        """How much likelier than any size this one is of these messages alone."""
        high = size - sum(RECORD_HEADER + self.overhead.record(0) - self.overhead.padding for _ in kinds)
        low = high - self.overhead.padding * len(kinds)
        return self._fits.likely(side, kinds, low, high) / _ANY_SIZE / (high - low + 1)

    def _read(self, reading: Reading, event: int, side: int, run: Run, lengths: list[int], weight: float) -> Reading:
        trail = reading.trail
        if reading.place == g.IDLE:
            trail = (trail, Begin(event, side, True))
        for kind, length in zip(run.kinds, lengths, strict=False):
            trail = (trail, Message(event, side, kind, length))
        if run.place == g.IDLE:
            trail = (trail, End(event, reading.place, "completed"))
        return Reading(reading.weight + weight, run.place, trail, None, reading.lost and run.place != g.IDLE)

    def _begun(self, reading: Reading, event: int, side: int) -> Trail:
        if reading.place != g.IDLE:
            return reading.trail
        return (reading.trail, Begin(event, side, False))

    def _walk(self, place: str, side: int, lost: bool, kinds: tuple[int, ...], weight: float = 1.0) -> Iterator[Run]:
        """All ways for `side` to go on from a place: within one record, or `lost`, ChangeCipherSpec included."""
        for step in g.STEPS[place]:
            changes = step.kind == g.CHANGE_CIPHER_SPEC
            if step.side != side or (changes and not lost) or (lost and step.kind == g.NEXT_PROTOCOL):
                continue
            if step.to == place and kinds:
                continue
            reached = weight * self._weight(place, step)
            longer = (*kinds, step.kind)
            yield Run(longer, step.to, reached * (1 if lost else 1 - _SHARED))
            if step.to != g.IDLE and len(longer) < MOST_IN_GAP and place != g.IDLE:
                yield from self._walk(step.to, side, lost, longer, reached * (0.5 if lost else _SHARED))

    def _weight(self, place: str, step: g.Step) -> float:
        return step.weight * habit(self.measure, place, step)


_CHANGED = (g.CLIENT_CHANGED, g.SERVER_CHANGED, g.SHORT_CHANGED, g.SHORT_CLIENT_CHANGED)

_LEAST = {
    g.CLIENT_HELLO: 40,
    g.SERVER_HELLO: 40,
    g.CERTIFICATE: 300,
    g.SERVER_KEY_EXCHANGE: 60,
    g.NEW_SESSION_TICKET: 100,
}
"""What a message has at least, beyond its header; it need not be exact."""
