"""The table `connections`: one row a TCP connection on which TLS was seen, and a DTLS association too."""

from __future__ import annotations

from tlscap.tables.column import Column, Table

_WHO = (
    Column("uid", "string", "Names the connection; the same input gives the same uid.", nullable=False),
    Column("community_id", "string", "Community ID v1, seed 0, to join with other tools' logs.", nullable=False),
    Column("capture", "name", "Capture file or interface of the first packet, as it was given.", nullable=False),
    Column("first_frame", "frame", "First packet of the connection in the capture.", nullable=False),
    Column("last_frame", "frame", "Last packet of the connection in the capture.", nullable=False),
    Column("start", "instant", "When the first packet was seen.", nullable=False),
    Column("end", "instant", "When the last packet was seen.", nullable=False),
    Column("client_ip", "name", "Address of the TLS client.", nullable=False),
    Column("client_port", "int32", "Port of the TLS client.", nullable=False),
    Column("server_ip", "name", "Address of the TLS server.", nullable=False),
    Column("server_port", "int32", "Port of the TLS server.", nullable=False),
    Column("proxied_client_ip", "name", "Original client's address as a PROXY protocol header tells it."),
    Column("proxied_client_port", "int32", "Original client's port as a PROXY protocol header tells it."),
    Column("transport", "name", "What carries the records.", values=("tcp", "udp"), nullable=False),
    Column(
        "tunnel",
        "names",
        "What was peeled off before the IP packet, outermost first: `vlan:12`, `vxlan:7`, `sgt:2`, ...",
        nullable=False,
    ),
    Column("preamble", "name", "What was spoken before TLS on the same connection: `smtp`, `proxy_v2`, ..., `other`."),
)

_HELLO = (
    Column("version", "name", "Negotiated version: `SSLv3`, `TLSv1.2`, `TLSv1.3`, `DTLSv1.2`, ..."),
    Column("client_version", "name", "Highest version that the client offered, GREASE left out."),
    Column("cipher", "name", "Chosen cipher suite, IANA's name."),
    Column("group", "name", "Named group of the key exchange, IANA's name."),
    Column("sni", "name", "Host name that the client asked for (server_name)."),
    Column("alpn", "name", "Application protocol that the server chose, where it did so in the clear."),
    Column("alpn_offered", "names", "Application protocols that the client offered, in its order."),
    Column(
        "ech",
        "name",
        "Encrypted ClientHello that the client sent, or made to look like one: `outer`, `inner`, "
        "`draft-08` to `draft-10`, `esni`.",
    ),
    Column("ja3", "name", "JA3 of the first ClientHello (MD5, hexadecimal)."),
    Column("ja3s", "name", "JA3S of the ServerHello (MD5, hexadecimal); of a HelloRetryRequest that none came after."),
    Column("ja4", "name", "JA4 of the first ClientHello."),
    Column(
        "secure_renegotiation",
        "name",
        "Who supports RFC 5746, by extension or signalling cipher suite.",
        values=("both", "client", "server", "none"),
    ),
    Column("extended_master_secret", "bool", "Both hellos have extended_master_secret (RFC 7627)."),
    Column("encrypt_then_mac", "bool", "Both hellos have encrypt_then_mac (RFC 7366)."),
    Column(
        "npn", "bool", "Both hellos have next_protocol_negotiation: the protocol is chosen, encrypted, by the client."
    ),
    Column(
        "record_size_limit", "int32", "Longest record that the client wants (RFC 8449), null without a limit.", "bytes"
    ),
    Column("fallback_scsv", "bool", "The client says that it fell back to an older version (RFC 7507)."),
    Column("ticket_lifetime_s", "float64", "Lifetime hint of a session ticket issued in the clear.", unit="s"),
)

_HANDSHAKE = (
    Column(
        "handshake",
        "name",
        "Whether keys were exchanged anew or an earlier session was resumed.",
        values=("full", "abbreviated", "unknown"),
        nullable=False,
    ),
    Column(
        "handshake_outcome",
        "name",
        "How the first handshake went; `unseen` when it was before the capture.",
        values=("completed", "failed", "unfinished", "unseen"),
        nullable=False,
    ),
    Column("established", "bool", "Both sides' Finished were seen or must have been."),
    Column(
        "resumption",
        "name",
        "How the session was resumed; null for a full handshake.",
        values=("session_id", "session_ticket", "psk"),
    ),
    Column("resumption_offered", "names", "What the client offered to resume with, accepted or not."),
    Column(
        "external_psk",
        "bool",
        "The accepted pre-shared key is none that a server issued as a ticket. Without the ClientHello it cannot be "
        "told, and `unknown` says so.",
    ),
    Column("resumed_from", "name", "uid of the connection whose session this one resumes."),
    Column(
        "resumed_from_confidence",
        "float64",
        "How sure `resumed_from` is. In TLS 1.3 it is inferred from the lengths of tickets: the more connections "
        "fit, the less sure.",
        unit="0 to 1",
    ),
    Column("offered_from", "name", "uid of the connection whose session the client offered, accepted or not."),
    Column("hello_retry", "bool", "The server asked for a second ClientHello (HelloRetryRequest)."),
    Column("early_data", "name", "0-RTT data (RFC 8446 §2.3).", values=("offered", "accepted", "rejected")),
    Column(
        "client_certificate",
        "name",
        "Whether the client showed a certificate in the first handshake; `inherited` when only the handshake "
        "that the session comes from had one. What a renegotiation brought is in `handshakes`; what TLS 1.3's "
        "post-handshake authentication brought shows with keys, in `history` and `client_subject`.",
        values=("not_requested", "sent", "empty", "inherited", "unknown"),
        nullable=False,
    ),
    Column("client_certificate_confidence", "float64", "How sure `client_certificate` is.", unit="0 to 1"),
    Column("client_subject", "name", "Subject of the client's certificate (RFC 4514), inherited ones too."),
    Column("server_subject", "name", "Subject of the server's certificate (RFC 4514)."),
    Column("server_issuer", "name", "Issuer of the server's certificate (RFC 4514)."),
    Column("server_not_after", "instant", "Until when the server's certificate is valid."),
    Column("server_certificate_sha256", "name", "SHA-256 of the server's certificate, hexadecimal (`certificates`)."),
    Column(
        "history", "name", "The handshake as a word: a letter a message, client in capitals; see below.", nullable=False
    ),
    Column("session_id_issued", "key", "Hash of the session id in the ServerHello (TLS up to 1.2)."),
    Column("session_id_offered", "key", "Hash of the session id in the ClientHello."),
    Column("ticket_issued", "key", "Hash of the session ticket that the server issued in the clear."),
    Column("ticket_offered", "key", "Hash of the session ticket, or of the first PSK identity, in the ClientHello."),
)

_TIME = (
    Column(
        "tcp_rtt_s",
        "float64",
        "SYN to the ACK that ends the TCP handshake, as seen where the capture was taken.",
        unit="s",
    ),
    Column("hello_at", "instant", "When the first ClientHello was seen."),
    Column("established_at", "instant", "When the first handshake was complete."),
    Column("handshake_s", "float64", "First ClientHello to the end of the handshake.", unit="s"),
    Column("last_data_at", "instant", "When the last application data was seen."),
)

_RENEGOTIATION = (
    Column(
        "renegotiations",
        "int32",
        "Handshakes after the first, on the same connection; where the capture has losses, without those of "
        "`handshakes` whose confidence is 0.7 or less.",
        nullable=False,
    ),
    Column("renegotiations_completed", "int32", "Of these, completed.", nullable=False),
    Column("renegotiations_refused", "int32", "Of these, refused by the other side.", nullable=False),
    Column("renegotiations_failed", "int32", "Of these, begun and broken off.", nullable=False),
)


def _volume(way: str, sender: str) -> tuple[Column, ...]:
    return (
        Column(f"packets_{way}", "int64", f"Packets that the {sender} sent.", "packets", nullable=False),
        Column(
            f"bytes_{way}",
            "int64",
            f"Payload that the {sender} sent, each byte of the stream once.",
            "bytes",
            nullable=False,
        ),
        Column(f"records_{way}", "int64", f"TLS records that the {sender} sent.", "records", nullable=False),
        Column(
            f"retransmitted_{way}",
            "int64",
            f"Packets of the {sender} that brought only bytes seen before.",
            "packets",
            nullable=False,
        ),
        Column(
            f"out_of_order_{way}",
            "int64",
            f"Packets of the {sender} that came before bytes that precede them.",
            "packets",
            nullable=False,
        ),
        Column(
            f"missing_bytes_{way}",
            "int64",
            f"Bytes that the {sender} sent and that were never captured.",
            "bytes",
            nullable=False,
        ),
    )


_END = (
    Column(
        "outcome",
        "name",
        "How the connection ended; the first that fits.",
        values=(
            "handshake_failed",
            "renegotiation_failed",
            "alert",
            "reset",
            "completed",
            "truncated",
            "stalled",
            "open",
        ),
        nullable=False,
    ),
    Column(
        "outcome_basis", "name", "What `outcome` rests on.", values=("clear", "decrypted", "inferred"), nullable=False
    ),
    Column("outcome_confidence", "float64", "How sure `outcome` is.", unit="0 to 1", nullable=False),
    Column(
        "closed_by",
        "name",
        "Whose close_notify, FIN, RST or fatal alert came first.",
        values=("client", "server", "middlebox", "unknown"),
    ),
    Column(
        "closed_how",
        "name",
        "What the end looked like on the wire.",
        values=(
            "fin",
            "close_notify_fin",
            "fin_reset",
            "close_notify_reset",
            "reset",
            "alert_fin",
            "alert_reset",
            "silence",
        ),
    ),
    Column(
        "closed_phase",
        "name",
        "How far it had come when it ended; `no_data` is a probe.",
        values=("handshake", "no_data", "data", "renegotiation"),
    ),
    Column("closed_idle", "bool", "It ended with nothing pending after at least a second of silence.", nullable=False),
    Column("idle_before_close_s", "float64", "Silence before it ended.", unit="s"),
    Column("pending", "bool", "The client's last data was never answered, or bytes were never acknowledged."),
    Column("dropped", "bool", "An established session that carried data and was broken off.", nullable=False),
    Column("drop_confidence", "float64", "How sure `dropped` is, where it is true.", unit="0 to 1"),
    Column("evidence", "frames", "The packets that show how it ended.", nullable=False),
    Column(
        "unknown",
        "reasons",
        "What cannot be told: from a column to the reason (`not_captured`, `encrypted`, `one_sided`, `cut`).",
        nullable=False,
    ),
)

CONNECTIONS = Table(
    "connections",
    "one row a TCP connection on which TLS was seen, and a DTLS association",
    _WHO + _HELLO + _HANDSHAKE + _TIME + _RENEGOTIATION + _volume("c2s", "client") + _volume("s2c", "server") + _END,
)
