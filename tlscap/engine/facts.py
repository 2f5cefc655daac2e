"""The facts of one connection: what was on the wire, without a word on what it means.

A `Facts` is made when a connection is first seen, grows while packets arrive, and leaves the engine
in a `Block` when the connection is over. The judge reads it and writes verdicts; the tables turn
both into columns. Instants are nanoseconds since 1970 UTC and 0 when they never came; frames are
frame ids (see `tlscap.capture.batch`) and 0 likewise.
"""

from __future__ import annotations

from tlscap.engine.client_hello import ClientHello
from tlscap.engine.events import Events
from tlscap.engine.limits import MAX_ANOMALIES, MAX_LATER_CHAINS, MAX_TICKETS
from tlscap.engine.profile import ClientProfile
from tlscap.engine.server_hello import ServerHello

ROLES_PORT, ROLES_SYN, ROLES_HELLO = 0, 1, 2
"""Where the roles come from: only the lower port number, a SYN, or a TLS hello, which outweighs both."""

END_CLOSED, END_OPEN, END_EVICTED, END_REUSED = 0, 1, 2, 3
"""Why the facts left the engine: TCP closed, the capture ended, memory was needed, or a SYN for a new
connection came on the same addresses and ports."""


class Side:
    """One direction: what the client, or the server, sent."""

    def __init__(self) -> None:
        self.ip = b""  # 4 or 16 bytes
        self.port = 0
        self.packets = 0
        self.bytes = 0  # TCP payload, each byte of the stream once
        self.retransmitted = 0  # packets that brought only bytes seen before
        self.out_of_order = 0  # packets that came before bytes that precede them
        self.behind_acknowledgment = 0  # packets that the capture has behind what acknowledges them
        self.missing_bytes = 0  # of the stream, acknowledged or followed by others, never captured
        self.cut_bytes = 0  # of these, in packets that were captured in part (snaplen)
        self.first_ns = 0
        self.last_ns = 0
        self.syn_ns = 0
        self.syn_frame = 0
        self.fin_ns = 0
        self.fin_frame = 0
        self.fin_missing = False  # acknowledged, never captured
        self.rst_ns = 0
        self.rst_frame = 0
        self.ttl_low = 255  # of its packets without RST
        self.ttl_high = 0
        self.rst_ttl = -1
        self.rst_in_window = True  # False: the sequence number is not what its sender would use
        self.unseen_before_rst = False  # its numbers tell of a FIN, or of bytes, that were not captured
        self.packets_after_rst = 0  # without RST: a sender whose socket is gone sends none
        self.payload_ns = 0  # the last new bytes
        self.payload_frame = 0
        self.unacked_bytes = 0  # sent, and not acknowledged by the other side when it ended
        self.retransmissions_unanswered = 0  # retransmissions since the last packet of the other side
        self.unanswered_since_ns = 0  # the first of them
        self.unanswered_ns = 0  # the last of them
        self.unanswered_frame = 0
        self.records = 0
        self.data_records = 0  # content type application_data; in TLS 1.3 any encrypted record
        self.data_bytes = 0
        self.data_ns = 0  # the last one
        self.data_frame = 0
        self.data_ns_before = 0  # the one before the last: in TLS 1.3 the last may be an alert
        self.data_frame_before = 0
        self.last_record_kind = 0  # content type of the last record, whole or not
        self.last_record_length = 0
        self.last_record_ns = 0
        self.last_record_frame = 0
        self.record_unfinished = False  # the last record never became whole
        self.acknowledged = False  # the other side was seen to acknowledge anything
        self.plain_bytes = 0  # before the first TLS record
        self.certificates: tuple[bytes, ...] | None = None  # SHA-256 of each in the chain, leaf first
        self.certificate_length = -1  # of the Certificate message, clear


class Facts:
    """One connection on which TLS was seen."""

    def __init__(self, events: Events | None = None) -> None:
        self.client = Side()
        self.server = Side()
        self.events = Events() if events is None else events
        self.roles = ROLES_PORT
        self.end = END_OPEN
        self.transport = 6  # IP protocol: 6 TCP, 17 UDP (DTLS)
        self.first_frame = 0
        self.last_frame = 0
        self.start_ns = 0
        self.end_ns = 0
        self.until_ns = 0  # how far the capture had come when it left the engine
        self.rtt_ns = -1  # SYN to the ACK of the SYN-ACK, as seen from the capture point; -1 unknown
        self.tunnel: tuple[str, ...] = ()
        self.preamble = ""
        self.proxied_client_ip = b""
        self.proxied_client_port = 0
        self.went_back = False  # a packet is dated long before the one that was captured before it
        self.duplicates = 0  # packets that the capture holds twice
        self.client_hello: ClientHello | None = None  # the last one before the ServerHello
        self.first_profile: ClientProfile | None = None  # of the first, where the server asked for another
        self.early_data_offered = False  # by any of its ClientHellos
        self.hello_retry: ServerHello | None = None
        self.server_hello: ServerHello | None = None
        self.hello_ns = 0  # the first ClientHello
        self.hello_frame = 0
        self.record_version = 0  # of the last record before encryption, for want of a hello
        self.key_exchange_group = 0  # named group of a clear ServerKeyExchange (RFC 8422 §5.4)
        self.ticket_issued = b""  # of a clear NewSessionTicket: hash of the ticket
        self.ticket_length = -1
        self.ticket_lifetime_s = -1
        self.tickets: tuple[tuple[int, int, int, bytes], ...] = ()  # that were decrypted: ns, length, lifetime, digest
        self.later_chains: tuple[tuple[int, int, int, tuple[bytes, ...]], ...] = ()  # see `keep_chain`
        self.anomalies: tuple[tuple[int, int, str, str], ...] = ()  # ns, frame, kind, detail
        self.anomalies_cut = 0

    def keep_chain(self, ns: int, frame: int, side: int, digests: tuple[bytes, ...]) -> None:
        """Keeps what a Certificate that was decrypted after the first handshake held: SHA-256 of each, leaf first."""
        if len(self.later_chains) < MAX_LATER_CHAINS:
            self.later_chains += ((ns, frame, side, digests),)

    def keep_ticket(self, ns: int, length: int, lifetime_s: int, digest: bytes) -> None:
        """Keeps what a NewSessionTicket said that was decrypted, of a ticket itself only its digest."""
        if len(self.tickets) < MAX_TICKETS:
            self.tickets += ((ns, length, lifetime_s, digest),)

    def is_turned(self) -> bool:
        """Whether the order of both sides is a guess: packets are behind what acknowledges them, or time went back."""
        return self.went_back or self.client.behind_acknowledgment > 0 or self.server.behind_acknowledgment > 0

    def note(self, ns: int, frame: int, kind: str, detail: str) -> None:
        """Notes an anomaly: `kind` is a short name to count by, `detail` a sentence."""
        if len(self.anomalies) < MAX_ANOMALIES:
            self.anomalies += ((ns, frame, kind, detail),)
        else:
            self.anomalies_cut += 1


class Block:
    """Facts of up to `BLOCK_ROWS` connections that have left the engine, in the order in which they ended."""

    def __init__(self) -> None:
        self.rows: list[Facts] = []


BLOCK_ROWS = 128
"""A block stays in the processor's second cache while the judge and the tables read it, and the memory that its facts
give back is still there when the next ones take it."""
