"""curl: HTTP/2 over TLS."""

from __future__ import annotations

import re

from tlscap.lab.address import Address
from tlscap.lab.lab import Lab
from tlscap.lab.program import Program
from tlscap.lab.stacks.names import iana_name, version_name
from tlscap.lab.truth import Row


class Curl:
    """One connection with `requests` requests one after another; `done` waits for it. Options of curl follow."""

    def __init__(self, lab: Lab, server: Address, *options: str, requests: int = 1, at: str | None = None) -> None:
        self.server, self.source = server, (at or lab.client_host(), lab.client_port())
        self._lab = lab
        ip, port = self.server
        argv = ["curl", "-v", "-sS", "--http2", "--cacert", str(lab.authority.root)]
        argv += ["--interface", self.source[0], "--local-port", str(self.source[1])]
        argv += ["--resolve", f"app.example:{port}:{ip}", *options]
        argv += [f"https://app.example:{port}/item/{number}" for number in range(requests)]
        lab.programs.note_version("curl", "curl", "--version")
        lab.truth.open(self.source, server)
        env = {"SSLKEYLOGFILE": str(lab.keylog)}
        self.program: Program = lab.start(f"curl-{self.source[1]}", *argv, at=self.source[0], env=env)

    def done(self, **on_purpose: object) -> Row:
        """Waits until it has its answers and has closed; gives what it said."""
        if status := self.program.wait():
            raise ConnectionError(f"curl ended with status {status}: see {self.program.log.name}")
        row = facts(self.program.said())
        if not row:
            raise ConnectionError(f"no handshake: see {self.program.log.name}")
        self._lab.truth.tell("client", self.source, self.server, row, program="curl")
        ended = {"closed_by": "client", "dropped": False}
        self._lab.truth.tell("script", self.source, self.server, {**ended, **on_purpose})
        return row


def facts(said: str) -> Row:
    """What `curl -v` tells of a connection whose handshake it completed, nothing of any other."""
    session = re.search(r"^\* SSL connection using (\S+) / (\S+)", said, re.MULTILINE)
    if session is None:
        return {}
    # A new process has no session to resume.
    row: Row = {
        "version": version_name(session[1]), "cipher": iana_name(session[2]), "sni": "app.example",
        "handshake": "full", "handshake_outcome": "completed", "resumption": None,
    }  # fmt: skip
    alpn = re.search(r"^\* ALPN: server accepted (\S+)", said, re.MULTILINE)
    if alpn and row["version"] != "TLSv1.3":  # it is encrypted there
        row["alpn"] = alpn[1]
    # It tells its alerts; often it just exits, and the kernel sends the FIN.
    notified = re.search(r"^\* .* \(OUT\), TLS alert, close notify", said, re.MULTILINE)
    return row | {"outcome": "completed" if notified else "truncated"}
