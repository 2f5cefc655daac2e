"""A client that begins a handshake and stops in the middle of it, as one whose program hangs or whose path broke."""

from __future__ import annotations

import socket
import ssl
from typing import Literal

from tlscap.lab.address import Address
from tlscap.lab.lab import Lab
from tlscap.lab.stacks.python_ssl import TIMEOUT_S, client_context

Stop = Literal["half a hello", "hello", "flight"]
"""Behind what it stops: half of its ClientHello, all of it (it reads nothing more), the server's flight."""


class HalfClient:
    """One connection; says nothing more, and waits for what the server does about it."""

    def __init__(self, lab: Lab, server: Address, version: str, stop: Stop, *, at: str | None = None) -> None:
        self._lab, self.server, self._stop = lab, server, stop
        self.source: Address = (at or lab.client_host(), lab.client_port())
        lab.truth.open(self.source, server)
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        context = client_context(lab, version=version)
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname="app.example")
        self.tcp = socket.create_connection(server, source_address=self.source, timeout=TIMEOUT_S)
        hello = self._next_flight()
        self.tcp.sendall(hello[: len(hello) // 2] if stop == "half a hello" else hello)

    def wait_for_end(self) -> None:
        """Reads until the server hangs up, and closes too."""
        try:
            while data := self.tcp.recv(65536):
                self._read(data)
        except ConnectionResetError:
            pass
        self.tcp.close()
        self.tell(closed_by="server")

    def give_up(self) -> None:
        self.tcp.close()
        self.tell(closed_by="client")

    def tell(self, **on_purpose: object) -> None:
        facts = {"handshake_outcome": "failed", "outcome": "handshake_failed", "dropped": False, **on_purpose}
        self._lab.truth.tell("script", self.source, self.server, facts)

    def _read(self, data: bytes) -> None:
        """What it would answer is never sent."""
        if self._stop == "flight":
            self._incoming.write(data)
            try:
                self._next_flight()
            except ssl.SSLError:
                pass  # the server's goodbye

    def _next_flight(self) -> bytes:
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            pass
        return self._outgoing.read()
