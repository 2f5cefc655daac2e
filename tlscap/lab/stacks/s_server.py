"""`openssl s_server`, driven through its standard input. It serves one connection after another, never two at once."""

from __future__ import annotations

import re

from tlscap.lab.address import Address, endpoint
from tlscap.lab.certificates import Identity
from tlscap.lab.lab import Lab
from tlscap.lab.program import Program
from tlscap.lab.stacks import openssl_trace as trace
from tlscap.lab.stacks.names import iana_name
from tlscap.lab.stacks.s_client import SClient
from tlscap.lab.truth import Row
from tlscap.lab.waiting import wait_until

FIRST_PORT = 4433


class SServer:
    """A server on a port of its own; options of s_server follow. Without a certificate it gets one for app.example."""

    def __init__(
        self,
        lab: Lab,
        *options: str,
        host: str = "server",
        port: int = FIRST_PORT,
        certificate: Identity | None = None,
        v6: bool = False,
    ) -> None:
        self._lab = lab
        self.address: Address = lab.server(host, port, v6=v6)
        shown = str(certificate or lab.identity())
        identity = [] if "-nocert" in options else ["-cert", shown, "-key", shown, "-cert_chain", shown]
        lab.programs.note_version("openssl", "openssl", "version")
        argv = ["openssl", "s_server", "-accept", endpoint(self.address), "-msg", *identity, *options]
        self.program: Program = lab.start(f"s_server-{host}-{port}", *argv, at=self.address[0], listens=[self.address])
        lab.truth.when_done(self._report)

    def send(self, text: str) -> None:
        """A line to the client, or a command: `r` renegotiates, `R` asks for a certificate too, `Q` ends it all."""
        self.program.send(text)

    def talk(self, client: SClient) -> None:
        """A line each way."""
        before = self._heard()
        client.send("hello server\n")
        wait_until(lambda: self._heard() > before, "the client's line")
        self.send("hello client\n")
        client.expect("hello client")

    def renegotiate(self, client: SClient, command: str = "r") -> None:
        """Asks `client` to, and waits until that is done. Only a session that was not resumed sends a certificate."""
        before = client.finished()
        self.send(f"{command}\n")
        wait_until(lambda: client.finished() == before + 2, "the server's renegotiation")

    def update_keys(self, command: str = "k") -> None:
        """In TLS 1.3; `K` asks the client to do the same, which does it before it sends again."""
        self.send(f"{command}\n")
        self.program.expect(">>> TLS 1.3, Handshake .*, KeyUpdate")

    def authenticate(self, client: SClient) -> None:
        """Asks for a certificate in TLS 1.3, and waits until the client has answered."""
        before = client.finished()
        self.send("c\n")
        wait_until(lambda: client.finished() == before + 1, f"the certificate of {client.program.name}")

    def _heard(self) -> int:
        return self.program.said().count("hello server")

    def _report(self) -> None:
        """It does not tell ports; but it served its clients one by one, in the order in which they came."""
        served = connections(self.program.said())
        clients = self._lab.truth.clients_of(self.address)
        if len(served) != len(clients):
            return
        for said, (client, server) in zip(served, clients):
            messages = trace.messages(said, "server")
            heard = trace.alerts(messages, said)
            self._lab.truth.tell(
                "server", client, server, facts(said, messages), program="openssl s_server", alerts=heard
            )


def connections(log: str) -> list[str]:
    """What it said of each connection on which a client said something."""
    return [part for part in re.split(r"^ACCEPT$", log, flags=re.MULTILINE)[1:] if "<<<" in part]


def facts(said: str, messages: list[trace.Message]) -> Row:
    """What it said of one connection."""
    row: Row = {}
    version = next((message.version for message in messages if message.name == "Finished"), None)
    if cipher := re.search(r"^CIPHER is (\S+)$", said, re.MULTILINE):
        resumed = re.search(r"^Reused session-id$", said, re.MULTILINE) is not None
        row = {
            "version": version, "cipher": iana_name(cipher[1]),
            "handshake": "abbreviated" if resumed else "full", "handshake_outcome": "completed",
        }  # fmt: skip
        row |= trace.client_certificate(messages, resumed)
    if version and version != "TLSv1.3":
        row |= trace.renegotiations(messages)
    return row
