"""The table `certificates`: one row a distinct certificate."""

from __future__ import annotations

from tlscap.tables.column import Column, Table

CERTIFICATES = Table(
    "certificates",
    "one row a distinct certificate",
    (
        Column("sha256", "string", "SHA-256 of the certificate (DER), hexadecimal.", nullable=False),
        Column("sha1", "string", "SHA-1 of the same, hexadecimal, as other tools show it."),
        Column("subject", "string", "Subject (RFC 4514)."),
        Column("issuer", "string", "Issuer (RFC 4514)."),
        Column("serial", "string", "Serial number, hexadecimal."),
        Column("not_before", "instant", "Valid from."),
        Column("not_after", "instant", "Valid until."),
        Column(
            "subject_alternative_names", "names", "Its names: `dns:...`, `ip:...`, `email:...`, `uri:...`, and others."
        ),
        Column("key", "name", "Kind and size of its key: `rsa:2048`, `ec:secp256r1`, `ed25519`, ..."),
        Column("signature_algorithm", "name", "How it was signed."),
        Column("self_signed", "bool", "Subject and issuer are the same."),
        Column("is_ca", "bool", "It may sign others (basicConstraints)."),
        Column(
            "roles", "names", "Where it was seen: `server`, `client`, `server_chain`, `client_chain`.", nullable=False
        ),
        Column("connections", "int64", "Connections whose certificate message had it.", "connections", nullable=False),
        Column("error", "string", "What a strict reader has against it."),
    ),
)
