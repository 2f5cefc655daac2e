"""NSS: `selfserv`, a web server that can ask for a certificate in mid-session, and `tstclnt`.

They name a cipher by its parts only and no message at all, but tell of every handshake that is done.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from tlscap.lab.address import Address
from tlscap.lab.certificates import PASSWORD, Identity
from tlscap.lab.lab import Lab
from tlscap.lab.program import Program
from tlscap.lab.stacks.local_port import choosing_host, local_address
from tlscap.lab.truth import Row
from tlscap.lab.waiting import wait_until

TOOLS = ("certutil", "pk12util")
"""What a scenario needs beside the programs."""

LATER = ("-r", "-r", "-r")
"""For selfserv: asks for a certificate, and does not insist, by a renegotiation when a request has come."""

INSISTING = (*LATER, "-r")
"""The same, and does insist."""

AT_ONCE = ("-r", "-r")
"""In the first handshake, and insists."""

VERSIONS = {"3.1": "TLSv1.0", "3.2": "TLSv1.1", "3.3": "TLSv1.2", "3.4": "TLSv1.3"}

_DONE = re.compile(r"^(?:selfserv|tstclnt): SSL version (\S+) using", re.MULTILINE)


class Selfserv:
    """A server that serves one after another, and ends each connection after its answer; options follow."""

    def __init__(
        self, lab: Lab, *options: str, host: str = "server", port: int = 8443, version: str = "tls1.2"
    ) -> None:
        self._lab = lab
        self.address: Address = lab.server(host, port)
        identity = lab.identity()
        database = _database(lab, identity)
        argv = ["selfserv", "-n", identity.name, "-p", str(port), "-d", database, "-V", f"{version}:{version}", "-v"]
        argv += options
        _note_version(lab)
        self.program: Program = lab.start(f"selfserv-{host}-{port}", *argv, at=self.address[0], listens=[self.address])
        lab.truth.when_done(self._report)

    def _report(self) -> None:
        """It does not tell ports, and of a connection's handshakes only the last: its version."""
        for client, server in self._lab.truth.clients_of(self.address):
            if done := versions(self.program.said()):
                self._lab.truth.tell("server", client, server, {"version": done[0]}, program="NSS selfserv")


class Tstclnt:
    """One connection, which renegotiates `renegotiations` times as soon as it is there; options of tstclnt follow."""

    def __init__(
        self,
        lab: Lab,
        server: Address,
        *options: str,
        renegotiations: int = 0,
        certificate: Identity | None = None,
        version: str = "tls1.2",
    ) -> None:
        self._lab, self.server, host = lab, server, choosing_host(lab)
        database = _database(lab, certificate)
        argv = ["tstclnt", "-h", server[0], "-p", str(server[1]), "-d", database, "-a", "app.example", "-o", "-v"]
        argv += ["-V", f"{version}:{version}", "-r", str(renegotiations), *options]
        argv += ["-n", certificate.name] if certificate else []
        _note_version(lab)
        self.program: Program = lab.start("tstclnt", *argv, at=host)
        self.source = local_address(lab, self.program, host, server)
        lab.truth.open(self.source, server)

    def say(self, words: str) -> None:
        """A line to the server, which must not come while it renegotiates."""
        self.program.send(f"{words}\n")

    def handshakes(self) -> int:
        """How many it has completed."""
        return len(versions(self.program.said()))

    def wait_for_handshake(self, number: int) -> None:
        wait_until(lambda: self.handshakes() >= number, f"handshake {number} of tstclnt; see {self.program.log.name}")

    def tell(self, **on_purpose: object) -> None:
        """Once the server has ended the connection: tells what it said, and what the scenario did on purpose.

        It would not end by itself.
        """
        self.program.stop()
        row = facts(self.program.said())
        self._lab.truth.tell("client", self.source, self.server, row, program="NSS tstclnt")
        self._lab.truth.tell("script", self.source, self.server, dict(on_purpose))


def versions(said: str) -> list[str]:
    """The version of every handshake that was completed."""
    return [VERSIONS[number] for number in _DONE.findall(said)]


def facts(said: str) -> Row:
    """What tstclnt said of its connection."""
    done = versions(said)
    if not done:
        return {}
    row: Row = {"version": done[0], "handshake_outcome": "completed"}
    return row | ({"renegotiations_completed": len(done) - 1} if done[0] != "TLSv1.3" else {})


def _database(lab: Lab, identity: Identity | None) -> str:
    """NSS's own kind of certificate store, with the authority and the identity."""
    path: Path = lab.files / f"nss-{identity.name if identity else 'nobody'}"
    database = f"sql:{path}"
    if not path.exists():
        path.mkdir()
        _run("certutil", "-N", "-d", database, "--empty-password")
        _run("certutil", "-A", "-d", database, "-n", "root", "-t", "CT,C,C", "-i", str(lab.authority.root))
        if identity:
            _run("pk12util", "-i", str(identity.p12), "-d", database, "-W", PASSWORD, "-K", "")
    return database


def _run(*argv: str) -> None:
    subprocess.run(argv, check=True, capture_output=True)


def _note_version(lab: Lab) -> None:
    """Its programs do not tell their version; the package does."""
    for program in ("selfserv", "tstclnt", *TOOLS):
        lab.programs.note_version(program, "dpkg-query", "-W", "libnss3-tools")
