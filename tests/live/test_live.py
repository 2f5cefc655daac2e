"""`tlscap live` on loopback, with OpenSSL at both ends; what happened is known from the clients."""

from __future__ import annotations

import json
import re
import signal
import socket
import ssl
import struct
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest

from cli.program import PROGRAM, environment, tlscap
from live.openssl import Server, context

pytestmark = pytest.mark.usefixtures("privilege")

VERSIONS = [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]

LINGER_S = 2.0
"""How long after its end a connection is judged, and so told of."""


LINE = re.compile(r"(\S+)Z (.+): 127\.0\.0\.1:(\d+) -> 127\.0\.0\.1:(\d+) \(shop\.example\): (.+) \((\S+)\) (C\w{11})")


class Live:
    """A running `tlscap live`; lines of its standard output as they come."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def line(self) -> str:
        assert self.process.stdout is not None
        line = self.process.stdout.readline().rstrip("\n")
        assert line, self.process.stderr and self.process.stderr.read()
        return line

    def end(self, number: signal.Signals = signal.SIGINT) -> str:
        """Sends the signal; the rest of standard output."""
        self.process.send_signal(number)
        assert self.process.stdout is not None
        rest = self.process.stdout.read()
        self.process.wait(60)
        return rest


@contextmanager
def running(*arguments: str, cwd: Path) -> Iterator[Live]:
    process = subprocess.Popen(
        [*PROGRAM, "live", "-i", "lo", *arguments],
        cwd=cwd,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    try:
        assert process.stderr.readline().startswith("listening on lo")
        yield Live(process)
    finally:
        process.kill()
        process.wait()


def connect(server: Server, version: ssl.TLSVersion) -> ssl.SSLSocket:
    plain = socket.create_connection(("127.0.0.1", server.port), 10)
    return context(version).wrap_socket(plain, server_hostname="shop.example")


def fetch(server: Server, version: ssl.TLSVersion) -> int:
    """A session that ends well; the client's port."""
    with connect(server, version) as session:
        port = int(session.getsockname()[1])
        session.sendall(b"GET / HTTP/1.0\r\n\r\n")
        while session.recv(65536):
            pass
        return port


def break_off(server: Server, version: ssl.TLSVersion) -> int:
    """A session that the client resets while its request is unanswered; the client's port."""
    session = connect(server, version)
    port = int(session.getsockname()[1])
    session.sendall(b"GET / HTT")
    time.sleep(0.2)
    session.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    session.close()
    return port


def distrust(server: Server, version: ssl.TLSVersion) -> int:
    """A handshake that the client refuses, for it does not know the server's issuer; the client's port."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.minimum_version = made.maximum_version = version
    plain = socket.create_connection(("127.0.0.1", server.port), 10)
    port = int(plain.getsockname()[1])
    with pytest.raises(ssl.SSLError):
        made.wrap_socket(plain, server_hostname="shop.example")
    return port


@pytest.mark.parametrize("version", VERSIONS, ids=["TLSv1.2", "TLSv1.3"])
@pytest.mark.parametrize(
    ("act", "what", "why"),
    [
        (break_off, "drop", "RST by client, a request was unanswered"),
        (distrust, "handshake failed", "alert unknown_ca from client"),
    ],
)
def test_tells_of_what_goes_wrong_while_it_runs(
    act: Callable[[Server, ssl.TLSVersion], int],
    what: str,
    why: str,
    version: ssl.TLSVersion,
    server: Server,
    tmp_path: Path,
) -> None:
    with running("tcp", "port", str(server.port), cwd=tmp_path) as live:
        fetch(server, version)
        began = time.time()
        port = act(server, version)
        line = live.line()
        assert time.time() - began < LINGER_S + 5
    said = LINE.fullmatch(line)
    assert said is not None, line
    assert (said[2], int(said[3]), int(said[4]), said[5]) == (what, port, server.port, why)
    assert said[6] == version.name.replace("_", ".")
    assert abs(datetime.fromisoformat(said[1] + "+00:00").timestamp() - began) < 3


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_prints_the_summary_and_leaves_the_report_at_the_end(
    number: signal.Signals, server: Server, tmp_path: Path
) -> None:
    with running("-o", "out", "tcp", "port", str(server.port), cwd=tmp_path) as live:
        for version in VERSIONS:
            fetch(server, version)
            break_off(server, version)
            distrust(server, version)
        time.sleep(0.5)
        rest = live.end(number)
        assert live.process.returncode == 0
    shown = " ".join(rest.split())
    assert rest.count(" drop: ") == 2 and rest.count(" handshake failed: ") == 2
    assert "CONNECTIONS 6 from 1 client to 1 server" in shown
    assert "DROPS 2 of 6 connections" in shown
    assert "failed 2 unknown_ca by client 2" in shown
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "tables",
        "summary.json",
        "timeline.csv",
        "timeline.png",
    }
    coverage = json.loads((tmp_path / "out" / "summary.json").read_text())["coverage"][0]
    assert coverage["capture"] == "lo"
    assert coverage["kernel_dropped"] == 0
    assert coverage["packets"] > 40


def test_gives_the_uids_in_its_lines_that_its_tables_have(server: Server, tmp_path: Path) -> None:
    with running("--json", "tcp", "port", str(server.port), cwd=tmp_path) as live:
        break_off(server, ssl.TLSVersion.TLSv1_2)
        assert live.process.stderr is not None
        told = live.process.stderr.readline().split()[-1]
        rows = [json.loads(line) for line in live.end().splitlines()]
    assert [row["uid"] for row in rows] == [told]
    assert rows[0]["dropped"] is True


def test_ends_without_a_packet(tmp_path: Path) -> None:
    with running("-o", "out", "udp", "port", "1", cwd=tmp_path) as live:
        time.sleep(0.5)
        assert "CONNECTIONS     0" in live.end()
        assert live.process.returncode == 0
    assert (tmp_path / "out" / "timeline.png").is_file()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["-i", "nope0"], "tlscap: no interface nope0; there are "),
        (["-i", "lo", "port", "port"], "tlscap: Failed to compile filter"),
    ],
)
def test_answers_a_wrong_request_with_one_line(arguments: list[str], says: str, tmp_path: Path) -> None:
    result = tlscap("live", *arguments, cwd=tmp_path)
    assert result.returncode == 2
    assert result.stdout == ""
    assert result.stderr.startswith(says) and result.stderr.count("\n") == 1


def test_says_what_to_do_without_the_privilege(tmp_path: Path) -> None:
    done = subprocess.run(
        ["setpriv", "--bounding-set=-net_raw", "--inh-caps=-net_raw", *PROGRAM, "live", "-i", "lo"],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert "CAP_NET_RAW" in done.stderr and "setcap" in done.stderr and done.stderr.count("\n") == 1
