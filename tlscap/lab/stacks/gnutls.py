"""GnuTLS: `gnutls-serv --echo`, and `gnutls-cli` driven through its standard input. Both trace every message.

The server gives every line back; the line `**REHANDSHAKE**` makes it ask for a renegotiation, `**REAUTH**` in TLS 1.3
for a certificate. The client's line `^renegotiate^` renegotiates, and `^rekey^` updates the keys in TLS 1.3.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from tlscap.lab.address import Address
from tlscap.lab.certificates import Identity
from tlscap.lab.lab import Lab
from tlscap.lab.program import Program
from tlscap.lab.stacks import openssl_trace
from tlscap.lab.stacks.local_port import choosing_host, local_address
from tlscap.lab.stacks.names import version_name
from tlscap.lab.truth import Row
from tlscap.lab.waiting import wait_until

ONLY_12, ONLY_13 = "NORMAL:-VERS-ALL:+VERS-TLS1.2", "NORMAL:-VERS-ALL:+VERS-TLS1.3"

TRACE = ("-d", "5")
"""The level from which on it tells of every message and alert."""

_MESSAGE = re.compile(
    r"\| HSK\[\w+\]: ([A-Z_ ]+?)(?: \(\d+\))? was (queued|received)(?:\. Length (\d+)| \[(\d+) bytes\])|"
    r"\| REC(?:\[\w+\])?: (?:(Sending) )?Alert\[(\d)\|\d+\] - ([\w ]+?)(?: - was received)?$",
    re.MULTILINE,
)
_EMPTY = {"received": 4, "queued": 8}
"""A Certificate message up to this long has no certificate; what is queued is counted with its header of four."""

_ALERTS = {
    "no_renegotiation_is_allowed": "no_renegotiation", "certificate_was_bad": "bad_certificate",
    "handshake_failed": "handshake_failure",
}  # fmt: skip
"""Where GnuTLS's names are not the RFC's with spaces."""

Message = tuple[str, str, int]
"""Sender, name (of an alert in lower case), length (of an alert its level)."""


class GnutlsServ:
    """A server that serves one after another; options of gnutls-serv follow."""

    def __init__(
        self,
        lab: Lab,
        *options: str,
        host: str = "server",
        port: int = 5556,
        priority: str = ONLY_12,
        certificate: Identity | None = None,
    ) -> None:
        self._lab = lab
        self.address: Address = lab.server(host, port)
        identity = certificate or lab.identity()
        options = options or ("--disable-client-cert",)
        argv = ["gnutls-serv", *TRACE, "--echo", "-p", str(port), "--priority", priority, *options]
        argv += ["--x509certfile", str(identity.chain), "--x509keyfile", str(identity.key)]
        argv += ["--x509cafile", str(lab.authority.both)]
        lab.programs.note_version("gnutls-serv", "gnutls-serv", "--version")
        env = {"SSLKEYLOGFILE": str(lab.keylog)}
        name = f"gnutls-serv-{host}-{port}"
        self.program: Program = lab.start(name, *argv, at=self.address[0], listens=[self.address], env=env)
        lab.truth.when_done(self._report)

    def _report(self) -> None:
        for client, part in connections(self.program.said()):
            told = messages(part, "server")
            self._lab.truth.tell(
                "server", client, self.address, facts(part, told), program="gnutls-serv", alerts=alerts(told)
            )
            self._lab.truth.note("server", client, self.address, **later(part, told))


class GnutlsCli:
    """One connection; options of gnutls-cli follow."""

    def __init__(
        self, lab: Lab, server: Address, *options: str, priority: str = ONLY_12, certificate: Identity | None = None
    ) -> None:
        self._lab, self.server = lab, server
        argv = ["gnutls-cli", *TRACE, "--inline-commands", "--priority", priority, "-p", str(server[1]), *options]
        argv += ["--x509cafile", str(lab.authority.root), "--verify-hostname", "app.example"]
        if certificate:
            argv += ["--x509certfile", str(certificate.chain), "--x509keyfile", str(certificate.key)]
        lab.programs.note_version("gnutls-cli", "gnutls-cli", "--version")
        host, env = choosing_host(lab), {"SSLKEYLOGFILE": str(lab.keylog)}
        self.program: Program = lab.start("gnutls-cli", *argv, server[0], at=host, env=env)
        self.source = local_address(lab, self.program, host, server)
        lab.truth.open(self.source, server)

    def connected(self) -> GnutlsCli:
        self.program.expect("^- Simple Client Mode:")
        return self

    def say(self, words: str, answer: str | None = None) -> None:
        """A line to the server; waits for `answer`, or for the same line where the server gives it back."""
        self.program.send(f"{words}\n")
        self.program.expect(f"^{re.escape(answer or words)}$")

    def renegotiate(self) -> bool:
        """Waits until it is done, or has failed."""
        self.program.send("^renegotiate^\n")
        said = self.program.expect("ReHandshake was completed|Rehandshake Failed|Fatal error")
        return said[0].startswith("ReHandshake was")

    def authenticate(self) -> None:
        """Has the server ask for a certificate in TLS 1.3, and waits until it has answered."""
        self.program.send("**REAUTH**\n")
        self.program.expect("CERTIFICATE REQUEST .* was received")
        self.program.expect("FINISHED was queued")

    def handshakes(self) -> int:
        """How many it has completed."""
        return finished(messages(self.program.said(), "client")) // 2

    def wait_for_handshake(self, number: int) -> None:
        wait_until(lambda: self.handshakes() >= number, f"handshake {number} of {self.program.name}")

    def close(self) -> None:
        """The end of its input: close_notify, and a wait for the server's."""
        self.program.hang_up()
        self.tell(outcome="completed", closed_by="client", dropped=False)

    def tell(self, **on_purpose: object) -> None:
        """Waits for its end; tells what it said, and what the scenario did on purpose."""
        self.program.wait()
        said = self.program.said()
        told = messages(said, "client")
        self._lab.truth.tell(
            "client", self.source, self.server, facts(said, told), program="gnutls-cli", alerts=alerts(told)
        )
        self._lab.truth.note("client", self.source, self.server, **later(said, told))
        self._lab.truth.tell("script", self.source, self.server, dict(on_purpose))


def connections(log: str) -> list[tuple[Address, str]]:
    """The clients of a server's log, with what it said of each: it tells the port when the handshake is done."""
    starts = [found.start() for found in re.finditer(r"^.*CLIENT HELLO \(1\) was received", log, re.MULTILINE)]
    accepted = list(re.finditer(r"^\* Accepted connection from IPv[46] (\S+) port (\d+)", log, re.MULTILINE))
    begins = [max(start for start in starts if start < found.start()) for found in accepted]
    parts = [log[begin:end] for begin, end in zip(begins, [*begins[1:], len(log)])]
    return [((found[1].removeprefix("::ffff:"), int(found[2])), part) for found, part in zip(accepted, parts)]


def messages(said: str, own: str) -> list[Message]:
    """All messages and alerts that the end `own` (`client` or `server`) traced."""
    other = "server" if own == "client" else "client"
    told: list[Message] = []
    for name, way, received, queued, sending, level, text in _MESSAGE.findall(said):
        if name:
            length = int(received or queued)
            told.append((own if way == "queued" else other, name, 0 if length < _EMPTY[way] else length))
        else:
            told.append((own if sending else other, "_".join(text.lower().split()), int(level)))
    return told


def finished(told: Sequence[Message]) -> int:
    """How many Finished went either way: two a handshake."""
    return sum(name == "FINISHED" for _, name, _ in told)


def facts(said: str, told: Sequence[Message]) -> Row:
    """What one end said of a connection, with the messages in it."""
    version = re.search(r"^- Description: \((TLS[\d.]+)", said, re.MULTILINE)
    suite = re.search(r"Selected cipher suite: GNUTLS_(\w+)$", said, re.MULTILINE)
    if finished(told) < 2 or not version or not suite:
        return {}
    row: Row = {"version": version_name(version[1]), "cipher": iana_suite(suite[1]), "handshake_outcome": "completed"}
    if row["version"] == "TLSv1.3":
        return row
    first = _first(told)
    full = any(name == "CERTIFICATE" and sender == "server" for sender, name, _ in first)
    row["handshake"] = "full" if full else "abbreviated"
    return row | _client_certificate(first, full) | _renegotiations(told[len(first) :])


def _first(told: Sequence[Message]) -> Sequence[Message]:
    ends = [number for number, message in enumerate(told) if message[1] == "FINISHED"]
    return told[: ends[1] + 1]


def _client_certificate(first: Sequence[Message], full: bool) -> Row:
    if not full:
        return {}
    if not any(name == "CERTIFICATE REQUEST" for _, name, _ in first):
        return {"client_certificate": "not_requested"}
    sent = [length for sender, name, length in first if name == "CERTIFICATE" and sender == "client"]
    return {"client_certificate": "sent" if sent and sent[0] else "empty"}


def _renegotiations(later: Sequence[Message]) -> Row:
    asked, refused, under_way, ended = 0, 0, False, 0
    for _, name, _ in later:
        if name in ("HELLO REQUEST", "CLIENT HELLO") and not under_way:
            asked, under_way = asked + 1, True
        elif _ALERTS.get(name) == "no_renegotiation" and under_way:
            refused, under_way = refused + 1, False
        elif name == "FINISHED":
            ended += 1
            under_way = under_way and ended % 2 == 1
    return {
        "renegotiations": asked, "renegotiations_completed": ended // 2,
        "renegotiations_refused": refused, "renegotiations_failed": asked - ended // 2 - refused,
    }  # fmt: skip


def alerts(told: Sequence[Message]) -> list[Row]:
    """Those among the messages, under the names of the RFC."""
    return [
        {"sender": sender, "level": ("", "warning", "fatal")[level], "description": _ALERTS.get(name, name)}
        for sender, name, level in told
        if name.islower()
    ]


def later(said: str, told: Sequence[Message]) -> Row:
    """What came behind the handshake, as openssl_trace.later has it; a client does not trace who began it."""
    version: str | None = facts(said, told).get("version")
    if version is None:
        return {}
    trace = [
        openssl_trace.Message(sender, version, "Alert", 2, _ALERTS.get(name, name))
        if name.islower()
        else openssl_trace.Message(sender, version, "Handshake", length, _camel(name))
        for sender, name, length in told
    ]
    row = openssl_trace.later(trace, version)
    for attempt in row.get("ledger", ()):
        if attempt["initiator"] == "client":
            del attempt["initiator"]
    return row


def _camel(name: str) -> str:
    """`KeyUpdate` from `KEY_UPDATE`, `ClientHello` from `CLIENT HELLO`."""
    return "".join(word.capitalize() for word in re.split("[ _]", name))


def iana_suite(suite: str) -> str:
    """IANA's name of what GnuTLS calls `ECDHE_ECDSA_AES_256_CBC_SHA1`."""
    exchange, cipher = re.split(r"(?=(?:AES|CHACHA20|CAMELLIA|3DES)_)", suite, maxsplit=1)
    cipher = re.sub("SHA1$", "SHA", re.sub("POLY1305$", "POLY1305_SHA256", cipher))
    return f"TLS_{exchange}{'WITH_' if exchange else ''}{cipher}"
