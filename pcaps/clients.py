"""The two clients of the samples: `openssl s_client`, driven through its standard input, and Python's ssl module.

Both tell what they saw as a row for the truth (see truth.py).
"""

from __future__ import annotations

import os
import re
import socket
import ssl
import struct
import subprocess
import threading
from pathlib import Path
from typing import IO

from stage import Address, Stage, endpoint, wait_until
from truth import Row, iana_name, version_name

ANSWER = re.compile(rb"HTTP/1\.[01] (\d+) .*?\r\n\r\n[^\n]*\n", re.S)
_MESSAGE = re.compile(r"^(<<<|>>>) [^,]+, (Handshake|Alert) \[length \w+\], (.*)$", re.M)


class SClient:
    """One run of `openssl s_client`; with `port=0` the kernel picks the port, and only the server can tell it."""

    def __init__(self, stage: Stage, server: Address, *options: str, host: int = 101, port: int | None = None) -> None:
        self.server = server
        self.source = (stage.address(host, v6=":" in server[0]), stage.new_port() if port is None else port)
        self.said = bytearray()
        self._heard = 0
        self._messages = stage.work / f"messages-{id(self)}.txt"
        bind = ["-bind", endpoint(self.source)] if port is None else []
        log = ["-msg", "-msgfile", str(self._messages), "-keylogfile", str(stage.keylog)]
        self.process = subprocess.Popen(
            ["openssl", "s_client", "-connect", endpoint(server), *bind, *log, *options],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        stage.adopt(self.process)
        assert self.process.stdout
        self._reader = threading.Thread(target=self._read, args=(self.process.stdout,), daemon=True)
        self._reader.start()

    def expect(self, pattern: str | re.Pattern[bytes], seconds: float = 15) -> re.Match[bytes]:
        """Waits for the next place in the output that matches."""
        wanted = re.compile(pattern.encode(), re.M) if isinstance(pattern, str) else pattern
        wait_until(
            lambda: wanted.search(self.said, self._heard), f"{wanted.pattern!r} in {bytes(self.said)!r}", seconds
        )
        found = wanted.search(bytes(self.said), self._heard)
        assert found
        self._heard = found.end()
        return found

    def connected(self) -> SClient:
        self.expect(r"^ *Verify return code.*\n")
        if b"Cipher is (NONE)" in self.said:
            raise ConnectionError(self.said.decode())
        return self

    def send(self, text: str) -> None:
        assert self.process.stdin
        self.process.stdin.write(text.encode())
        self.process.stdin.flush()

    def get(self, path: str = "/", *headers: str) -> int:
        """One HTTP request; gives the status of the answer."""
        self.send("".join(f"{line}\r\n" for line in (f"GET {path} HTTP/1.1", "Host: app.example", *headers, "")))
        return int(self.expect(ANSWER)[1])

    def renegotiate(self) -> bool:
        """The command `R`; waits until it is done (True) or has ended the session (False)."""
        finished = self.finished()
        self.send("R\n")
        wait_until(lambda: self.finished() >= finished + 2 or self.process.poll() is not None, "a renegotiation")
        return self.process.poll() is None

    def close(self) -> SClient:
        """The command `Q`: close_notify, then FIN."""
        if self.process.poll() is None:
            self.send("Q\n")
        return self.ended()

    def ended(self, seconds: float = 15) -> SClient:
        self.process.wait(seconds)
        self._reader.join()
        return self

    def finished(self) -> int:
        return [name for _, _, name in self.messages()].count("Finished")

    def messages(self) -> list[tuple[str, str, str]]:
        """Handshake messages and alerts, as s_client's `-msg` wrote them: sender, kind, name."""
        shown = self._messages.read_text() if self._messages.exists() else ""
        return [("client" if way == ">>>" else "server", kind, name) for way, kind, name in _MESSAGE.findall(shown)]

    def facts(self) -> Row:
        """The row so far."""
        said = self.said.decode(errors="replace")
        row: Row = _who(self.source, self.server, "openssl s_client")
        kinds = re.findall(r"^(New|Reused), (\S+), Cipher is (\S+)$", said, re.M)
        if kinds and kinds[0][2] != "(NONE)":
            versions = re.findall(r"^ +Protocol +: (\S+)$", said, re.M) or [kinds[0][1]]
            row["early_data"] = (re.findall(r"^Early data was (accepted|rejected)$", said, re.M) or [None])[0]
            row |= _session(versions[0], kinds[0][2], kinds[0][0] == "Reused")
        messages = self.messages()
        # The message trace has no name for the younger alerts, but the error that follows has.
        errors = re.findall(r"^\w+:error:\w+:SSL routines:\w+:\w+ alert ([a-z ]+):", said, re.M)
        young = "_".join(errors[0].split()) if errors else "???"
        alerts = [(sender, *name.replace("???", young).split()) for sender, kind, name in messages if kind == "Alert"]
        row["alerts"] = [{"sender": sender, "level": level, "description": text} for sender, level, text in alerts]
        if row.get("version") == "TLSv1.3":
            return row | {"hello_retry": [name for _, _, name in messages].count("ClientHello") == 2}
        return row | _renegotiations(messages)

    def _read(self, stdout: IO[bytes]) -> None:
        for piece in iter(lambda: stdout.read1(65536), b""):  # type: ignore[attr-defined]
            self.said += piece


class Visitor:
    """One connection made by Python's ssl module; `how` it ends is up to the method that is called."""

    def __init__(
        self, server: Address, source: Address, context: ssl.SSLContext, session: ssl.SSLSession | None = None
    ) -> None:
        self.server, self.source = server, source
        self._tcp = socket.create_connection(server, source_address=source, timeout=60)
        self._tcp.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.tls = context.wrap_socket(
            self._tcp, server_hostname="app.example", session=session, suppress_ragged_eofs=False
        )
        self._pending = b""

    def get(self, path: str = "/", *headers: str) -> int:
        """One HTTP request; gives the status of the answer."""
        lines = (f"GET {path} HTTP/1.1", "Host: app.example", *headers, "", "")
        self.tls.sendall("\r\n".join(lines).encode())
        while not (found := ANSWER.search(self._pending)):
            self._pending += self._receive()
        self._pending = self._pending[found.end() :]
        return int(found[1])

    def say(self, words: str) -> str:
        """One line to the talking server (talkserver.py); gives the line that it answers."""
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
        try:
            self.tls.unwrap().close()
        except (OSError, ssl.SSLError):
            self.tls.close()

    def notify_and_go(self) -> None:
        """close_notify and FIN at once: the other side's close_notify meets a closed socket, hence a reset."""
        self.tls.settimeout(0)
        try:
            self.tls.unwrap()
        except (OSError, ssl.SSLError):
            pass
        self.tls.close()

    def fin(self) -> None:
        """FIN without a close_notify. Tickets left unread would make the kernel send a reset in its place."""
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
        self.tls.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.tls.close()

    def wait_for_end(self) -> str:
        """Waits until the server ends the connection, closes too, and gives what Python says about it."""
        try:
            ended = "close_notify" if not self.tls.recv(100) else "data"
        except ssl.SSLEOFError as error:
            # Python 3.11 says the same of a FIN and of a reset, but OpenSSL gives a reason only for the FIN.
            ended = "fin" if error.reason else "reset"
        except ssl.SSLError as error:
            ended = error.reason or "error"
        except OSError as error:
            ended = type(error).__name__
        self.tls.close()
        return ended

    def facts(self) -> Row:
        """The row; to be asked while connected."""
        cipher, version = self.tls.cipher(), self.tls.version()
        assert cipher and version
        session = _session(version, cipher[0], bool(self.tls.session_reused))
        return _who(self.source, self.server, "Python ssl") | session | {"renegotiations": 0}

    def _receive(self) -> bytes:
        if data := self.tls.recv(65536):
            return data
        raise ConnectionError("closed by the server in mid-answer")


def python_context(
    stage: Stage, ca: Path, certificate: Path | None = None, *, version: str = "TLSv1.2"
) -> ssl.SSLContext:
    """A client's context for one version of TLS."""
    context = ssl.create_default_context(cafile=str(ca))
    context.keylog_filename = str(stage.keylog)
    context.minimum_version = context.maximum_version = ssl.TLSVersion[version.replace(".", "_")]
    if certificate:
        context.load_cert_chain(certificate)
    return context


def _who(client: Address, server: Address, program: str) -> Row:
    (client_ip, client_port), (server_ip, server_port) = client[:2], server[:2]
    return {
        "client_ip": client_ip, "client_port": client_port,
        "server_ip": server_ip, "server_port": server_port, "program": program,
    }  # fmt: skip


def _session(version: str, cipher: str, resumed: bool) -> Row:
    return {
        "version": version_name(version), "cipher": iana_name(cipher),
        "handshake": "abbreviated" if resumed else "full", "handshake_outcome": "completed",
    }  # fmt: skip


def _renegotiations(messages: list[tuple[str, str, str]]) -> Row:
    """Counts what came after the first two Finished: asked for, completed, refused, and left undone."""
    finished, asked, completed, refused, under_way = 0, 0, 0, 0, False
    for _, kind, name in messages:
        if name == "Finished":
            finished += 1
            if finished > 2 and finished % 2 == 0:
                completed, under_way = completed + 1, False
        elif finished >= 2 and name in ("HelloRequest", "ClientHello") and not under_way:
            asked, under_way = asked + 1, True
        elif kind == "Alert" and name.endswith("no_renegotiation") and under_way:
            refused, under_way = refused + 1, False
    undone = asked - completed - refused
    return {
        "renegotiations": asked, "renegotiations_completed": completed,
        "renegotiations_refused": refused, "renegotiations_failed": undone,
    }  # fmt: skip
