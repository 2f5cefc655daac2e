"""The table `alerts`: every alert record, clear or encrypted."""

from __future__ import annotations

from tlscap.tables.column import Column, Table

ALERTS = Table(
    "alerts",
    "one row an alert record",
    (
        Column("uid", "name", "The connection.", nullable=False),
        Column("time", "instant", "When it was seen.", nullable=False),
        Column("frame", "frame", "The packet that ends the record.", nullable=False),
        Column("sender", "name", "Who sent it.", values=("client", "server"), nullable=False),
        Column("length", "int32", "The record's body, as it is on the wire; a clear alert has 2.", unit="bytes"),
        Column(
            "sender_next",
            "name",
            "What its sender sent next: a record by its type on the wire, or a close; null if nothing.",
            values=("data", "handshake", "alert", "fin", "reset"),
        ),
        Column(
            "peer_next",
            "name",
            "What the other side sent next, in the same words; null if nothing.",
            values=("data", "handshake", "alert", "fin", "reset"),
        ),
        Column(
            "level",
            "name",
            "Null where it cannot be told; of an encrypted alert it is the likely one.",
            values=("warning", "fatal"),
        ),
        Column("description", "name", "IANA's name; null where it is encrypted and nothing tells."),
        Column("encrypted", "bool", "The record is encrypted.", nullable=False),
        Column(
            "basis",
            "name",
            "What level and description rest on.",
            values=("clear", "decrypted", "inferred"),
            nullable=False,
        ),
        Column("confidence", "float64", "How sure level and description are.", unit="0 to 1", nullable=False),
    ),
)
