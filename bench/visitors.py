"""Many clients in one process: `visitors.py SCENE FOLDER SERVER CONNECTIONS SEED`, where the clients' host is.

Each connection follows a habit, drawn by its weight; sessions are kept and resumed as browsers do.
"""

from __future__ import annotations

import random
import socket
import ssl
import struct
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import servers
from servers import SIZES

from tlscap.lab.certificates import Authority

THREADS = {"handshakes": 12, "mixed": 48}
CLIENTS = [f"10.20.0.{host}" for host in range(101, 131)]
RESUMED = 0.6
"""How often a known session is offered again."""


@dataclass(frozen=True, slots=True)
class Habit:
    """How some clients behave; `end` is one of the endings below, or random among the healthy ones."""

    weight: float
    port: int
    versions: tuple[str, ...] = ("TLSv1_2", "TLSv1_3")
    certificate: str = ""
    trusts: bool = True
    end: str = ""


HABITS = {
    "tickets": Habit(4, servers.TICKETS),
    "psk": Habit(4, servers.TICKETS, ("TLSv1_3",)),
    "session ids": Habit(3, servers.SESSION_IDS, ("TLSv1_2",)),
    "mutual": Habit(1, servers.MUTUAL, certificate="alice"),
    "mutual, rsa": Habit(0.5, servers.MUTUAL, certificate="bob"),
    "optional": Habit(1, servers.OPTIONAL, certificate="alice"),
    "optional, none": Habit(1, servers.OPTIONAL),
    "hello retry": Habit(1, servers.RETRY, ("TLSv1_3",)),
    "refused for want of a certificate": Habit(0.4, servers.CERTIFICATE_REQUIRED),
    "refused for its version": Habit(0.2, servers.ONLY_13, ("TLSv1_2",)),
    "does not trust the server": Habit(0.3, servers.TICKETS, trusts=False),
    "reset": Habit(0.4, servers.TICKETS, end="reset"),
    "reset in the handshake": Habit(0.2, servers.TICKETS, end="hello"),
}


class Visitor:
    """One thread's connections, one after the other."""

    def __init__(self, scene: str, folder: Path, server: str, seed: int) -> None:
        self.long = scene == "mixed"
        self._folder, self._server = folder, server
        self._random = random.Random(seed)
        self._contexts: dict[tuple[str, str], ssl.SSLContext] = {}
        self._sessions: dict[tuple[str, str], ssl.SSLSession] = {}
        self._client = self._random.choice(CLIENTS)

    def visit(self) -> None:
        if self.long:
            self._ask_name()
            if self._random.random() < 0.15:
                self._plain()
                return
        name = self._random.choices(list(HABITS), [habit.weight for habit in HABITS.values()])[0]
        habit = HABITS[name]
        version = self._random.choice(habit.versions)
        tcp = self._connect(habit.port)
        try:
            if habit.end == "hello":
                self._hello_only(tcp, name, habit, version)
            else:
                self._talk(tcp, name, habit, version)
        except OSError:
            pass  # a refusal is what some habits are there for
        finally:
            tcp.close()

    def _talk(self, tcp: socket.socket, name: str, habit: Habit, version: str) -> None:
        key = name, version
        session = self._sessions.get(key) if self._random.random() < RESUMED else None
        tls = self._context(name, habit, version).wrap_socket(tcp, server_hostname="app.example", session=session)
        with tls:
            for number in range(self._requests()):
                if number:
                    time.sleep(self._random.expovariate(4) if self.long else 0)
                get(tls, self._random.choice(SIZES[1:4] if self.long else SIZES[:3]))
            if tls.session is not None and session is None:
                self._sessions[key] = tls.session
            ENDINGS[habit.end or self._random.choice(HEALTHY)](tls)

    def _requests(self) -> int:
        return self._random.choice((1, 2, 2, 4, 8)) if self.long else 1

    def _connect(self, port: int) -> socket.socket:
        tcp = socket.create_connection((self._server, port), timeout=30, source_address=(self._client, 0))
        tcp.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return tcp

    def _hello_only(self, tcp: socket.socket, name: str, habit: Habit, version: str) -> None:
        """A ClientHello, and a reset when the answer begins."""
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        half = self._context(name, habit, version).wrap_bio(incoming, outgoing, server_hostname="app.example")
        try:
            half.do_handshake()
        except ssl.SSLWantReadError:
            tcp.sendall(outgoing.read())
            tcp.recv(100)
        abort(tcp)

    def _plain(self) -> None:
        with self._connect(servers.PLAIN) as tcp:
            for _ in range(self._requests()):
                get(tcp, self._random.choice(SIZES[:4]))

    def _ask_name(self) -> None:
        number = self._random.randrange(65536)
        question = struct.pack(">6H", number, 0x0100, 1, 0, 0, 0) + b"\x03app\x07example\x00\x00\x01\x00\x01"
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.bind((self._client, 0))
            udp.settimeout(0.5)
            udp.sendto(question, (self._server, 53))
            try:
                udp.recv(512)
            except TimeoutError:
                pass

    def _context(self, name: str, habit: Habit, version: str) -> ssl.SSLContext:
        if context := self._contexts.get((name, version)):
            return context
        context = ssl.create_default_context(cafile=str(self._folder / "root.pem") if habit.trusts else None)
        context.minimum_version = context.maximum_version = ssl.TLSVersion[version]
        if habit.certificate:
            context.load_cert_chain(self._folder / f"{habit.certificate}.pem")
        self._contexts[name, version] = context
        return context


def get(tcp: socket.socket, size: int) -> None:
    """One HTTP request, and its answer to the end."""
    tcp.sendall(b"GET /%d HTTP/1.1\r\nHost: app.example\r\nUser-Agent: bench\r\nAccept: */*\r\n\r\n" % size)
    held = b""
    while b"\r\n\r\n" not in held:
        held += received(tcp)
    head, _, body = held.partition(b"\r\n\r\n")
    left = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0]) - len(body)
    while left > 0:
        left -= len(received(tcp))


def received(tcp: socket.socket) -> bytes:
    if data := tcp.recv(65536):
        return data
    raise ConnectionError("closed in mid-answer")


def polite(tls: ssl.SSLSocket) -> None:
    tls.unwrap().close()


def hasty(tls: ssl.SSLSocket) -> None:
    tls.settimeout(0)
    tls.unwrap()


def rude(tls: ssl.SSLSocket) -> None:
    tls.close()


def abort(tcp: socket.socket) -> None:
    tcp.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    tcp.close()


ENDINGS: dict[str, Callable[[ssl.SSLSocket], None]] = {"polite": polite, "hasty": hasty, "rude": rude, "reset": abort}
HEALTHY = ("polite", "polite", "hasty", "rude")


def main(scene: str, folder: str, server: str, connections: str, seed: str) -> None:
    turns = count()
    errors = 0

    def work(number: int) -> None:
        nonlocal errors
        visitor = Visitor(scene, Path(folder), server, int(seed) * 1000 + number)
        while next(turns) < int(connections):
            try:
                visitor.visit()
            except OSError:
                errors += 1

    threads = [threading.Thread(target=work, args=(number,)) for number in range(THREADS[scene])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(f"{connections} connections, {errors} without an answer", file=sys.stderr)


def write_certificates(authority: Authority) -> None:
    """What `visitors.py` looks for in the authority's folder."""
    authority.issue("alice")
    authority.issue("bob", use_rsa=True)
    authority.root.with_name("root.pem").write_bytes(authority.root.read_bytes())


if __name__ == "__main__":
    main(*sys.argv[1:])
