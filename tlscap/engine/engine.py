"""The engine: batches of packets in, blocks of facts out.

`feed` decodes each packet, finds its connection and hands it over; connections that have been
closed for `Limits.linger_ns` leave as facts. The only clock is the packets' own; `advance` lets a
live capture tell the time when no packet comes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tlscap.capture.batch import FRAME_BITS, Batch
from tlscap.engine import preamble
from tlscap.engine.addresses import Addresses
from tlscap.engine.certificate_store import CertificateStore
from tlscap.engine.connection import Connection
from tlscap.engine.coverage import Coverage
from tlscap.engine.datagrams import Datagrams
from tlscap.engine.duplicates import Duplicates
from tlscap.engine.embedded import carrier
from tlscap.engine.endpoints import Endpoints, kind_of
from tlscap.engine.events import EventStore
from tlscap.engine.facts import BLOCK_ROWS, END_CLOSED, END_EVICTED, END_OPEN, END_REUSED, Block, Facts, Side
from tlscap.engine.flow import FlowTable, hash_key, mix
from tlscap.engine.frame import TCP, UDP, Decoder
from tlscap.engine.held import Held
from tlscap.engine.limits import Limits
from tlscap.engine.relief import relieve
from tlscap.engine.stream import FLAG_ACK, FLAG_RST, FLAG_SYN
from tlscap.engine.stubs import Stubs, key_of

if TYPE_CHECKING:
    from tlscap.engine.decryption.decryptor import Decryptor
    from tlscap.engine.decryption.keys import Keys

LARGEST_FRAME = 1526
"""Bytes of the largest Ethernet frame of MTU 1500: header, two VLAN tags, checksum. What is larger was merged by
offload, or comes from a network of jumbo frames, or from loopback."""

MOST_SPARE = 1024
"""Connections that are over and are kept to be used again: as many as close in the time of a batch."""

_TCP = TCP
_UDP = UDP
_SYN = FLAG_SYN
_RST = FLAG_RST
_ACK = FLAG_ACK
_FRAME_BITS = FRAME_BITS
_LARGEST_FRAME = LARGEST_FRAME
_SHARE_MASK = 0xFFFFFFFF  # the flow table places connections by the upper bits, which must stay evenly spread
_MOST_SPARE = MOST_SPARE
_BLOCK_ROWS = BLOCK_ROWS
_END_OPEN = END_OPEN
_END_CLOSED = END_CLOSED


class Engine:
    """Everything that is known about the packets fed so far.

    With `keys`, to which more may be added at any time, handshakes and alerts are decrypted.
    `take_blocks` gives what has finished; `coverage` counts, by file index, what the packets could not
    tell; `endpoints` counts the connections on which no TLS came to be.

    Of several engines that are all fed everything, `share` and `shares` say which flows this one keeps. What is
    counted of packets that belong to no flow, each of them counts.
    """

    def __init__(self, limits: Limits | None = None, keys: Keys | None = None, share: int = 0, shares: int = 1) -> None:
        self.limits = limits or Limits()
        self.keys = keys
        self.decoder = Decoder()
        self.flows = FlowTable()
        self.duplicates = Duplicates()
        self.held = Held()
        self.times_relieved = 0  # how often connections had to give up what they held
        self.stubs: Stubs[Connection] = Stubs()
        self.stub_count = 0  # len(stubs)
        self.times_full = 0  # how often connections had to leave because of the limit
        self.certificates = CertificateStore()
        self.datagrams = Datagrams(self.limits, self.certificates, self.duplicates, self.held)
        self.coverage: list[Coverage] = []
        self.endpoints = Endpoints()
        self._share = share
        self._shares = shares
        self.linger_ns = self.limits.linger_ns
        self.most_connections = self.limits.connections
        self.most_stub_bytes = self.limits.stub_bytes
        self.most_buffered = self.limits.buffered_bytes
        self.now_ns = 0
        self._latest: Connection | None = None  # of the last packet; the next one is often of the same
        self._addresses = Addresses()
        self._closing: list[Connection] = []  # in the order in which they closed
        self._block = Block()
        self._events = EventStore()  # of what has left
        self._spare: list[Connection] = []  # that are over, to be used again
        self._blocks: list[Block] = []
        self._oversize = 0  # frames over LARGEST_FRAME in the file at hand
        self._undecoded_before: dict[str, int] = {}
        self._file = -1  # index of the file that the last batch came from

    def feed(self, batch: Batch) -> None:
        """Takes the packets of a batch; keeps nothing of its buffer."""
        if batch.count == 0:
            return
        if batch.frame[0] >> _FRAME_BITS != self._file:
            self._turn_to(batch.frame[0] >> _FRAME_BITS)
        decoder = self.decoder
        decoder.load(batch.data)
        for i in range(batch.count):
            ns = batch.ts_ns[i]
            transport = decoder.decode_span(batch.start[i], batch.caplen[i], batch.linktype[i], batch.wirelen[i], ns)
            if transport == _TCP:
                self._tcp(ns, batch.frame[i])
            elif transport == _UDP and (self._shares == 1 or self._is_mine()):
                self.datagrams.take(decoder, ns, batch.frame[i])
            if ns > self.now_ns:
                self.now_ns = ns
            if batch.wirelen[i] > _LARGEST_FRAME:
                self._oversize += 1
        self._let_go()
        self.held.note_peak()
        if self.held.bytes > self.most_buffered:
            self.times_relieved += 1
            relieve(self)

    def advance(self, now_ns: int) -> None:
        """Tells the time when no packet comes, so that closed connections leave."""
        if now_ns > self.now_ns:
            self.now_ns = now_ns
        self._let_go()

    def finish(self) -> None:
        """The capture is over: everything leaves, what is not closed as open."""
        self._turn_to(-1)
        while self.let_stubs_go():
            pass
        for connection in self.flows.connections():
            self.flows.remove(connection)
            self._emit(connection, END_OPEN if connection.closing_ns == 0 else END_CLOSED)
        self._closing = []
        self.datagrams.finish()
        self._let_associations_go()
        coverage = self._coverage_at(0)
        coverage.duplicates += self.datagrams.copies
        recognised = coverage.recognised
        for what, (flows, size) in self.datagrams.recognised().items():
            before = recognised.get(what, (0, 0))
            recognised[what] = (before[0] + flows, before[1] + size)
        self._close_block()

    def let_stubs_go(self) -> bool:
        """The capture is over: a block's worth of the evicted connections leave as open; whether any did.

        For whoever takes blocks in between: unpacked, all at once would take several times what they do.
        """
        for _ in range(min(self.stub_count, BLOCK_ROWS)):
            self._emit(self.stubs.take_oldest(), END_OPEN)
        left = self.stub_count > 0
        self.stub_count = len(self.stubs)
        left = self.datagrams.let_stubs_go(BLOCK_ROWS) or left
        self._let_associations_go()
        return left

    def take_blocks(self) -> list[Block]:
        """The full blocks since the last call; after `finish` also the last one."""
        blocks = self._blocks
        self._blocks = []
        return blocks

    def flush(self) -> None:
        """Makes a block of what has finished, full or not: for live use."""
        self._close_block()

    def _tcp(self, ns: int, frame: int) -> None:
        decoder = self.decoder
        flags = decoder.flags
        swapped = decoder.src_hi > decoder.dst_hi or (
            decoder.src_hi == decoder.dst_hi
            and (
                decoder.src_lo > decoder.dst_lo
                or (decoder.src_lo == decoder.dst_lo and decoder.src_port > decoder.dst_port)
            )
        )
        if swapped:
            a_hi = decoder.dst_hi
            a_lo = decoder.dst_lo
            b_hi = decoder.src_hi
            b_lo = decoder.src_lo
            ports = (decoder.dst_port << 16) | decoder.src_port
            sender_end = 1
        else:
            a_hi = decoder.src_hi
            a_lo = decoder.src_lo
            b_hi = decoder.dst_hi
            b_lo = decoder.dst_lo
            ports = (decoder.src_port << 16) | decoder.dst_port
            sender_end = 0
        connection = self._latest
        if connection is not None and connection.is_found_under(a_hi, a_lo, b_hi, b_lo, ports):
            key_hash = connection.key_hash
        else:
            key_hash = hash_key(a_hi, a_lo, b_hi, b_lo, ports)
            if self._shares > 1 and (key_hash & _SHARE_MASK) % self._shares != self._share:
                return
            connection = self.flows.find(key_hash, a_hi, a_lo, b_hi, b_lo, ports)
            if connection is None and self.stub_count > 0:
                connection = self._bring_back(a_hi, a_lo, b_hi, b_lo, ports)
            self._latest = connection
        if self.duplicates.is_copy(decoder, key_hash, sender_end, ns) and connection is not None:
            # A kernel answers every late packet with the same RST: only where others were copied is this a copy.
            if not flags & _RST or decoder.ip_id > 0 or connection.facts.duplicates > 0:
                connection.facts.duplicates += 1
                return
        if connection is not None and flags & _SYN and connection.starts_anew(sender_end, decoder.seq, flags):
            self._leave(connection, END_REUSED if connection.closing_ns == 0 else END_CLOSED)
            connection = None
        if connection is None:
            if not flags & _SYN and decoder.payload_wire == 0:
                return  # an answer to a connection that has left, or that has not yet shown anything
            connection = self._new_connection(not flags & _SYN)
            if self.keys is not None:
                connection.session.decryptor = new_decryptor(connection, self.keys)
            connection.key_hash = key_hash
            connection.a_hi = a_hi
            connection.a_lo = a_lo
            connection.b_hi = b_hi
            connection.b_lo = b_lo
            connection.ports = ports
            connection.begin(sender_end, flags, decoder.src_port, decoder.dst_port, ns, frame)
            connection.ip_size = 4 if decoder.ip_version == 4 else 16
            if decoder.tunnel != 0:
                connection.facts.tunnel = decoder.tunnels[decoder.tunnel]
            self._make_room()
            self.flows.add(connection)
            self._latest = connection
        was_closing = connection.closing_ns
        connection.packet(decoder, sender_end, ns, frame)
        if was_closing == 0 and connection.closing_ns != 0:
            self._closing.append(connection)
            connection.queued += 1

    def _is_mine(self) -> bool:
        """Whether the datagram that the decoder holds is of a flow in this engine's share."""
        decoder = self.decoder
        both = decoder.src_hi ^ decoder.dst_hi ^ decoder.src_lo ^ decoder.dst_lo ^ decoder.src_port ^ decoder.dst_port
        return (mix(both) & _SHARE_MASK) % self._shares == self._share

    def _let_go(self) -> None:
        """Lets connections leave that closed long enough ago."""
        if self.datagrams.begun > 0:
            self.datagrams.let_go(self.now_ns)
            self._let_associations_go()
        closing, left = self._closing, 0
        while left < len(closing):
            connection = closing[left]
            if connection.closing_ns + self.linger_ns > self.now_ns:
                break
            left += 1
            connection.queued -= 1
            if connection.slot >= 0 and connection.closing_ns != 0:
                self._leave(connection, _END_CLOSED)
                if connection.queued == 0 and connection.session.decryptor is None and len(self._spare) < _MOST_SPARE:
                    self._spare.append(connection)
        if left > 0:
            del closing[:left]

    def _let_associations_go(self) -> None:
        """Counts what became of DTLS associations, and lets those leave that are over."""
        datagrams = self.datagrams
        while len(datagrams.stubs) > 0 and self._stub_bytes() > self.most_stub_bytes:
            datagrams.forget_oldest()
        for facts in datagrams.evicted:
            self.coverage_of(facts).evicted += 1
        for facts in datagrams.forgotten:
            self.coverage_of(facts).forgotten += 1
        for facts in datagrams.over:
            self.coverage_of(facts).tls_connections += 1
            self.coverage_of(facts).duplicates += facts.duplicates
            self._append(facts)
        datagrams.evicted = []
        datagrams.forgotten = []
        datagrams.over = []

    def _stub_bytes(self) -> int:
        return self.stubs.bytes + self.datagrams.stubs.bytes

    def _new_connection(self, mid_stream: bool) -> Connection:
        if len(self._spare) == 0:
            return Connection(self.limits, self.certificates, mid_stream, self.held)
        connection: Connection = self._spare.pop()
        connection.renew(mid_stream)
        return connection

    def _leave(self, connection: Connection, end: int) -> None:
        self.flows.remove(connection)
        self._emit(connection, end)

    def _make_room(self) -> None:
        """At the limit, an eighth of the connections leaves: those that have been silent for longest.

        Stubs are for those that came to be: a flood of SYNs leaves none.
        """
        if self.flows.count < self.most_connections:
            return
        self.times_full += 1
        by_silence = sorted(self.flows.connections(), key=last_seen)
        for connection in by_silence[: max(1, len(by_silence) // 8)]:
            if connection.closing_ns != 0:
                self._leave(connection, END_CLOSED)
                continue
            self.coverage_of(connection.facts).evicted += 1
            if connection.came_to_be():
                self.flows.remove(connection)
                key = key_of(connection.a_hi, connection.a_lo, connection.b_hi, connection.b_lo, connection.ports)
                self.stubs.put(key, connection, whole=connection.session.decryptor is not None)
            else:
                self._leave(connection, END_EVICTED)
        while len(self.stubs) > 0 and self._stub_bytes() > self.most_stub_bytes:
            forgotten = self.stubs.take_oldest()
            self.coverage_of(forgotten.facts).forgotten += 1
            self._emit(forgotten, END_EVICTED)
        self.stub_count = len(self.stubs)

    def _bring_back(self, a_hi: int, a_lo: int, b_hi: int, b_lo: int, ports: int) -> Connection | None:
        """The evicted connection with this key, if there is one; then it is in the flow table again."""
        connection: Connection | None = self.stubs.take(key_of(a_hi, a_lo, b_hi, b_lo, ports))
        if connection is not None:
            self.stub_count -= 1
            self._make_room()
            self.flows.add(connection)
        return connection

    def _emit(self, connection: Connection, end: int) -> None:
        """Completes a connection's facts and puts them into the block, if TLS was seen on it."""
        connection.finish(end)
        facts = connection.facts
        coverage = self._coverage_at(facts.first_frame >> _FRAME_BITS)
        coverage.tcp_connections += 1
        coverage.duplicates += facts.duplicates
        self._name_ends(connection)
        if not connection.session.found:
            self._count_endpoint(connection)
            self._recognise(connection)
            return
        coverage.tls_connections += 1
        if facts.client.syn_ns == 0 and facts.server.syn_ns == 0:
            coverage.under_way += 1
        if end == _END_OPEN:
            coverage.open_at_end += 1
        if facts.client.packets == 0 or facts.server.packets == 0:
            coverage.one_sided += 1
        if connection.clocks_differ or facts.went_back:
            coverage.misdated += 1
        coverage.missing_bytes += facts.client.missing_bytes + facts.server.missing_bytes
        if facts.client.plain_bytes > 0 or facts.server.plain_bytes > 0:
            heads = plain_head(connection, 0), plain_head(connection, 1)
            preamble.describe(facts, *heads, from_start=began_plain(connection))
        facts.events = self._events.copy(facts.events)
        self._append(facts)

    def _append(self, facts: Facts) -> None:
        facts.until_ns = self.now_ns
        rows = self._block.rows
        rows.append(facts)
        if len(rows) >= _BLOCK_ROWS:
            self._close_block()

    def coverage_of(self, facts: Facts) -> Coverage:
        """The counters of the file in which a connection began."""
        return self._coverage_at(facts.first_frame >> FRAME_BITS)

    def _coverage_at(self, file: int) -> Coverage:
        while len(self.coverage) <= file:
            self.coverage.append(Coverage())
        return self.coverage[file]

    def _turn_to(self, file: int) -> None:
        """Packets of another file follow: what the decoder counted so far belongs to the one before."""
        if self._file >= 0:
            coverage = self._coverage_at(self._file)
            coverage.oversize_frames += self._oversize
            self._oversize = 0
            undecoded = coverage.undecoded
            counted = self.decoder.undecoded
            for reason, packets in counted.items():
                more = packets - self._undecoded_before.get(reason, 0)
                if more > 0:
                    undecoded[reason] = undecoded.get(reason, 0) + more
            self._undecoded_before = counted
        self._file = file

    def _count_endpoint(self, connection: Connection) -> None:
        """Counts a connection without TLS; one that was under way when the capture began is left out."""
        client, server = connection.facts.client, connection.facts.server
        if client.syn_ns == 0:
            return
        kind = kind_of(client.bytes, server.bytes, server.syn_ns != 0, server.rst_ns != 0, plain_head(connection, 0))
        self.endpoints.count(server.ip, server.port, client.syn_ns, kind)

    def _recognise(self, connection: Connection) -> None:
        """Counts what was recognised and is not analysed."""
        what = carrier(plain_head(connection, 0)) or carrier(plain_head(connection, 1))
        if not what:
            return
        facts = connection.facts
        recognised = self.coverage_of(facts).recognised
        connections, size = recognised.get(what, (0, 0))
        recognised[what] = (connections + 1, size + facts.client.bytes + facts.server.bytes)

    def _name_ends(self, connection: Connection) -> None:
        """Writes addresses and ports into the two sides, whichever roles they turned out to have."""
        first: Side = connection.upstream.side
        second: Side = connection.downstream.side
        if connection.client_end != 0:
            first, second = second, first
        first.ip = self._addresses.get(connection.a_hi, connection.a_lo, connection.ip_size)
        first.port = connection.ports >> 16
        second.ip = self._addresses.get(connection.b_hi, connection.b_lo, connection.ip_size)
        second.port = connection.ports & 0xFFFF

    def _close_block(self) -> None:
        if self._block.rows:
            self._blocks.append(self._block)
            self._block = Block()


def new_decryptor(connection: Connection, keys: Keys) -> Decryptor:
    """The decryptor of a connection; only here is anything imported that only keys need."""
    from tlscap.engine.decryption.decryptor import Decryptor

    return Decryptor(connection.session, keys)


def last_seen(connection: Connection) -> int:
    """When a packet of the connection was last seen, in nanoseconds."""
    return connection.last_ns


def plain_head(connection: Connection, side: int) -> bytes:
    """The first plaintext bytes that the client (0) or the server (1) sent before TLS."""
    flipped = connection.session.flipped
    stream = connection.upstream if (side == 0) != flipped else connection.downstream
    return stream.records.plain_head if stream.records is not None else b""


def began_plain(connection: Connection) -> bool:
    """Whether a side began with plaintext, as far as the capture has its start."""
    upstream, downstream = connection.upstream.records, connection.downstream.records
    return (upstream is not None and upstream.began_plain) or (downstream is not None and downstream.began_plain)
