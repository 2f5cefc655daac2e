"""Scenes between an `openssl s_server` and its clients, one at a time: it serves no two at once, so each has a port."""

from __future__ import annotations

import subprocess

from certificates import Authority
from clients import SClient
from stage import Address, Stage, endpoint, wait_until
from truth import Row, Truth


class Scene:
    """The connections of one capture; `address(...)` starts a server, `meet(...)` a client with it."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.truth = stage, Truth()
        self.authority = Authority(stage.work)
        self.ca = str(self.authority.root)
        self.certificate = str(self.authority.issue("app.example"))
        self._port = 4432

    def serve(self, *options: str, certificate: str | None = None, v6: bool = False) -> SServer:
        """A server with the given certificate, or the usual one."""
        self._port += 1
        address = (self.stage.address(11, v6), self._port)
        shown = certificate or self.certificate
        identity = [] if "-nocert" in options else ["-cert", shown, "-key", shown, "-cert_chain", shown]
        return SServer(self.stage, address, ["-accept", endpoint(address), *identity, *options])

    def meet(self, server: SServer, *options: str) -> SClient:
        """A client of `server` that is connected."""
        return SClient(self.stage, server.address, "-CAfile", self.ca, *options).connected()

    def close(self, client: SClient, **more: object) -> Row:
        """The client says goodbye properly."""
        ended = {"outcome": "completed", "closed_by": "client", "dropped": False}
        return self.truth.add(client.close().facts(), **{**ended, **more})


class SServer:
    """One `openssl s_server`, driven through its standard input."""

    def __init__(self, stage: Stage, address: Address, options: list[str]) -> None:
        self.address = address
        self._stage, self._log = stage, f"s_server-{address[1]}.log"
        self.process: subprocess.Popen[bytes] = stage.serve(
            self._log, "openssl", "s_server", *options, listens=[address]
        )

    def send(self, text: str) -> None:
        assert self.process.stdin
        self.process.stdin.write(text.encode())
        self.process.stdin.flush()

    def heard(self, text: str) -> int:
        return self._stage.log(self._log).count(text)

    def talk(self, client: SClient) -> None:
        """A line each way."""
        before = self.heard("hello server")
        client.send("hello server\n")
        wait_until(lambda: self.heard("hello server") > before, "the client's line")
        self.send("hello client\n")
        client.expect("hello client")
