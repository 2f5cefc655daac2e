"""An OpenSSL server on loopback, and contexts for clients of it."""

from __future__ import annotations

import socket
import ssl
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Server:
    """`openssl s_server -www`."""

    port: int
    process: subprocess.Popen[bytes]


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """A self-signed certificate and its key, as files in `folder`."""
    key, cert = folder / "key.pem", folder / "cert.pem"
    ec = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    command = ["openssl", "req", "-x509", *ec, "-days", "2", "-subj", "/CN=localhost", "-keyout", key, "-out", cert]
    subprocess.run(command, check=True, capture_output=True)
    return cert, key


def start_server(certificate: Path, key: Path) -> Server:
    """Returns when it answers; whoever starts it kills it."""
    port = _free_port()
    process = subprocess.Popen(
        ["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-cert", certificate, "-key", key, "-www", "-quiet"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _await(port)
    return Server(port, process)


def context(version: ssl.TLSVersion) -> ssl.SSLContext:
    """A client that takes any certificate and speaks one version."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname, made.verify_mode = False, ssl.CERT_NONE
    made.minimum_version = made.maximum_version = version
    return made


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await(port: int) -> None:
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except ConnectionRefusedError:
            time.sleep(0.05)
    raise RuntimeError("the server did not start")
