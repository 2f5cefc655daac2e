"""Python's ssl module: a client in this process (`Visitor`), and a server that does what clients say (`TalkServer`).

It resumes and ends sessions in every way, but cannot renegotiate: that takes an `SClient` at the TalkServer.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import socket
import ssl
import struct
import time
from collections.abc import Sequence

from tlscap.lab.address import Address
from tlscap.lab.certificates import Identity
from tlscap.lab.lab import Lab
from tlscap.lab.program import PYTHON, Program
from tlscap.lab.stacks.names import iana_name, version_name
from tlscap.lab.truth import Row

ANSWER = re.compile(rb"HTTP/1\.[01] (\d+) .*?\r\n\r\n[^\n]*\n", re.DOTALL)
TIMEOUT_S = 60.0

MECHANISMS = {True: "session_ticket", False: "session_id"}
"""Up to TLS 1.2, by whether the session has a ticket."""


class Visitor:
    """One connection, made at once. `session` resumes that of an earlier visitor, whose `saved` it was.

    What is known of it goes into the truth with `tell`; the methods that end it also tell their part.
    """

    def __init__(
        self,
        lab: Lab,
        server: Address,
        context: ssl.SSLContext,
        *,
        at: str | None = None,
        session: Session | None = None,
    ) -> None:
        self._lab, self.server = lab, server
        self.source: Address = (at or lab.client_host(), lab.client_port())
        if lab.network.site_of(self.source[0]) != lab.network.sites[0]:
            raise ValueError(f"{self.source[0]}: clients in Python can only be at {lab.network.sites[0]}")
        lab.truth.open(self.source, server)
        tcp = socket.create_connection(server, source_address=self.source, timeout=TIMEOUT_S)
        tcp.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        ticket = session.ssl if session else None
        begin = time.monotonic()
        self.tls = context.wrap_socket(tcp, server_hostname="app.example", session=ticket, suppress_ragged_eofs=False)
        self.handshake_s = time.monotonic() - begin
        self._session, self._pending = session, b""
        self.row: Row = self._facts()
        self.tell()

    @property
    def resumed(self) -> bool:
        return bool(self.tls.session_reused)

    def saved(self) -> Session | None:
        """The session to resume, if there is one by now (in TLS 1.3 after the first answer)."""
        return Session(self.tls.session, self.source[1]) if self.tls.session else None

    def tell(self, **on_purpose: object) -> None:
        self._lab.truth.tell("client", self.source, self.server, self.row, program="Python ssl")
        self._lab.truth.tell("script", self.source, self.server, dict(on_purpose))

    def tell_at(self, point: str, **shown: object) -> None:
        """What a capture at `point` can show in place of that: a hop kept the rest from it."""
        self._lab.truth.tell_at(point, self.source, self.server, dict(shown))

    def get(self, path: str = "/", *headers: str) -> int:
        """One HTTP request; gives the status of the answer."""
        lines = (f"GET {path} HTTP/1.1", "Host: app.example", *headers, "", "")
        self.tls.sendall("\r\n".join(lines).encode())
        while not (found := ANSWER.search(self._pending)):
            self._pending += self._receive()
        self._pending = self._pending[found.end() :]
        return int(found[1])

    def say(self, words: str) -> str:
        """One line to the talking server; gives the line that it answers."""
        self.ask(words)
        while b"\n" not in self._pending:
            self._pending += self._receive()
        line, _, self._pending = self._pending.partition(b"\n")
        return line.decode()

    def ask(self, words: str) -> None:
        """A line to the talking server, without a wait for an answer."""
        self.tls.sendall(words.encode() + b"\n")

    def garble(self) -> None:
        """A record that nobody can decrypt, as from a broken network card."""
        os.write(self.tls.fileno(), b"\x17\x03\x03\x00\x40" + bytes(64))

    def close_notify(self) -> None:
        """close_notify, a wait for the other side's, FIN."""
        self.tell(outcome="completed", closed_by="client")
        try:
            self.tls.unwrap().close()
        except (OSError, ssl.SSLError):
            self.tls.close()

    def notify_and_go(self) -> None:
        """close_notify and FIN at once: the other side's close_notify meets a closed socket, hence a reset."""
        self.tell(outcome="completed", closed_by="client")
        self.tls.settimeout(0)
        try:
            self.tls.unwrap()
        except (OSError, ssl.SSLError):
            pass
        self.tls.close()

    def fin(self) -> None:
        """FIN without a close_notify. Tickets left unread would make the kernel send a reset in its place."""
        self.tell(outcome="truncated", closed_by="client")
        self.tls.setblocking(False)
        try:
            while os.read(self.tls.fileno(), 65536):
                pass
        except BlockingIOError:
            pass
        self.tls.close()

    def vanish(self) -> None:
        """What a program does that just exits: FIN, or a reset if anything was unread."""
        self.tls.close()

    def reset(self) -> None:
        self.tell(outcome="reset", closed_by="client")
        self.drop()

    def drop(self) -> None:
        """A reset that nobody is to be told of: the session had ended for the capture before."""
        self.tls.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.tls.close()

    def wait_for_end(self) -> str:
        """Waits until the server ends the connection, closes too, and gives what Python says about it:
        `close_notify`, `fin`, `reset`, or OpenSSL's name of the alert."""
        try:
            ended = "close_notify" if not self.tls.recv(100) else "data"
        except ssl.SSLEOFError as error:
            # Python 3.11 says the same of a FIN and of a reset, but OpenSSL gives a reason only for the FIN.
            ended = "fin" if error.reason else "reset"
        except ssl.SSLError as error:
            ended = error.reason or "error"
        except ConnectionResetError:
            ended = "reset"
        except OSError as error:
            ended = type(error).__name__
        self.tls.close()
        if ended in ENDED:
            self.tell(outcome=ENDED[ended], closed_by="server")
        return ended

    def _facts(self) -> Row:
        cipher, version = self.tls.cipher(), self.tls.version()
        assert cipher and version
        row: Row = {
            "version": version_name(version), "cipher": iana_name(cipher[0]), "handshake_outcome": "completed",
            "handshake": "abbreviated" if self.resumed else "full", "resumption": None,
            "alpn": self.tls.selected_alpn_protocol(),
        }  # fmt: skip
        shown = self.tls.getpeercert(binary_form=True)
        if shown and not self.resumed:
            row["server_certificate_sha256"] = hashlib.sha256(shown).hexdigest()
        if row["version"] == "TLSv1.3":
            del row["alpn"]  # it is encrypted there
        else:
            row |= {"renegotiations": 0}
        if self.resumed and self._session:
            ticket = self._session.ssl.has_ticket
            row["resumption"] = "psk" if version == "TLSv1.3" else MECHANISMS[ticket]
            row["resumed_from_port"] = self._session.port
        return row

    def _receive(self) -> bytes:
        if data := self.tls.recv(65536):
            return data
        raise ConnectionError("closed by the server in mid-answer")


ENDED = {"close_notify": "completed", "fin": "truncated", "reset": "reset"}
"""tlscap's outcome by what `wait_for_end` gives."""


class Session:
    """A session to be resumed, and the client's port in the connection that it is from."""

    def __init__(self, session: ssl.SSLSession, port: int) -> None:
        self.ssl, self.port = session, port


def client_context(
    lab: Lab, certificate: Identity | None = None, *, version: str = "TLSv1.2", alpn: Sequence[str] = ()
) -> ssl.SSLContext:
    """A client's context for one version of TLS, trusting the lab's authority."""
    context = ssl.create_default_context(cafile=str(lab.authority.root))
    context.keylog_filename = str(lab.keylog)
    context.minimum_version = context.maximum_version = ssl.TLSVersion[version.replace(".", "_")]
    if certificate:
        context.load_cert_chain(certificate.pem)
    if alpn:
        context.set_alpn_protocols(list(alpn))
    return context


class TalkServer:
    """talkserver.py on a host: it does what a line says. `words`: `renegotiation`, `unwelcome`, `thinks=S`."""

    def __init__(
        self, lab: Lab, *words: str, host: str = "server", port: int = 443, certificate: Identity | None = None
    ):
        self._lab = lab
        self.address: Address = lab.server(host, port)
        ip, number = self.address
        argv = [*PYTHON, "tlscap.lab.stacks.talkserver", ip, str(number), str(certificate or lab.identity()), *words]
        self.program: Program = lab.start(f"talkserver-{host}-{port}", *argv, at=ip, listens=[self.address])
        lab.truth.when_done(self._report)

    def rotate(self, certificate: Identity) -> None:
        """Has another certificate from now on, in renegotiations too."""
        self.program.send(f"certificate {certificate}\n")
        self.program.expect(f"^certificate {re.escape(str(certificate))}$")
        self._lab.note("certificate_rotated", f"{certificate.pem.name} on {self.program.name}")

    def _report(self) -> None:
        for line in filter(lambda line: line.startswith("{"), self.program.said().splitlines()):
            said = json.loads(line)
            row: Row = {}
            if said["version"]:
                row = {
                    "version": version_name(said["version"]), "cipher": iana_name(said["cipher"]),
                    "handshake": "abbreviated" if said["resumed"] else "full", "handshake_outcome": "completed",
                }  # fmt: skip
            row |= _ENDS.get(said["ended"], {})
            self._lab.truth.tell("server", tuple(said["client"]), self.address, row, program="Python ssl")


_ENDS: dict[str, Row] = {
    "bye sent": {"outcome": "completed", "closed_by": "server"},
    "fin sent": {"outcome": "truncated", "closed_by": "server"},
    "reset sent": {"outcome": "reset", "closed_by": "server"},
    "close_notify received": {"outcome": "completed", "closed_by": "client"},
}
