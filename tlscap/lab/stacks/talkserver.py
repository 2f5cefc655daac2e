"""A TLS server that does what its client says: `talkserver.py ADDRESS PORT PEM [renegotiation] [unwelcome] [thinks=S]`.

Each line is a request: `say N` is answered with N bytes; `then HOW` with `ok`, and a moment later the server ends the
connection; `HOW` alone ends it at once, without an answer; `wait` is never answered; `later N` is answered with `ok`,
and a second later N bytes follow. HOW is `bye` (close_notify, FIN), `fin` (FIN alone) or `reset`. A line of JSON for
each connection tells its client's address and port, version, cipher, whether it was resumed, and how it ended.

With `renegotiation` a client may renegotiate, which OpenSSL 3 refuses by default; with `unwelcome` every connection is
reset a moment after its handshake; with `thinks=1.5` the answer to a ClientHello takes so many seconds.

A line `certificate PEM` on standard input rotates its certificate, and is said again when it holds: for every handshake
from then on, those of connections that are there already too.
"""

import json
import socket
import ssl
import struct
import sys
import threading
import time
from collections.abc import Iterator

ALLOW_CLIENT_RENEGOTIATION = 0x100  # SSL_OP_ALLOW_CLIENT_RENEGOTIATION, for which Python has no name


def main(address: str, port: str, certificate: str, *words: str) -> None:
    context = context_with(certificate)
    if "renegotiation" in words:
        context.options |= ALLOW_CLIENT_RENEGOTIATION
    threading.Thread(target=rotate, args=(context,), daemon=True).start()
    for word in words:
        if word.startswith("thinks="):
            context.sni_callback = Thinker(float(word.partition("=")[2]))
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.create_server((address, int(port)), family=family, backlog=64) as listener:
        while True:
            tcp, client = listener.accept()
            threading.Thread(target=serve, args=(context, tcp, client[:2], words), daemon=True).start()


def context_with(certificate: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    context.set_ciphers("ALL:!aNULL")  # Python leaves out CCM and SHA-1
    return context


def rotate(context: ssl.SSLContext) -> None:
    """OpenSSL asks for the context by the name that the client wants, at each ClientHello: so it can get a new one."""
    for line in sys.stdin:
        new = context_with(line.split()[1])
        context.sni_callback = lambda tls, _name, _old, new=new: setattr(tls, "context", new)
        print(line, end="", flush=True)


class Thinker:
    """Called with each ClientHello, in the connection's own thread."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def __call__(self, *hello: object) -> None:
        time.sleep(self.seconds)


def serve(context: ssl.SSLContext, tcp: socket.socket, client: tuple[str, int], words: tuple[str, ...]) -> None:
    tcp.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    told: dict[str, object] = {"client": client, "version": None, "ended": "handshake"}
    try:
        tls = context.wrap_socket(tcp, server_side=True, suppress_ragged_eofs=False)
        cipher = tls.cipher()
        told |= {"version": tls.version(), "cipher": cipher and cipher[0], "resumed": tls.session_reused}
        told["ended"] = "close_notify received"
        if "unwelcome" in words:
            time.sleep(0.3)
            told["ended"] = "reset sent"
            end(tls, "reset")
        else:
            told["ended"] = converse(tls)
    except (OSError, ValueError) as error:
        told["ended"] = getattr(error, "reason", None) or type(error).__name__
    print(f"{json.dumps(told)}\n", end="", flush=True)  # in one piece: other threads write too


def converse(tls: ssl.SSLSocket) -> str:
    """Answers line after line; says how the connection ended."""
    for line in lines(tls):
        if how := answer(tls, line.split()):
            return f"{how} sent"
    try:
        tls.unwrap().close()
    except OSError:
        pass  # the client, which had said its close_notify, did not wait for ours
    return "close_notify received"


def lines(tls: ssl.SSLSocket) -> Iterator[str]:
    """The client's lines until its close_notify; makefile() would keep the socket open after close()."""
    held = ""
    while data := tls.recv(4096):
        *whole, held = (held + data.decode()).split("\n")
        yield from whole


def answer(tls: ssl.SSLSocket, words: list[str]) -> str:
    """Does what one line asks; gives how the connection was ended, or nothing when it goes on."""
    if words[0] == "say":
        tls.sendall(b"x" * (int(words[1]) - 1) + b"\n")
        return ""
    if words[0] == "wait":
        return ""
    if words[0] == "later":
        tls.sendall(b"ok\n")
        time.sleep(1)
        tls.sendall(b"x" * int(words[1]))
        return ""
    if words[0] == "then":
        tls.sendall(b"ok\n")
        time.sleep(0.3)
    end(tls, words[-1])
    return words[-1]


def end(tls: ssl.SSLSocket, how: str) -> None:
    if how == "bye":
        tls.settimeout(0)  # one close_notify, no wait for the other
        try:
            tls.unwrap()
        except ssl.SSLWantReadError:
            pass
    elif how == "reset":
        tls.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    tls.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
