"""stunnel: a server that gives every line back (`Stunnel`), and a client in front of a plain one (`StunnelClient`).

Its log names OpenSSL's states, and so tells every handshake that began, ended or was refused.
"""

from __future__ import annotations

import re
import socket

from tlscap.lab.address import Address, endpoint
from tlscap.lab.certificates import Identity
from tlscap.lab.lab import Lab
from tlscap.lab.program import Program
from tlscap.lab.stacks.names import iana_name, version_name
from tlscap.lab.truth import Row
from tlscap.lab.waiting import SECONDS, wait_until

RENEGOTIATION = "options = ALLOW_CLIENT_RENEGOTIATION"
"""Without it OpenSSL 3 refuses what a client asks for; `renegotiation = no` makes stunnel hang up too."""

GLOBAL = "foreground = yes\ndebug = debug\npid =\nsyslog = no\n"

_LINE = re.compile(r"^\S+ \S+ LOG\d\[(\d+)\]: (.*)$", re.MULTILINE)
_CONNECTION = re.compile(r"Service \[\w+\] (?:accepted connection|connected remote server) from (\S+):(\d+)$")
_HELLO = {"server": "SSLv3/TLS read client hello", "client": "SSLv3/TLS write client hello"}
_FINISHED = ("SSLv3/TLS read finished", "SSLv3/TLS write finished")


class Stunnel:
    """A server. `lines` are more of the service's section."""

    def __init__(
        self,
        lab: Lab,
        *lines: str,
        host: str = "server",
        port: int = 4433,
        version: str = "TLSv1.2",
        certificate: Identity | None = None,
    ) -> None:
        self._lab = lab
        self.address: Address = lab.server(host, port)
        section = [
            f"accept = {endpoint(self.address)}", f"cert = {certificate or lab.identity()}",
            f"sslVersion = {version}", "exec = /bin/cat", "execArgs = cat", *lines,
        ]  # fmt: skip
        self.program: Program = _start(lab, f"stunnel-{host}-{port}", section, self.address)
        lab.truth.when_done(self._report)

    def _report(self) -> None:
        for said in connections(self.program.said()).values():
            if source := address_of(said):
                row = facts(said, "server")
                self._lab.truth.tell(
                    "server", source, self.address, row, program="stunnel", alerts=alerts(said, "server")
                )


class StunnelClient:
    """One TLS connection, for one plain connection of this process: `say` sends a line through both."""

    def __init__(self, lab: Lab, server: Address, *lines: str, version: str = "TLSv1.2") -> None:
        self._lab, self.server = lab, server
        door: Address = (lab.client_host("tunnel"), lab.client_port())
        section = ["client = yes", f"accept = {endpoint(door)}", f"connect = {endpoint(server)}"]
        section += [f"sslVersion = {version}", f"local = {lab.client_host()}", *lines]
        self.program: Program = _start(lab, f"stunnel-client-{door[1]}", section, door)
        self.plain = socket.create_connection(door, timeout=SECONDS)
        said = self.program.expect(r"connected remote server from (\S+):(\d+)$")
        self.source: Address = (said[1], int(said[2]))
        lab.truth.open(self.source, server)
        lab.truth.when_done(self._report)

    def say(self, words: str) -> None:
        """A line to the server."""
        self.plain.sendall(words.encode() + b"\n")

    def heard(self, words: str) -> None:
        """Waits for a line of the server."""
        got = b""
        while words.encode() not in got:
            got += (more := self.plain.recv(4096))
            assert more, f"the connection ended before {words}"

    def handshakes(self) -> int:
        """How many it has completed."""
        return _completed(self._said())

    def close(self) -> None:
        """The plain side's end; stunnel sends close_notify."""
        self.plain.close()
        self.wait()
        self._lab.truth.tell(
            "script", self.source, self.server, {"outcome": "completed", "closed_by": "client", "dropped": False}
        )

    def wait(self, **on_purpose: object) -> None:
        """Waits until the connection has ended."""
        wait_until(lambda: re.search(r"^Connection (closed|reset)", self._said(), re.MULTILINE), "stunnel's end")
        self._lab.truth.tell("script", self.source, self.server, dict(on_purpose))

    def _said(self) -> str:
        return next(iter(connections(self.program.said()).values()), "")

    def _report(self) -> None:
        said = self._said()
        row = facts(said, "client")
        self._lab.truth.tell("client", self.source, self.server, row, program="stunnel", alerts=alerts(said, "client"))


def _start(lab: Lab, name: str, section: list[str], listens: Address) -> Program:
    config = lab.files / f"{name}.conf"
    config.write_text(f"{GLOBAL}[lab]\n" + "\n".join(section) + "\n")
    lab.programs.note_version("stunnel", "stunnel", "-version")
    return lab.start(name, "stunnel", str(config), at=listens[0], listens=[listens])


def connections(log: str) -> dict[str, str]:
    """What it said of each connection, by its number."""
    said: dict[str, str] = {}
    for number, line in _LINE.findall(log):
        said[number] = said.get(number, "") + line + "\n"
    return said


def address_of(said: str) -> Address | None:
    """The client's, in what was said of a connection."""
    found = re.search(_CONNECTION.pattern, said, re.MULTILINE)
    return (found[1], int(found[2])) if found else None


def _completed(said: str) -> int:
    states = _states(said)
    return min(states.count(name) for name in _FINISHED)


def _states(said: str) -> list[str]:
    return re.findall(r"^TLS state \(\w+\): (.*)$", said, re.MULTILINE)


def facts(said: str, end: str) -> Row:
    """What the end `end` (`client` or `server`) said of a connection."""
    established = re.search(r"^TLS (?:accepted|connected): (new|previous) session", said, re.MULTILINE)
    cipher = re.search(r"^(\S+) ciphersuite: (\S+) \(", said, re.MULTILINE)
    if not established or not cipher:
        return {}
    version = version_name(cipher[1])
    row: Row = {
        "version": version, "cipher": iana_name(cipher[2]), "handshake_outcome": "completed",
        "handshake": "full" if established[1] == "new" else "abbreviated",
    }  # fmt: skip
    return row if version == "TLSv1.3" else row | _renegotiations(said, end)


def _renegotiations(said: str, end: str) -> Row:
    """Handshakes after the first. A client that refuses the server's HelloRequest has sent no hello for it."""
    states = _states(said)
    hellos = sum(one == _HELLO[end] and other != one for one, other in zip(states, ["", *states]))
    refused = len(re.findall(r"^TLS alert \(\w+\): warning: no renegotiation$", said, re.MULTILINE))
    completed = _completed(said) - 1
    asked = max(hellos - 1, completed + refused)
    return {
        "renegotiations": asked, "renegotiations_completed": completed,
        "renegotiations_refused": refused, "renegotiations_failed": asked - completed - refused,
    }  # fmt: skip


def alerts(said: str, end: str) -> list[Row]:
    """The alerts that it sent and received."""
    other = "server" if end == "client" else "client"
    return [
        {"sender": end if way == "write" else other, "level": level, "description": "_".join(text.split())}
        for way, level, text in re.findall(r"^TLS alert \((\w+)\): (\w+): (.+)$", said, re.MULTILINE)
    ]
