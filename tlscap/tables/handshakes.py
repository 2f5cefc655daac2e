"""The table `handshakes`: the first handshake of a connection and every renegotiation."""

from __future__ import annotations

from tlscap.tables.column import Column, Table

HANDSHAKES = Table(
    "handshakes",
    "one row a handshake: the first of a connection, and every renegotiation",
    (
        Column("uid", "name", "The connection.", nullable=False),
        Column("number", "int32", "0 for the first handshake, then counted up.", nullable=False),
        Column("initiator", "name", "Who began it.", values=("client", "server"), nullable=False),
        Column(
            "kind",
            "name",
            "Whether keys were exchanged anew.",
            values=("full", "abbreviated", "unknown"),
            nullable=False,
        ),
        Column(
            "outcome",
            "name",
            "How it ended.",
            values=("completed", "refused", "failed", "stalled", "unfinished"),
            nullable=False,
        ),
        Column(
            "broken_off_by",
            "name",
            "What ended it before it was completed: an alert, a close without one, or silence.",
            values=("alert", "close", "silence"),
        ),
        Column("stalled_at", "name", "The message that did not come, IANA's name, where it stalled."),
        Column("encrypted", "bool", "Its messages are encrypted: what they are is inferred.", nullable=False),
        Column("basis", "name", "What the row rests on.", values=("clear", "decrypted", "inferred"), nullable=False),
        Column("confidence", "float64", "How sure initiator, kind and outcome are.", unit="0 to 1", nullable=False),
        Column("start", "instant", "First message.", nullable=False),
        Column("handshake_s", "float64", "First message to the end of the handshake.", unit="s"),
        Column(
            "certificate_changed",
            "bool",
            "The server showed another certificate than in the first handshake; where it is encrypted, one of "
            "another length. Null where none was shown, or none before.",
        ),
        Column(
            "client_certificate",
            "name",
            "Whether the client showed a certificate in it.",
            values=("not_requested", "sent", "empty", "inherited", "unknown"),
        ),
        Column("ended_by_alert", "name", "The alert that ended it, IANA's name."),
        Column("data_afterwards", "bool", "Application data flowed after it."),
        Column("to_drop_s", "float64", "From its end to the drop of the connection, if it was dropped.", unit="s"),
        Column(
            "messages",
            "messages",
            "Its messages: frame, time, sender, type (IANA's name, or `encrypted`), length of the body in bytes "
            "(null where it cannot be told).",
            nullable=False,
        ),
    ),
)
