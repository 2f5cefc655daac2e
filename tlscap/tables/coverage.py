"""The table `coverage`: what each capture can and cannot tell."""

from __future__ import annotations

from tlscap.tables.column import Column, Table

COVERAGE = Table(
    "coverage",
    "one row a capture file, or a live interface",
    (
        Column("capture", "string", "Path as it was given, `-` for standard input, or the interface.", nullable=False),
        Column("packets", "int64", "Packets read, those that a filter took out too.", "packets", nullable=False),
        Column(
            "filtered",
            "int64",
            "Packets that the filter took out: nothing else tells of them.",
            "packets",
            nullable=False,
        ),
        Column("bytes", "int64", "Captured bytes of these packets.", "bytes", nullable=False),
        Column("start", "instant", "First packet."),
        Column("end", "instant", "Last packet."),
        Column("link_types", "counts", "Packets by link type.", "packets", nullable=False),
        Column(
            "kernel_dropped", "int64", "Packets that the capturing kernel dropped; null where nothing tells.", "packets"
        ),
        Column(
            "cut_by_snaplen", "int64", "Packets of which only the beginning was captured.", "packets", nullable=False
        ),
        Column(
            "oversize_frames",
            "int64",
            "Frames larger than MTU 1500 allows: merged by offload before the capture, or jumbo frames.",
            "packets",
            nullable=False,
        ),
        Column("duplicates", "int64", "Packets that were captured twice.", "packets", nullable=False),
        Column(
            "undecoded",
            "counts",
            "Packets that were not TCP or UDP over IP, or malformed, by what they were.",
            "packets",
            nullable=False,
        ),
        Column("tcp_connections", "int64", "TCP connections.", "connections", nullable=False),
        Column("tls_connections", "int64", "Connections on which TLS was seen.", "connections", nullable=False),
        Column(
            "under_way", "int64", "TLS connections that had begun before the capture.", "connections", nullable=False
        ),
        Column(
            "open_at_end",
            "int64",
            "TLS connections that were open when the capture ended.",
            "connections",
            nullable=False,
        ),
        Column(
            "one_sided", "int64", "TLS connections of which one direction was captured.", "connections", nullable=False
        ),
        Column(
            "misdated",
            "int64",
            "TLS connections whose packets have times against their order: two clocks stamped them, of two processors "
            "for example, or a clock was set back.",
            "connections",
            nullable=False,
        ),
        Column(
            "evicted",
            "int64",
            "Connections that were put aside, or were silent and left, because too many were open.",
            "connections",
            nullable=False,
        ),
        Column(
            "forgotten",
            "int64",
            "Connections that were given up because even those put aside took too much memory: their rows end there.",
            "connections",
            nullable=False,
        ),
        Column(
            "relieved",
            "int64",
            "Connections whose bytes that could not be read yet were given up because all together held too many.",
            "connections",
            nullable=False,
        ),
        Column(
            "missing_bytes",
            "int64",
            "Bytes on TLS connections that were acknowledged or followed by others, and never captured.",
            "bytes",
            nullable=False,
        ),
        Column(
            "recognised_connections",
            "counts",
            "Recognised and not analysed (QUIC, ...), by what it was.",
            "connections",
            nullable=False,
        ),
        Column("recognised_bytes", "counts", "The same in bytes.", "bytes", nullable=False),
        Column("damage", "names", "A sentence for each place where the file is cut or damaged.", nullable=False),
        Column("comments", "names", "Comments in a pcapng, with `frame N: ` before those on a packet.", nullable=False),
    ),
)
