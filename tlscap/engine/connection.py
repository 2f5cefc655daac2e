"""One TCP connection while it lives: two streams, their shared TLS session, and the facts they fill."""

from __future__ import annotations

from tlscap.engine.certificate_store import CertificateStore
from tlscap.engine.events import Events
from tlscap.engine.facts import END_OPEN, ROLES_PORT, ROLES_SYN, Facts
from tlscap.engine.frame import Decoder
from tlscap.engine.held import Held
from tlscap.engine.limits import Limits
from tlscap.engine.session import Session
from tlscap.engine.stream import FAR, FLAG_ACK, FLAG_FIN, FLAG_PSH, FLAG_RST, FLAG_SYN, Stream

_FIN = FLAG_FIN
_SYN = FLAG_SYN
_RST = FLAG_RST
_ACK = FLAG_ACK
_SEQ_MASK = 0xFFFFFFFF
_MOST_PADDING = 6  # what an Ethernet frame of 60 bytes has room for behind a TCP header without options
_MOST_BEFORE_SYN = 16  # packets of a connection that the capture may have before its SYN
_LATE_WINDOW = 0x10000  # bytes that they may bring; a new connection's number is nearer once in 65,536 times
_FAR, _TWICE_FAR = FAR, 2 * FAR
_CLOCK_STEP = 1_000_000  # ns; queues of one device give packets in another order by less
_MOST_STRANGE = 64  # packets in a row with other numbers: more are no copies, but what follows a long gap
_PSH = FLAG_PSH  # who sets it sends bytes on purpose


class Connection:
    """A connection between endpoint 0, whose address and port sort first, and endpoint 1.

    Stream 0 carries what the supposed client sends; `client_end` says which endpoint that is.
    """

    def __init__(
        self, limits: Limits, certificates: CertificateStore, mid_stream: bool, held: Held | None = None
    ) -> None:
        facts = Facts()
        self.events = facts.events  # this connection's and those of the ones after it, see `renew`
        self.session = Session(facts, limits, certificates, held)
        self.held = self.session.held
        self.upstream = Stream(self.session, 0, facts.client, mid_stream)  # client to server
        self.downstream = Stream(self.session, 1, facts.server, mid_stream)
        self.queued = 0  # how many times it stands in the engine's queue of closed connections
        self._begin(facts)

    def renew(self, mid_stream: bool) -> None:
        """Makes another connection of one that is over and whose facts have left with a copy of the events."""
        if self.events.is_large():
            self.events = Events()
        else:
            self.events.clear()
        facts = Facts(self.events)
        self.session.renew(facts)
        self.upstream.renew(facts.client, mid_stream)
        self.downstream.renew(facts.server, mid_stream)
        self._begin(facts)

    def _begin(self, facts: Facts) -> None:
        self.facts = facts
        self.events.held = self.session.held
        self.key_hash = 0
        self.a_hi = 0
        self.a_lo = 0
        self.b_hi = 0
        self.b_lo = 0
        self.ip_size = 4
        self.ports = 0  # port of endpoint 0 << 16 | port of endpoint 1
        self.slot = -1  # where the flow table keeps it
        self.client_end = 0
        self.last_ns = 0
        self.closing_ns = 0  # when both sides had closed, or one had reset; 0 while open
        self.client_isn = -1
        self.renumbered = False  # packets with other sequence numbers were seen, and left out
        self.strange = 0  # how many of them came without any other in between
        self.clocks_differ = False  # two clocks stamped its packets, see `_settle_time`
        self.rtt_open = False  # the SYN-ACK was seen, the ACK that ends the round trip not yet

    def is_found_under(self, a_hi: int, a_lo: int, b_hi: int, b_lo: int, ports: int) -> bool:
        """Whether the flow table holds it, under this key."""
        return (
            self.slot >= 0
            and self.ports == ports
            and self.a_lo == a_lo
            and self.b_lo == b_lo
            and self.a_hi == a_hi
            and self.b_hi == b_hi
        )

    def begin(self, sender_end: int, flags: int, sender_port: int, receiver_port: int, ns: int, frame: int) -> None:
        """Settles the roles by the first packet: a SYN's sender is the client, else the higher port."""
        facts = self.facts
        if flags & _SYN:
            from_client = not flags & _ACK
            facts.roles = ROLES_SYN
        else:
            from_client = sender_port > receiver_port or (sender_port == receiver_port)
            facts.roles = ROLES_PORT
        self.client_end = sender_end if from_client else 1 - sender_end
        facts.start_ns = ns
        facts.first_frame = frame
        facts.end = END_OPEN

    def starts_anew(self, sender_end: int, seq: int, flags: int) -> bool:
        """Whether a SYN is for a new connection on the same addresses and ports."""
        if not flags & _SYN or flags & _ACK:
            return False
        if self.client_isn < 0:
            # Under way when the capture began, and now a SYN; unless it is this one's, captured late.
            stream = self.upstream if sender_end == self.client_end else self.downstream
            few = self.facts.client.packets + self.facts.server.packets < _MOST_BEFORE_SYN
            return not (few and stream.anchored and ((stream.high_seq - seq - 1) & _SEQ_MASK) < _LATE_WINDOW)
        if sender_end != self.client_end:
            return self.closing_ns != 0
        return seq != self.client_isn

    def came_to_be(self) -> bool:
        """Whether both ends took part, or one of them sent bytes; not so of a SYN, answered or not."""
        facts = self.facts
        said = self.upstream.records is not None or self.downstream.records is not None
        return said or (facts.client.packets > 1 and facts.server.packets > 0)

    def packet(self, decoder: Decoder, sender_end: int, ns: int, frame: int) -> None:
        """Takes the TCP packet that the decoder has at hand, which is of this connection."""
        seq = decoder.seq
        flags = decoder.flags
        on_wire = decoder.payload_wire
        if sender_end == self.client_end:
            stream = self.upstream
            other = self.downstream
        else:
            stream = self.downstream
            other = self.upstream
        facts = self.facts
        off = (decoder.ack - other.high_seq + _FAR) & _SEQ_MASK
        if off > _TWICE_FAR and flags & _ACK and self._is_renumbered(stream, other, seq, flags):
            self.strange += 1
            if self.strange <= _MOST_STRANGE:
                self._note_renumbered(ns, frame)
                return
        else:
            self.strange = 0
        side = stream.side
        if ns < self.last_ns:
            ns = self._settle_time(stream, other, decoder, ns, frame)
        self.last_ns = ns
        if ns > facts.end_ns:
            facts.end_ns = ns
        facts.last_frame = frame
        side.packets += 1
        if side.first_ns == 0:
            side.first_ns = ns
        side.last_ns = ns
        other.side.retransmissions_unanswered = 0
        if flags & _RST:
            stream.note_rst(seq, stream.acked_seq, decoder.ttl, ns, frame)
            if flags & _ACK and not other.fin_noted and other.is_ahead(decoder.ack):
                side.unseen_before_rst = True
            if on_wire > 0:
                facts.note(ns, frame, "reset_with_data", f"{on_wire} bytes in a RST were not read")
            self._check_closed(ns)
            return
        if side.rst_ns != 0:
            side.packets_after_rst += 1
        if decoder.ttl < side.ttl_low:
            side.ttl_low = decoder.ttl
        if decoder.ttl > side.ttl_high:
            side.ttl_high = decoder.ttl
        if flags & _SYN:
            self._syn(stream, other, seq, decoder.ack, flags, ns, frame)
            seq = (seq + 1) & _SEQ_MASK
        elif self.rtt_open and sender_end == self.client_end and flags & _ACK:
            self.rtt_open = False
            facts.rtt_ns = ns - facts.client.syn_ns
        if flags & _ACK and not flags & _SYN:
            other.acknowledge(decoder.ack, ns)
        if stream.early is not None:
            stream.floor_ns = other.covered_ns(decoder.ack)
        if on_wire > 0 and on_wire <= _MOST_PADDING and not flags & _PSH:
            if stream.is_padding(seq, decoder, decoder.payload_start, decoder.payload_end):
                on_wire = 0
        if on_wire > 0:
            stream.segment(seq, decoder, decoder.payload_start, decoder.payload_end, on_wire, ns, frame)
            if self.closing_ns != 0 and not self._is_closed():
                self.closing_ns = 0  # it goes on: a RST was not its sender's
        if flags & _FIN:
            stream.note_fin((seq + on_wire) & _SEQ_MASK, ns, frame)
            self._check_closed(ns)

    def _settle_time(self, stream: Stream, other: Stream, decoder: Decoder, ns: int, frame: int) -> int:
        """The time of a packet that is dated before the one that was captured before it.

        Queues of one device hand packets over in another order, and their times are right. But none was sent before
        the bytes that its numbers tell of: if times say so, two clocks stamped them, and the order of capture is right.
        """
        if self.last_ns - ns > _CLOCK_STEP:
            self.facts.went_back = True
            return ns
        if not self.clocks_differ:
            sent_behind_ns = stream.covered_ns(decoder.seq)
            if decoder.flags & _ACK:
                sent_behind_ns = max(sent_behind_ns, other.covered_ns(decoder.ack))
            if ns >= sent_behind_ns:
                return ns
            self.clocks_differ = True
            early = f"dated {(sent_behind_ns - ns) / 1000:g} µs before what it was sent behind"
            self.facts.note(ns, frame, "clocks_differ", f"{early}: from here on packets are in the order of capture")
        return self.last_ns

    def _is_renumbered(self, stream: Stream, other: Stream, seq: int, flags: int) -> bool:
        """Whether a packet whose acknowledgment is far off has the numbers of another side of a firewall.

        Both its numbers are strange, or the acknowledgment of a SYN is, which has none of its own yet.
        """
        if flags & _RST:
            return False
        return other.isn >= 0 if flags & _SYN else other.anchored and stream.is_far(seq)

    def _note_renumbered(self, ns: int, frame: int) -> None:
        if not self.renumbered:
            self.renumbered = True
            detail = "a copy with other sequence numbers, from the other side of a firewall perhaps"
            self.facts.note(ns, frame, "renumbered", detail)

    def finish(self, end: int) -> None:
        """The connection leaves: completes the facts. `end` is one of `facts.END_*`."""
        self.facts.end = end
        self.upstream.finish()
        self.downstream.finish()
        if self.session.decryptor is not None:
            self.session.decryptor.finish()
        events = self.facts.events
        events.let_go()
        if self.upstream.records is not None:
            self.upstream.records.let_go()
        if self.downstream.records is not None:
            self.downstream.records.let_go()
        events.sort()
        if events.cut > 0:
            cut = f"{events.cut} more records are not in the timeline: alerts and renegotiations there are not told"
            self.facts.note(self.facts.end_ns, self.facts.last_frame, "too_many_events", cut)

    def held_bytes(self) -> int:
        """What it holds of bytes that cannot be read yet, and of events beyond the usual, as `Held` counts them."""
        held = self.upstream.held_bytes() + self.downstream.held_bytes() + self.facts.events.held_bytes()
        if self.session.decryptor is not None:
            held += self.session.decryptor.held_bytes()
        return held

    def give_up(self) -> None:
        """Gives up what it holds: all connections together hold too much (see `relief`)."""
        facts = self.facts
        detail = "all connections together held too much; what of this one could not be read yet was given up"
        facts.note(self.last_ns, facts.last_frame, "buffers_given_up", detail)
        self.upstream.give_up(self.last_ns, facts.last_frame)
        self.downstream.give_up(self.last_ns, facts.last_frame)
        if self.session.decryptor is not None:
            self.session.decryptor.give_up()
        facts.events.give_up(self.last_ns, facts.last_frame)

    def _syn(self, stream: Stream, other: Stream, seq: int, ack: int, flags: int, ns: int, frame: int) -> None:
        facts = self.facts
        stream.start(seq, ns, frame)
        if self.closing_ns != 0 and not self._is_closed():
            self.closing_ns = 0
        if not flags & _ACK:
            self.client_isn = seq
            return
        if self.client_isn < 0:
            self.client_isn = (ack - 1) & _SEQ_MASK  # the SYN is missing, or overtaken
        other.anchor(ack)
        sent_once = facts.client.retransmitted == 0 and facts.server.retransmitted == 0
        if facts.rtt_ns < 0 and facts.client.syn_ns > 0 and sent_once:
            self.rtt_open = True

    def _check_closed(self, ns: int) -> None:
        if self.closing_ns == 0 and self._is_closed():
            self.closing_ns = ns

    def _is_closed(self) -> bool:
        """Whether both sides have closed, or one has reset."""
        upstream, downstream = self.upstream, self.downstream
        return upstream.reset or downstream.reset or (upstream.closed and downstream.closed)
