"""One direction of a TCP connection: its bytes in order, each once, and where some are missing.

Segments may come twice, overlap, come late, or never have been captured. The first copy of a byte
is kept (an attacker may send two different ones; RFC 9293 leaves open which counts). Bytes that
come early wait behind the hole, and so does a FIN; the hole becomes a gap when the receiver has
acknowledged it and no late packet has filled it for `Limits.hole_patience_ns`, when too much waits, or
at the end.

What waited for a late packet could be read when that came, and is dated so. What waited for bytes that
were never captured keeps its own time: the receiver had them. What was captured behind the packet that
acknowledges it was on the wire before, and is dated so: two sockets, or two cores, had it in between.
"""

from __future__ import annotations

from tlscap.engine.buffer import Buffer
from tlscap.engine.early import Early
from tlscap.engine.events import FIN, RST
from tlscap.engine.facts import Side
from tlscap.engine.record import RecordReader
from tlscap.engine.session import Session
from tlscap.engine.waiting import Waiting

FLAG_FIN, FLAG_SYN, FLAG_RST, FLAG_PSH, FLAG_ACK = 1, 2, 4, 8, 16
"""TCP control bits (RFC 9293 §3.1)."""

FAR = 0x1000000
"""16 MB: so much the capture may lack of one direction, hardly of both at once."""

_FIN = FLAG_FIN
_SYN = FLAG_SYN
_RST = FLAG_RST
_ACK = FLAG_ACK
_EVENT_FIN = FIN
_EVENT_RST = RST
_SEQ_MASK = 0xFFFFFFFF
_SEQ_HALF = 0x80000000
_SEQ_SIZE = 0x100000000
_FAR = FAR
_RESET_WINDOW = 0x100000  # a RST further than this from what was sent or acknowledged is out of every usual window


class Stream:
    """Reassembly of one direction; `other` is the stream of the opposite one."""

    def __init__(self, session: Session, direction: int, side: Side, mid_stream: bool) -> None:
        limits = session.limits
        self.session = session
        self.direction = direction
        self.most_bytes = limits.out_of_order_bytes
        self.most_segments = limits.out_of_order_segments
        self.patience_ns = limits.hole_patience_ns
        self.spare: RecordReader | None = None  # of the connection before, for when bytes come
        self.records: RecordReader | None = None
        self.renew(side, mid_stream)

    def renew(self, side: Side, mid_stream: bool) -> None:
        """Forgets all: what follows is another connection's."""
        self.side = side
        if self.records is not None:
            self.spare = self.records
            self.records = None
        self.mid_stream = mid_stream
        self.anchored = False  # next_seq is known
        self.next_seq = 0  # of the next byte wanted
        self.high_seq = 0  # behind the last byte seen
        self.isn = -1  # initial sequence number, of the SYN
        self.acked_seq = -1  # what the other side has acknowledged of this stream
        self.early: Early | None = None  # what it acknowledged before that was seen; None when all was seen
        self.floor_ns = 0  # before that the packet at hand was not there: it acknowledges what came then
        self.fin_seq = -1
        self.given_up_seq = -1  # behind the last hole that was given up for want of room
        self.other_isn = -1  # of a SYN that came after another one
        self.fin_noted = False
        self.closed = False  # it sent a FIN, or a RST
        self.reset = False  # it sent a RST, and no new bytes since: who forges one cannot stop the true sender
        self.waiting: Waiting | None = None  # behind a hole; None when there is none

    def start(self, seq: int, ns: int, frame: int) -> None:
        """A SYN: the stream's first byte is the one after it."""
        side = self.side
        if side.syn_ns == 0:
            side.syn_ns = ns
            side.syn_frame = frame
        if not self.anchored:
            self.anchored = True
            self.isn = seq
            self.next_seq = (seq + 1) & _SEQ_MASK
            self.high_seq = self.next_seq
        elif self.isn < 0 and side.bytes == 0 and ((self.next_seq - seq - 1) & _SEQ_MASK) < _RESET_WINDOW:
            # The capture has it behind packets that acknowledge more; what it begins is still to come.
            self.isn = seq
            self.next_seq = (seq + 1) & _SEQ_MASK
            if self.acked_seq >= 0:
                self._note_early(self.acked_seq, ns)
        elif seq == self.isn:
            self._forget_reset()
            self._count_retransmission(ns, frame)
        else:
            self.other_isn = seq

    def anchor(self, seq: int) -> None:
        """The next byte has sequence number `seq`: known from what the other side acknowledges."""
        if not self.anchored:
            self.anchored = True
            self.next_seq = seq
            self.high_seq = seq
            self.acked_seq = seq

    def segment(self, seq: int, buffer: Buffer, at: int, end: int, on_wire: int, ns: int, frame: int) -> None:
        """Takes a segment's payload: `buffer.data[at:end]` as captured, `on_wire` bytes as sent (snaplen cuts)."""
        if on_wire == 0:
            return
        if not self.anchored:
            self.anchored = True
            self.next_seq = seq
            self.high_seq = seq
        ahead = (seq - self.next_seq) & _SEQ_MASK
        end_seq = (seq + on_wire) & _SEQ_MASK
        if ((end_seq - self.high_seq) & _SEQ_MASK) - 1 < _SEQ_HALF - 1:
            self.high_seq = end_seq
        if ahead == 0:
            if self.early is not None:
                ns = self._time_on_wire(end_seq, ns)
            if self.waiting is None:
                self._pass_on(buffer, at, end, on_wire, ns, frame)
            else:
                self._deliver(buffer, at, end, on_wire, ns, frame)
        elif ahead < _SEQ_HALF:
            self._keep(seq, buffer, at, end, on_wire, ns, frame)
        else:
            self._old(_SEQ_SIZE - ahead, buffer, at, end, on_wire, ns, frame)

    def is_padding(self, seq: int, buffer: Buffer, at: int, end: int) -> bool:
        """Whether a few bytes of an ACK, SYN or FIN are an Ethernet frame's padding that a middlebox took for payload.

        They are zeros, and stand where neither a record nor plain text can begin with a zero; the bytes
        that the sender really puts there come next, with the same sequence number.
        """
        behind_fin = self.fin_noted and seq == (self.fin_seq + 1) & _SEQ_MASK
        if not behind_fin and (seq != self.next_seq or (self.records is not None and not self.records.at_boundary())):
            return False
        for i in range(at, end):  # noqa: SIM110
            if buffer.data[i] != 0:
                return False
        return True

    def acknowledge(self, ack: int, ns: int) -> None:
        """The other side acknowledges the bytes before `ack`."""
        self.side.acknowledged = True
        if not self.anchored:
            # What is acknowledged was sent before the capture, or on a path that it does not see.
            self.mid_stream = True
            self.anchor(ack)
            self._note_early(ack, ns)
            return
        if self.other_isn >= 0:
            self._settle_isn(ack)
        if self.acked_seq < 0 and self.isn >= 0 and ((ack - self.high_seq) & _SEQ_MASK) > _RESET_WINDOW:
            return  # of an earlier connection on the same ports: a server answers a SYN that way (RFC 9293 §3.10.7.4)
        if self.acked_seq < 0 or ((ack - self.acked_seq) & _SEQ_MASK) < _SEQ_HALF:
            self.acked_seq = ack
            ahead = (ack - self.next_seq) & _SEQ_MASK
            if 0 < ahead < _SEQ_HALF and not (ahead == 1 and self.fin_noted):
                self._note_early(ack, ns)
        if self.waiting is not None:
            self._check_holes(ns)

    def _note_early(self, ack: int, ns: int) -> None:
        """Keeps when bytes were acknowledged that are still to come."""
        if self.early is None:
            self.early = Early(self.session.held)
        self.early.note(ack, ns)

    def covered_ns(self, seq: int) -> int:
        """When the last byte was there, if it is before `seq`, else 0: a packet with that number was sent behind it."""
        if not self.anchored or ((seq - self.next_seq) & _SEQ_MASK) >= _SEQ_HALF:
            return 0
        side = self.side
        last_ns = side.payload_ns if side.payload_ns > 0 else side.syn_ns
        if self.fin_noted and seq == (self.fin_seq + 1) & _SEQ_MASK and side.fin_ns > last_ns:
            last_ns = side.fin_ns
        return last_ns

    def _settle_isn(self, ack: int) -> None:
        """Of two SYNs with different numbers, a middlebox's perhaps, the one counts that is acknowledged."""
        if ack == (self.other_isn + 1) & _SEQ_MASK and self.side.bytes == 0:
            self.isn = self.other_isn
            self.next_seq = ack
            self.high_seq = ack
            self.acked_seq = ack
        self.other_isn = -1

    def note_fin(self, seq: int, ns: int, frame: int) -> None:
        """A FIN, whose sequence number `seq` is that of the byte after the last."""
        self.closed = True
        if self.fin_noted:
            return
        self.fin_noted = True
        self.fin_seq = seq
        if not self.anchored:
            self.anchored = True
            self.next_seq = seq
            self.high_seq = seq
        side = self.side
        side.fin_ns = ns
        side.fin_frame = frame
        ahead = (seq - self.next_seq) & _SEQ_MASK
        if ahead == 0 and self.early is not None:
            ns = side.fin_ns = self._time_on_wire((seq + 1) & _SEQ_MASK, ns)
        if 0 < ahead < _RESET_WINDOW:
            self._waiting_from(ns).insert(self.next_seq, seq, b"", 0, ns, frame)
        else:
            self._event(_EVENT_FIN, ns, frame)

    def is_far(self, seq: int) -> bool:
        """Whether `seq` is further from what was seen than a capture lacks of both sides at once."""
        return self.anchored and ((seq - self.high_seq + _FAR) & _SEQ_MASK) > 2 * _FAR

    def is_ahead(self, ack: int) -> bool:
        """Whether `ack` acknowledges what was not seen of this stream, by less than a window."""
        return self.anchored and ((ack - self.high_seq - 1) & _SEQ_MASK) < _RESET_WINDOW

    def note_rst(self, seq: int, expected_ack: int, ttl: int, ns: int, frame: int) -> None:
        """A RST with sequence number `seq`; `expected_ack` is what the other side last acknowledged, or -1.

        The first one counts, unless new bytes came after it.
        """
        went_on = not self.reset
        self.closed = True
        self.reset = True
        side = self.side
        if side.rst_ns != 0 and not went_on:
            return
        side.packets_after_rst = 0
        side.rst_in_window = True
        side.rst_ns = ns
        side.rst_frame = frame
        side.rst_ttl = ttl
        if self.anchored:
            ahead = (seq - self.high_seq + _RESET_WINDOW) & _SEQ_MASK
            if not self.fin_noted and self.is_ahead(seq):
                side.unseen_before_rst = True
            near_ack = expected_ack >= 0 and ((seq - expected_ack + _RESET_WINDOW) & _SEQ_MASK) < 2 * _RESET_WINDOW
            side.rst_in_window = ahead < 2 * _RESET_WINDOW or near_ack
        self._event(_EVENT_RST, ns, frame)

    def finish(self) -> None:
        """The connection is over: what waits behind holes is delivered, and the facts are completed."""
        while self.waiting is not None:
            self._jump()
        self._forget_early()
        side = self.side
        if self.acked_seq >= 0 and self.anchored:
            seen = self.high_seq if ((self.next_seq - self.high_seq) & _SEQ_MASK) >= _SEQ_HALF else self.next_seq
            unacked = (seen - self.acked_seq) & _SEQ_MASK
            side.unacked_bytes = unacked if unacked < _SEQ_HALF else 0
            ahead = (self.acked_seq - seen) & _SEQ_MASK
            side.fin_missing = ahead == 1 and not self.fin_noted
            if self.fin_noted or ahead == 1 or self._other_side().fin_ns != 0:
                ahead -= 1  # the FIN, also if the capture lost it
            if self.session.found and 0 < ahead < _SEQ_HALF:
                self._miss(ahead, side.last_ns or self.session.facts.end_ns, side.payload_frame)
        if self.records is not None:
            self.records.finish()

    def held_bytes(self) -> int:
        """What it holds of bytes that cannot be read yet, as `Held` counts them."""
        held = self.waiting.held_bytes() if self.waiting is not None else 0
        if self.early is not None:
            held += self.early.held_bytes()
        return held if self.records is None else held + self.records.held_bytes()

    def give_up(self, ns: int, frame: int) -> None:
        """Gives up what it holds, for want of room: bytes that may still come are not looked for.

        What is lost by that counts as cut, as by snaplen: the network did not lose it.
        """
        side = self.side
        missing = side.missing_bytes
        cut = side.cut_bytes
        self._forget_early()
        if self.waiting is not None:
            while self.waiting is not None:
                self._jump()
            self.given_up_seq = self.next_seq
        side.cut_bytes = cut + side.missing_bytes - missing
        lost = self.records.give_up(ns, frame) if self.records is not None else 0
        side.bytes -= lost
        side.missing_bytes += lost
        side.cut_bytes += lost

    def _forget_early(self) -> None:
        if self.early is not None:
            self.early.let_go()
            self.early = None

    def _forget_reset(self) -> None:
        """A SYN again after a RST: that was meant for what the other side still held of an older connection."""
        if self.reset:
            self.reset = False
            self.closed = self.fin_noted
            self.side.rst_ns = 0
            self.side.rst_frame = 0
            self.side.rst_ttl = -1

    def _other_side(self) -> Side:
        facts = self.session.facts
        return facts.server if self.side is facts.client else facts.client

    def _event(self, kind: int, ns: int, frame: int) -> None:
        facts = self.session.facts
        facts.events.add(ns, frame, self.session.side_of(self.direction), kind, 0, 0)

    def _deliver(self, buffer: Buffer, at: int, end: int, on_wire: int, ns: int, frame: int) -> None:
        """Bytes that continue the stream; then what waited for them."""
        waiting = self.waiting
        if waiting is None:
            self._pass_on(buffer, at, end, on_wire, ns, frame)
        elif waiting.distance(self.next_seq) >= on_wire:
            self._pass_on(buffer, at, end, on_wire, ns, frame)
            self._release(ns)
        else:
            waiting.insert_uncovered(self.next_seq, self.next_seq, buffer, at, end, on_wire, ns, frame)
            self._release(ns)

    def _pass_on(self, buffer: Buffer, at: int, end: int, on_wire: int, ns: int, frame: int) -> None:
        self.next_seq = (self.next_seq + on_wire) & _SEQ_MASK
        side = self.side
        side.bytes += on_wire
        side.payload_ns = ns
        side.payload_frame = frame
        if self.reset:
            self.reset = False
            self.closed = self.fin_noted
            self.session.facts.note(ns, frame, "data_after_reset", "its sender had sent a RST, or somebody in its name")
        if self.records is None:
            self.records = self._new_records(self.mid_stream)
        size = end - at
        if size > 0:
            self.records.feed(buffer, at, end, ns, frame)
        if on_wire > size:
            side.missing_bytes += on_wire - size
            side.cut_bytes += on_wire - size
            side.bytes -= on_wire - size
            self.records.gap(on_wire - size, ns, frame)

    def _time_on_wire(self, end_seq: int, ns: int) -> int:
        """When the next bytes, which end before `end_seq` and come at `ns`, were there: before their acknowledgment."""
        acknowledged_ns = self.early.covering(end_seq) if self.early is not None else -1
        if acknowledged_ns < 0:
            self.early = None
            return ns
        early_ns = acknowledged_ns - 1
        if early_ns < self.floor_ns:
            early_ns = self.floor_ns
        if early_ns < self.side.payload_ns:
            early_ns = self.side.payload_ns
        if ns <= early_ns:
            return ns
        self.session.facts.events.unsorted = True
        self.side.behind_acknowledgment += 1
        return early_ns

    def _old(self, behind: int, buffer: Buffer, at: int, end: int, on_wire: int, ns: int, frame: int) -> None:
        """A segment that begins before what is wanted: seen already, in whole or in part."""
        if behind >= on_wire:
            # One byte before the next is a keep-alive probe (RFC 9293 §3.8.4), no retransmission.
            given_up = self.given_up_seq >= 0 and behind - on_wire >= ((self.next_seq - self.given_up_seq) & _SEQ_MASK)
            if (on_wire > 1 or behind > 1) and not given_up:
                self._count_retransmission(ns, frame)
            return
        self._deliver(buffer, at + behind if behind < end - at else end, end, on_wire - behind, ns, frame)

    def _count_retransmission(self, ns: int, frame: int) -> None:
        side = self.side
        side.retransmitted += 1
        if side.retransmissions_unanswered == 0:
            side.unanswered_since_ns = ns
        side.retransmissions_unanswered += 1
        side.unanswered_ns = ns
        side.unanswered_frame = frame

    def _keep(self, seq: int, buffer: Buffer, at: int, end: int, on_wire: int, ns: int, frame: int) -> None:
        """A segment that comes before bytes that precede it waits."""
        waiting = self._waiting_from(ns)
        if waiting.insert_uncovered(self.next_seq, seq, buffer, at, end, on_wire, ns, frame):
            self.side.out_of_order += 1
        else:
            self._count_retransmission(ns, frame)
            return
        if waiting.bytes > self.most_bytes or len(waiting.segments) > self.most_segments:
            self._jump()
        else:
            self._check_holes(ns)

    def _waiting_from(self, ns: int) -> Waiting:
        """What waits, or from `ns` on will."""
        if self.waiting is None:
            self.waiting = Waiting(self.session, ns)
        return self.waiting

    def _check_holes(self, ns: int) -> None:
        """Gives a hole up once it was acknowledged and nobody filled it in time."""
        waiting = self.waiting
        if waiting is None or self.acked_seq < 0:
            return
        acked = (self.acked_seq - self.next_seq) & _SEQ_MASK
        if acked < _SEQ_HALF and acked >= waiting.distance(self.next_seq) and ns - waiting.since > self.patience_ns:
            self._jump()

    def _jump(self) -> None:
        """Declares the first hole a gap and delivers what waits behind it."""
        waiting = self.waiting
        if waiting is None:
            return
        _, _, _, ns, frame = waiting.segments[0]
        missing = waiting.distance(self.next_seq)
        if missing > 0:
            self._miss(missing, ns, frame)
        self._release(0)

    def _miss(self, missing: int, ns: int, frame: int) -> None:
        self.session.facts.events.unsorted = True
        self.next_seq = (self.next_seq + missing) & _SEQ_MASK
        self.side.missing_bytes += missing
        if self.records is None:
            self.records = self._new_records(True)
        self.records.gap(missing, ns, frame)

    def _new_records(self, mid_stream: bool) -> RecordReader:
        records = self.spare
        if records is None:
            return RecordReader(self.session, self.direction, self.side, mid_stream)
        self.spare = None
        records.renew(self.side, mid_stream)
        return records

    def _release(self, not_before_ns: int) -> None:
        """Delivers what waits as far as it continues the stream, dated `not_before_ns` if it came earlier."""
        waiting = self.waiting
        if waiting is None:
            return
        done = 0
        for seq, data, on_wire, ns, frame in waiting.segments:
            if ns < not_before_ns:
                ns = not_before_ns
            ahead = (seq - self.next_seq) & _SEQ_MASK
            if 0 < ahead < _SEQ_HALF:
                break
            done += 1
            if on_wire == 0:
                self._event(_EVENT_FIN, ns, frame)
            elif ahead == 0:
                self._pass_on(Buffer(memoryview(data)), 0, len(data), on_wire, ns, frame)
        waiting.remove_first(done)
        if len(waiting.segments) == 0:
            self.waiting = None
