"""Connections on which no TLS came to be: counted by server address, port and minute.

To a TLS server they say a lot: refused or unanswered connections are the outage, and connections that
open and close in silence are health checks or a handshake that never began.
"""

from __future__ import annotations

import re

MAX_ENDPOINTS = 100_000
"""Address, port and minute counted at once. Who scans a network makes one each; beyond it only known ones count."""

REFUSED, UNANSWERED, SILENT, PLAIN_HTTP, OTHER = 0, 1, 2, 3, 4
"""Places in a row of counts: a RST for an answer, no answer, no byte, HTTP without TLS, anything else."""

_MINUTE_NS = 60 * 10**9
_HTTP = re.compile(rb"(GET|HEAD|POST|PUT|DELETE|OPTIONS|PATCH|TRACE) \S+ HTTP/|PRI \* HTTP/2")


class Endpoints:
    """Counts of connections without TLS; `rows` maps (address, port, minute in ns) to five counts."""

    def __init__(self) -> None:
        self.rows: dict[tuple[bytes, int, int], list[int]] = {}
        self.uncounted = 0  # connections beyond MAX_ENDPOINTS

    def count(self, ip: bytes, port: int, start_ns: int, kind: int) -> None:
        """Counts one connection of `kind` to a server."""
        key = (ip, port, start_ns - start_ns % _MINUTE_NS)
        counts = self.rows.get(key)
        if counts is None:
            if len(self.rows) >= MAX_ENDPOINTS:
                self.uncounted += 1
                return
            counts = [0, 0, 0, 0, 0]
            self.rows[key] = counts
        counts[kind] += 1


def kind_of(client_bytes: int, server_bytes: int, server_answered: bool, server_reset: bool, client_head: bytes) -> int:
    """What became of a connection without TLS; `client_head` is how the client began."""
    if not server_answered:
        return REFUSED if server_reset else UNANSWERED
    if client_bytes == 0 and server_bytes == 0:
        return SILENT
    return PLAIN_HTTP if _HTTP.match(client_head) else OTHER
