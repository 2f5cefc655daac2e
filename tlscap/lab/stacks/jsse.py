"""Java's JSSE, by Jsse.java: a client driven through its standard input, and a server that gives lines back."""

from __future__ import annotations

import re
from pathlib import Path

from tlscap.lab.address import Address
from tlscap.lab.certificates import Identity
from tlscap.lab.lab import Lab
from tlscap.lab.program import Program
from tlscap.lab.truth import Row
from tlscap.lab.waiting import wait_until

SOURCE = Path(__file__).with_name("Jsse.java")

REFUSES = "-Djdk.tls.rejectClientInitiatedRenegotiation=true"
"""The server then ends the connection of a client that asks."""

NO_TICKETS = "-Djdk.tls.server.enableSessionTicketExtension=false"
"""The server forgets a session that it invalidates, and so can ask for a certificate in full."""

START_S = 40.0
"""For Java to compile the source and start, on a busy machine."""

_JAVA = ("java", "-Xshare:auto", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")


class JsseServer:
    """A server; `properties` are options of java. With `want` it asks for a certificate, with `need` it insists."""

    def __init__(
        self,
        lab: Lab,
        *properties: str,
        host: str = "server",
        port: int = 8443,
        version: str = "TLSv1.2",
        want: bool = False,
        need: bool = False,
    ) -> None:
        self._lab, self._want = lab, want or need
        self.address: Address = lab.server(host, port)
        argv = [*_JAVA, *properties, str(SOURCE), "server", self.address[0], str(port), version]
        argv += [str(lab.identity().p12), *(["need"] if need else ["want"] if want else [])]
        lab.programs.note_version("java", "java", "-version")
        self.program: Program = lab.start(f"jsse-{host}-{port}", *argv, at=self.address[0])
        self._listening()
        lab.truth.when_done(self._report)

    def handshakes(self, client: Address) -> int:
        """How many it has completed with a client."""
        return len(handshakes(self._said(client)))

    def rotate(self, certificate: Identity) -> None:
        """Has another certificate from now on, in renegotiations too."""
        self.program.send(f"{certificate.p12}\n")
        self.program.expect(f"^certificate {re.escape(str(certificate.p12))}$")
        self._lab.note("certificate_rotated", f"{certificate.p12.name} on {self.program.name}")

    def _listening(self) -> None:
        def look() -> bool:
            assert self.program.running, f"see {self.program.log.name}"
            site = self._lab.network.site_of(self.address[0])
            return f":{self.address[1]} " in self._lab.network.run(site, "ss", "-Hltn")

        wait_until(look, f"{self.program.name} to listen", START_S)

    def _said(self, client: Address) -> list[str]:
        return lines_of(self.program.said(), client)

    def _report(self) -> None:
        for client, server in self._lab.truth.clients_of(self.address):
            said = self._said(client)
            row = facts(said)
            if row:
                peer = handshakes(said)[0][2]
                asked = "empty" if self._want else "not_requested"
                row["client_certificate"] = asked if peer == "none" else "sent"
            self._lab.truth.tell("server", client, server, row, program="Java JSSE")


class JsseClient:
    """One connection."""

    def __init__(
        self, lab: Lab, server: Address, *properties: str, version: str = "TLSv1.2", certificate: Identity | None = None
    ) -> None:
        self._lab, self.server, self.source = lab, server, (lab.client_host(), lab.client_port())
        argv = [*_JAVA, *properties, str(SOURCE), "client", *map(str, (*self.source, *server)), version]
        argv += [str(certificate.p12)] if certificate else []
        lab.programs.note_version("java", "java", "-version")
        lab.truth.open(self.source, server)
        self.program: Program = lab.start(f"jsse-{self.source[1]}", *argv, at=self.source[0])

    def connected(self) -> JsseClient:
        self.program.expect("^handshake ", START_S)
        return self

    def send(self, text: str) -> None:
        """A line to the server, or a command."""
        self.program.send(f"{text}\n")

    def say(self, words: str, answer: str | None = None) -> None:
        """A line to the server, and a wait for `answer`, or for the same line."""
        self.send(words)
        self.program.expect(f"^line {re.escape(answer or words)}$")

    def renegotiate(self, command: str = "renegotiate") -> bool:
        """Waits until it is done, or has ended the session; `anew` does not resume."""
        self.send(command)
        return self.program.expect("^(handshake|error|end)")[1] == "handshake"

    def wait_for_handshake(self) -> None:
        self.program.expect("^handshake ")

    def close(self) -> None:
        self.send("close")
        self.tell(outcome="completed", closed_by="client", dropped=False)

    def tell(self, **on_purpose: object) -> None:
        """Waits for its end; tells what it said, and what the scenario did on purpose."""
        self.program.hang_up()
        self.program.wait()
        said = self.program.said().splitlines()
        self._lab.truth.tell("client", self.source, self.server, facts(said), program="Java JSSE")
        self._lab.truth.tell("script", self.source, self.server, dict(on_purpose))


def lines_of(log: str, client: Address) -> list[str]:
    """What a server said of one client's connection."""
    start = f"{client[0]} {client[1]} "
    return [line.removeprefix(start) for line in log.splitlines() if line.startswith(start)]


def handshakes(said: list[str]) -> list[tuple[str, str, str]]:
    """Version, cipher suite and peer of each."""
    found = (re.fullmatch(r"handshake (\S+) (\S+) (.*)", line) for line in said)
    return [(one[1], one[2], one[3]) for one in found if one]


def facts(said: list[str]) -> Row:
    """It calls ciphers as IANA does. Renegotiations it tells of when they are done; one that fails ends the session."""
    done = handshakes(said)
    if not done:
        return {}
    row: Row = {"version": done[0][0], "cipher": done[0][1], "handshake_outcome": "completed"}
    return row | ({"renegotiations_completed": len(done) - 1} if row["version"] != "TLSv1.3" else {})
