"""The table `endpoints`: connections without TLS to where TLS was spoken."""

from __future__ import annotations

from tlscap.tables.column import Column, Table

ENDPOINTS = Table(
    "endpoints",
    "one row a server address, port and minute on which connections to a TLS server stayed without TLS",
    (
        Column("server_ip", "name", "Address of the server.", nullable=False),
        Column("server_port", "int32", "Port of the server.", nullable=False),
        Column("minute", "instant", "The minute, by its beginning, in which the connections began.", nullable=False),
        Column("refused", "int64", "Answered with a reset.", "connections", nullable=False),
        Column("unanswered", "int64", "Never answered.", "connections", nullable=False),
        Column("silent", "int64", "Opened and closed without a byte.", "connections", nullable=False),
        Column("plain_http", "int64", "The client spoke HTTP without TLS.", "connections", nullable=False),
        Column("other", "int64", "Anything else.", "connections", nullable=False),
    ),
)
