"""What one capture can and cannot tell: counted while it is read, one object a capture file."""

from __future__ import annotations


class Coverage:
    """Counts of one capture file, or of one live interface."""

    def __init__(self, capture: str = "") -> None:
        self.capture = capture  # path as given, "-" for standard input, or the interface
        self.packets = 0
        self.filtered = 0  # packets of them that a filter took out
        self.bytes = 0  # captured bytes of packets
        self.first_ns = 0
        self.last_ns = 0
        self.link_types: dict[int, int] = {}  # LINKTYPE_ value: packets
        self.kernel_dropped = -1  # pcapng interface statistics or live counters; -1 not told
        self.cut_by_snaplen = 0  # packets
        self.oversize_frames = 0  # larger than MTU 1500 allows: offload merged them, or jumbo frames
        self.duplicates = 0  # packets captured twice
        self.undecoded: dict[str, int] = {}  # what was not TCP or UDP over IP, or was malformed: packets
        self.tcp_connections = 0
        self.tls_connections = 0
        self.under_way = 0  # TLS connections without a SYN in the capture
        self.open_at_end = 0
        self.one_sided = 0
        self.misdated = 0  # TLS connections whose times contradict their order: two clocks, or one that was set back
        self.evicted = 0  # left the flow table because too many were open; each time
        self.forgotten = 0  # of these, those that are no stub any more either: their rows end there
        self.relieved = 0  # had to give up what they held of bytes that could not be read yet; each time
        self.missing_bytes = 0  # acknowledged or followed, never captured, on TLS connections
        self.recognised: dict[str, tuple[int, int]] = {}  # e.g. quic: connections, bytes
        self.damage: list[str] = []  # one sentence a place: where it was cut or damaged
        self.comments: list[str] = []  # what people wrote into a pcapng, with the frame that it is about
