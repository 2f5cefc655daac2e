"""What happened on one connection, in order: the engine's timeline of records, messages and closes.

One event is four numbers, so that a connection of any length costs little. What an event says is
what was on the wire; that a record is encrypted means only that its content could not be read.

kind                detail                                   length
HANDSHAKE           the handshake message type, or HIDDEN    message body, or record, in bytes
ALERT               level << 8 | description, or HIDDEN      record in bytes
CHANGE_CIPHER_SPEC  0, or HIDDEN if the record is not 1 byte record in bytes
APPLICATION_DATA    how many records the run has             bytes of the run's records
HEARTBEAT           0                                        record in bytes
GAP                 0                                        stream bytes that were never captured
FIN, RST            0                                        0

With a key log, what was decrypted is told as if it had been clear, and `decrypted(i)` is true: a HANDSHAKE
of each message with its type and the body's length (several of one record, or one of several), an ALERT
with level and description, a ChangeCipherSpec with detail 0. In TLS 1.3 a record is then of the kind that
is inside it; APPLICATION_DATA that is `decrypted` is certainly data. What could not be decrypted stays as
it is without keys.

Application data is one event a record at first (TLS 1.3 hides its handshake there) and one event a
run later; see MAX_SINGLE_DATA. The bounds here are the peer's to reach: beyond MAX_DATA_RUNS data is
one run a side until something else comes, beyond MAX_EVENTS only FIN and RST are kept and `cut` counts
the rest.
"""

from __future__ import annotations

from tlscap import octets
from tlscap.engine.held import Held

CLIENT, SERVER = 0, 1

GAP, FIN, RST = 1, 2, 3
CHANGE_CIPHER_SPEC, ALERT, HANDSHAKE, APPLICATION_DATA, HEARTBEAT = 20, 21, 22, 23, 24
"""The TLS content types (RFC 8446 §5.1, RFC 6520) are their own kinds."""

HIDDEN = 0xFFFF
"""The detail of an event whose content is encrypted."""

DECRYPTED = 2
"""Added to the side of an event that is added, to say that its content was decrypted."""

MAX_SINGLE_DATA = 32
"""Data records of a side that get an event each; a TLS 1.3 flight is under 10 records."""

MAX_DATA_RUNS = 256
"""Runs of data told apart; history stops after 200 letters. A long session alternates for ever."""

STORE_EVENTS = 4096
"""Events of connections that are over for which there is room in one piece; that of a block's is a few pieces."""

MAX_EVENTS = 2048
"""All events kept; a peer that renegotiates or sends alerts without end reaches it."""

# One event is ns, frame, decrypted << 33 | side << 32 | kind << 16 | detail, length. Typed in the .pxd.
_STRIDE = 4
_SIDE_SHIFT = 32
_SIDE_BIT = 1 << 32
_DECRYPTED_BIT = 1 << 33
_KIND_SHIFT = 16
_MASK = 0xFFFF
_MAX_EVENTS = MAX_EVENTS
_MAX_DATA_RUNS = MAX_DATA_RUNS
_DATA = APPLICATION_DATA
_FIN = FIN
_RST = RST
_NONE = -1
_STORE_CELLS = STORE_EVENTS * _STRIDE

MOST_KEPT_IN_NEED = 48
"""Events that a connection keeps which has to give room up: more than a usual one has."""

_MOST_KEPT_IN_NEED = MOST_KEPT_IN_NEED
_CELL_BYTES = 8
_FIRST_ROOM = 16
_USUAL_ROOM = 64

_NO_CELLS = octets.words(1)  # without room: shared by all connections on which nothing has happened yet


class Events:
    """A growing list of events; all reads are by index, 0 is the first."""

    __slots__ = (
        "_cells", "_client_run", "_most", "_room", "_server_run", "count", "cut", "data_runs", "held", "unsorted",
    )  # fmt: skip

    def __init__(self) -> None:
        self._room = 0
        self._cells = _NO_CELLS
        self.held: Held | None = None  # where room for more events than are usual is counted
        self.clear()

    def clear(self) -> None:
        """Makes an empty list of it again, with the room that it has."""
        self.count = 0
        self.cut = 0  # events that are not kept
        self._most = _MAX_EVENTS
        self.data_runs = 0
        self.unsorted = False  # events came late, see `sort`
        self._client_run = _NONE  # index of the side's run of data since the last other event
        self._server_run = _NONE

    def add(self, ns: int, frame: int, side: int, kind: int, detail: int, length: int) -> int:
        """Appends an event and gives its index, or -1 if the list is full; see DECRYPTED."""
        if self.count >= self._most and kind != _FIN and kind != _RST:  # of which a side has one each
            self.cut += 1
            return -1
        if kind != _DATA:
            self._client_run = _NONE
            self._server_run = _NONE
        if self.count >= self._room:
            self._grow()
        at = self.count * _STRIDE
        self._cells[at] = ns
        self._cells[at + 1] = frame
        self._cells[at + 2] = (side << _SIDE_SHIFT) | (kind << _KIND_SHIFT) | detail
        self._cells[at + 3] = length
        self.count += 1
        return self.count - 1

    def add_data(self, ns: int, frame: int, side: int, length: int, single: bool) -> None:
        """A record of application data of `length` bytes, an event of its own if it is to be `single`."""
        run = self._server_run if side & 1 else self._client_run
        again = run >= 0 and not single and (run == self.count - 1 or self.data_runs >= _MAX_DATA_RUNS)
        if again and self.decrypted(run) == (side > 1):
            self._extend(run, length)
            return
        self.data_runs += 1
        run = self.add(ns, frame, side, _DATA, 1, length)
        if run < 0:
            return
        if side & 1:
            self._server_run = run
        else:
            self._client_run = run

    def is_large(self) -> bool:
        """Whether it has room for more events than most connections have."""
        return self._room > _USUAL_ROOM

    def held_bytes(self) -> int:
        """The room for more events than are usual, as `Held` counts it."""
        return self._room * _STRIDE * _CELL_BYTES if self._room > _USUAL_ROOM else 0

    def give_up(self, ns: int, frame: int) -> None:
        """Keeps the first MOST_KEPT_IN_NEED events, a gap, FIN and RST; the others are cut, and so are later ones."""
        count = self.count
        if count <= _MOST_KEPT_IN_NEED:
            return
        if self.held is not None:
            self.held.bytes -= self.held_bytes()
        before = self._cells
        self._cells = octets.words(_STRIDE * _USUAL_ROOM)
        self._room = _USUAL_ROOM
        for i in range(_MOST_KEPT_IN_NEED * _STRIDE):
            self._cells[i] = before[i]
        self.count = _MOST_KEPT_IN_NEED
        self.add(ns, frame, CLIENT, GAP, 0, 0)
        self.add(ns, frame, SERVER, GAP, 0, 0)
        for i in range(_MOST_KEPT_IN_NEED, count):
            about = before[i * _STRIDE + 2]
            kind = (about >> _KIND_SHIFT) & _MASK
            if kind in (_FIN, _RST):
                self.add(before[i * _STRIDE], before[i * _STRIDE + 1], (about >> _SIDE_SHIFT) & 1, kind, 0, 0)
            else:
                self.cut += 1
        self._most = self.count

    def let_go(self) -> None:
        """The connection is over: what it has is no longer counted as held."""
        if self.held is not None:
            self.held.bytes -= self.held_bytes()
            self.held = None

    def sort(self) -> None:
        """Puts the events in the order of time; those of one side stay in the order of its stream.

        For events that came late, because the bytes before them were never captured and were waited for.
        """
        if not self.unsorted:
            return
        order = sorted([(self._cells[i * _STRIDE], i) for i in range(self.count)])
        cells = octets.words(_STRIDE * self._room)
        for place in range(self.count):
            source = order[place][1] * _STRIDE
            for k in range(_STRIDE):
                cells[place * _STRIDE + k] = self._cells[source + k]
        self._cells = cells
        self.unsorted = False

    def ns(self, i: int) -> int:
        return self._cells[i * _STRIDE]

    def frame(self, i: int) -> int:
        return self._cells[i * _STRIDE + 1]

    def side(self, i: int) -> int:
        return (self._cells[i * _STRIDE + 2] >> _SIDE_SHIFT) & 1

    def decrypted(self, i: int) -> bool:
        """Whether event `i` tells what was decrypted with a key log."""
        return self._cells[i * _STRIDE + 2] & _DECRYPTED_BIT != 0

    def kind(self, i: int) -> int:
        return (self._cells[i * _STRIDE + 2] >> _KIND_SHIFT) & _MASK

    def detail(self, i: int) -> int:
        return self._cells[i * _STRIDE + 2] & _MASK

    def word(self, i: int) -> int:
        """One number for side, kind, detail and whether it was decrypted."""
        return self._cells[i * _STRIDE + 2]

    def length(self, i: int) -> int:
        return self._cells[i * _STRIDE + 3]

    def set_length(self, i: int, length: int) -> None:
        self._cells[i * _STRIDE + 3] = length

    def swap_sides(self) -> None:
        """Turns client into server and back, once it is known that the roles were taken wrongly."""
        for i in range(self.count):
            self._cells[i * _STRIDE + 2] ^= _SIDE_BIT
        self._client_run, self._server_run = self._server_run, self._client_run

    def _extend(self, run: int, length: int) -> None:
        at = run * _STRIDE
        if (self._cells[at + 2] & _MASK) < _MASK - 1:
            self._cells[at + 2] += 1
        self._cells[at + 3] += length

    def _grow(self) -> None:
        held = self.held_bytes()
        self._room = _FIRST_ROOM if self._room == 0 else self._room * 2
        if self.held is not None:
            self.held.bytes += self.held_bytes() - held
        cells = octets.words(_STRIDE * self._room)
        octets.copy_words(cells, 0, self._cells, self.count * _STRIDE)
        self._cells = cells


class EventStore:
    """Where the events of connections that are over lie side by side, each in no more room than it needs.

    The list of a living connection has room to grow, and is given to the next one: to make one costs as much
    as to read a hello.
    """

    __slots__ = ("_cells", "_end", "_used")

    def __init__(self) -> None:
        self._cells = _NO_CELLS
        self._end = 0
        self._used = 0

    def copy(self, events: Events) -> Events:
        """The same events in the store; they are complete."""
        size = events.count * _STRIDE
        if size > self._end - self._used:
            self._end = size if size > _STORE_CELLS else _STORE_CELLS
            self._cells = octets.words(self._end)
            self._used = 0
        at = self._used
        self._used += size
        octets.copy_words(self._cells, at, events._cells, size)
        kept = Events()
        kept.count = events.count
        kept.cut = events.cut
        kept.data_runs = events.data_runs
        kept._room = events.count
        kept._cells = self._cells[at : at + size]
        return kept
