"""`openssl s_client`, driven through its standard input: it can renegotiate, and tells every message."""

from __future__ import annotations

import re
from pathlib import Path

from tlscap.lab.address import Address, endpoint
from tlscap.lab.certificates import Identity
from tlscap.lab.lab import Lab
from tlscap.lab.program import Program
from tlscap.lab.stacks import openssl_trace as trace
from tlscap.lab.stacks.names import iana_name, version_name
from tlscap.lab.truth import Row
from tlscap.lab.waiting import SECONDS, wait_until

ANSWER = re.compile(r"HTTP/1\.[01] (\d+) .*?\r\n\r\n[^\n]*\n", re.DOTALL)

SENDS = ("-cert", "-key", "-cert_chain")


class SClient:
    """One connection. What it said goes into the truth with `close`, or with `tell` when it ended otherwise."""

    def __init__(
        self,
        lab: Lab,
        server: Address,
        *options: str,
        at: str | None = None,
        certificate: Identity | None = None,
        resumes: SClient | None = None,
    ) -> None:
        """`at` is the address of its host; `resumes` is an earlier one whose session it presents."""
        self.server, self.source = server, (at or lab.client_host(), lab.client_port())
        self._lab, self._parent = lab, resumes
        self._trace = lab.files / f"messages-{self.source[1]}.txt"
        self.session = lab.files / f"session-{self.source[1]}.pem"
        """Written when it has a session that may be resumed."""
        argv = ["openssl", "s_client", "-connect", endpoint(server), "-bind", endpoint(self.source)]
        argv += ["-msg", "-msgfile", str(self._trace), "-keylogfile", str(lab.keylog), "-sess_out", str(self.session)]
        argv += [word for option in SENDS for word in (option, str(certificate))] if certificate else []
        argv += ["-sess_in", str(resumes.session)] if resumes and resumes.session.exists() else []
        lab.programs.note_version("openssl", "openssl", "version")
        lab.truth.open(self.source, server)
        self.program: Program = lab.start(f"s_client-{self.source[1]}", *argv, *options, at=self.source[0])

    def connected(self) -> SClient:
        """Waits until it is; raises ConnectionError if the handshake failed."""
        self.program.expect(r"^ *Verify return code.*\n")
        if "Cipher is (NONE)" in self.program.said():
            raise ConnectionError(f"no handshake: see {self.program.log.name}")
        return self

    def send(self, text: str) -> None:
        self.program.send(text)

    def expect(self, pattern: str, seconds: float = SECONDS) -> re.Match[str]:
        return self.program.expect(pattern, seconds)

    def say(self, words: str) -> None:
        """A line to the talking server, or any that answers lines; waits for the line that it answers."""
        self.send(f"{words}\n")
        self.expect(r"^(x+|ok)\n")

    def echo(self, words: str) -> None:
        """A line to a server that gives every line back; waits for it."""
        self.send(f"{words}\n")
        self.expect(f"{re.escape(words)}$")  # a ticket that it prints may stand before it in the line

    def get(self, path: str = "/", *headers: str) -> int:
        """One HTTP request; gives the status of the answer."""
        self.send("".join(f"{line}\r\n" for line in (f"GET {path} HTTP/1.1", "Host: app.example", *headers, "")))
        return int(self.program.expect(ANSWER)[1])

    def renegotiate(self) -> bool:
        """The command `R`; waits until it is done (True) or has ended the session (False)."""
        before = self.finished()
        self.send("R\n")
        wait_until(lambda: self.finished() >= before + 2 or not self.program.running, "a renegotiation")
        return self.program.running

    def wait_for_handshake(self, before: int) -> None:
        """Waits until a handshake is done since `finished()` was `before`."""
        wait_until(lambda: self.finished() >= before + 2, f"a handshake of {self.program.name}")

    def update_keys(self, command: str = "k") -> None:
        """In TLS 1.3; `K` asks the server to do the same, which does it before it sends again."""
        before = trace.key_updates(self._messages())
        self.send(f"{command}\n")
        wait_until(lambda: trace.key_updates(self._messages()) != before, f"a KeyUpdate of {self.program.name}")

    def close(self, **on_purpose: object) -> Row:
        """The command `Q`: close_notify, then FIN."""
        self.send("Q\n")
        return self.tell(**{"outcome": "completed", "closed_by": "client", "dropped": False, **on_purpose})

    def kill(self, **on_purpose: object) -> Row:
        """It dies at once: the kernel sends its FIN, or a reset if anything was unread."""
        self.program.process.kill()
        return self.tell(**on_purpose)

    def tell(self, **on_purpose: object) -> Row:
        """Waits for its end; tells what it said, and what the scenario did on purpose. Gives its own facts."""
        self.program.wait()
        return self.tell_so_far(**on_purpose)

    def tell_so_far(self, **on_purpose: object) -> Row:
        """The same of one that goes on."""
        row = self.facts()
        heard = trace.alerts(self._messages(), self.program.said())
        self._lab.truth.tell("client", self.source, self.server, row, program="openssl s_client", alerts=heard)
        self._lab.truth.tell("script", self.source, self.server, dict(on_purpose))
        self._lab.truth.note("client", self.source, self.server, **trace.later(self._messages(), row.get("version")))
        return row

    def finished(self) -> int:
        return trace.finished(self._messages())

    def facts(self) -> Row:
        """What it has said so far."""
        row = facts(self.program.said(), self._messages())
        if row.get("handshake") == "abbreviated" and self._parent:
            row["resumed_from_port"] = self._parent.source[1]
        return row

    def _messages(self) -> list[trace.Message]:
        return trace.messages(_text(self._trace), "client")


def facts(said: str, messages: list[trace.Message]) -> Row:
    """What it said of its connection, with the messages that it traced."""
    row: Row = {}
    kinds = re.findall(r"^(New|Reused), (\S+), Cipher is (\S+)$", said, re.MULTILINE)
    if kinds and kinds[0][2] != "(NONE)":
        row = _session(said, *kinds[0])
    if row.get("version") == "TLSv1.3":
        row["hello_retry"] = sum(message.name == "ClientHello" for message in messages) == 2
        row["early_data"] = (re.findall(r"^Early data was (accepted|rejected)$", said, re.MULTILINE) or [None])[0]
    else:
        row |= trace.renegotiations(messages) | (_safety(said) if row else {})
    return row | trace.client_certificate(messages, row.get("handshake") == "abbreviated")


def _session(said: str, kind: str, version: str, cipher: str) -> Row:
    versions = re.findall(r"^ +Protocol +: (\S+)$", said, re.MULTILINE) or [version]
    row: Row = {
        "version": version_name(versions[0]), "cipher": iana_name(cipher),
        "handshake": "abbreviated" if kind == "Reused" else "full", "handshake_outcome": "completed",
    }  # fmt: skip
    row["resumption"] = _mechanism(row["version"], said) if kind == "Reused" else None
    return row


def _safety(said: str) -> Row:
    """It always offers secure renegotiation itself (RFC 5746)."""
    found = re.search(r"^Secure Renegotiation IS (NOT )?supported$", said, re.MULTILINE)
    return {"secure_renegotiation": "client" if found[1] else "both"} if found else {}


def _mechanism(version: str, said: str) -> str:
    if version == "TLSv1.3":
        return "psk"
    return "session_ticket" if "TLS session ticket:" in said else "session_id"


def _text(path: Path) -> str:
    return path.read_text(errors="replace") if path.exists() else ""
