"""TLS on loopback, and tcpdump beside it: what was said is known from the clients."""

from __future__ import annotations

import shutil
import socket
import ssl
import struct
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Server:
    """Answers each line `N` of any number of clients with N bytes."""

    def __init__(self, certificate: Path, key: Path) -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate, key)
        self._listener = _listen()
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                plain, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(plain,), daemon=True).start()

    def _serve(self, plain: socket.socket) -> None:
        try:
            with self._context.wrap_socket(plain, server_side=True) as session:
                for line in session.makefile("rb"):
                    session.sendall(b"x" * int(line))
                session.unwrap()
        except OSError:
            pass


def _listen() -> socket.socket:
    """On a port under those that clients get, which tells the roles of a session whose start is not captured."""
    for port in range(20_443, 30_000):
        try:
            return socket.create_server(("127.0.0.1", port))
        except OSError:
            continue
    raise OSError("no free port")


class Client:
    """One session."""

    def __init__(self, server: Server) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        plain = socket.create_connection(("127.0.0.1", server.port), 10)
        self._session = context.wrap_socket(plain, server_hostname="shop.example")
        self.port = int(self._session.getsockname()[1])

    def fetch(self, size: int) -> None:
        self._session.sendall(b"%d\n" % size)
        while size:
            size -= len(self._session.recv(size))

    def close(self) -> None:
        self._session.unwrap().close()

    def reset(self) -> None:
        """Asks for something and breaks off before the answer can come."""
        self._session.sendall(b"1")
        self._session.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._session.close()


@contextmanager
def tcpdump(server: Server, *options: str) -> Iterator[None]:
    """tcpdump of all that the server says and hears; what it has captured is written when it has ended."""
    program = shutil.which("tcpdump")
    assert program is not None
    process = subprocess.Popen(
        [program, "-i", "lo", "-n", "-Z", "root", "-s", "0", *options, f"tcp port {server.port}"],
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    try:
        assert any("listening on" in line for line in process.stderr)
        yield
    finally:
        process.terminate()
        process.communicate(timeout=20)
