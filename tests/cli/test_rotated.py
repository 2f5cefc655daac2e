"""Rotated sets, as the real tcpdump writes them, and captures that are followed while it does."""

from __future__ import annotations

import json
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cli.program import PROGRAM, environment, tlscap
from cli.talk import Client, Server, tcpdump

MEGABYTE = 1_000_000

FILE_HEADER = 24
"""Bytes of a pcap without a packet: in the second in which tcpdump began there may have been none."""


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    if shutil.which("tcpdump") is None or shutil.which("openssl") is None:
        pytest.skip("tcpdump or openssl is not installed")
    try:
        socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0).close()
    except PermissionError:
        pytest.skip("tcpdump takes CAP_NET_RAW: run these tests as root")
    folder = tmp_path_factory.mktemp("certificate")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    ec = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    made = ["openssl", "req", "-x509", *ec, "-days", "2", "-subj", "/CN=x", "-keyout", key, "-out", certificate]
    subprocess.run(made, check=True, capture_output=True)
    started = Server(certificate, key)
    yield started
    started.close()


def rows(*arguments: str | Path, cwd: Path) -> dict[int, dict[str, Any]]:
    """What `analyze` says of each connection, by the client's port."""
    result = tlscap("analyze", *arguments, "--json", cwd=cwd)
    assert (result.returncode, result.stderr) == (0, "")
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert len({line["client_port"] for line in lines}) == len(lines), "a connection has two rows"
    return {line["client_port"]: line for line in lines}


def files(row: dict[str, Any]) -> tuple[str, str]:
    """In which files a connection begins and ends."""
    return Path(row["first_frame"]["file"]).name, Path(row["last_frame"]["file"]).name


def speak(server: Server, times: int, size: int, pause_s: float = 0.0) -> tuple[Client, list[int]]:
    """One session that lasts while others come and go; it is left open. Gives the ports of the others."""
    lasting, others = Client(server), []
    for _ in range(times):
        lasting.fetch(size)
        short = Client(server)
        short.fetch(size)
        short.close()
        others.append(short.port)
        time.sleep(pause_s)
    return lasting, others


def test_sessions_go_on_from_file_to_file_of_a_set_rotated_by_size(server: Server, tmp_path: Path) -> None:
    with tcpdump(server, "-w", str(tmp_path / "lb.pcap"), "-C", "1"):
        lasting, others = speak(server, 12, MEGABYTE // 5)
        lasting.close()
        time.sleep(1)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert len(names) > 3
    for arguments in ([tmp_path], [tmp_path / name for name in reversed(names)]):
        found = rows(*arguments, cwd=tmp_path)
        assert set(found) == {lasting.port, *others}
        assert {row["outcome"] for row in found.values()} == {"completed"}
        assert {row["missing_bytes_s2c"] for row in found.values()} == {0}
        assert files(found[lasting.port]) == (names[0], names[-1])
        assert found[lasting.port]["bytes_s2c"] >= 12 * MEGABYTE // 5


def test_a_set_rotated_by_time_is_one_capture(server: Server, tmp_path: Path) -> None:
    with tcpdump(server, "-w", str(tmp_path / "lb-%s.pcap"), "-G", "1"):
        lasting, others = speak(server, 6, 1000, pause_s=0.5)
        lasting.close()
        time.sleep(1)
    names = sorted(path.name for path in tmp_path.iterdir() if path.stat().st_size > FILE_HEADER)
    assert len(names) > 2
    found = rows(tmp_path, f"tcp port {server.port}", cwd=tmp_path)
    assert set(found) == {lasting.port, *others}
    assert files(found[lasting.port]) == (names[0], names[-1])


def test_what_is_left_of_a_ring_begins_in_the_middle_of_a_session(server: Server, tmp_path: Path) -> None:
    with tcpdump(server, "-w", str(tmp_path / "lb.pcap"), "-C", "1", "-W", "3"):
        lasting, others = speak(server, 16, MEGABYTE // 5)
        lasting.close()
        time.sleep(1)
    assert len(list(tmp_path.iterdir())) == 3
    found = rows(tmp_path, cwd=tmp_path)
    assert 1 < len(found) < len(others)
    assert found[lasting.port]["handshake"] == "unknown"
    assert found[lasting.port]["outcome"] == "completed"
    whole = [port for port in others if port in found and found[port]["handshake"] == "full"]
    assert whole == others[-len(whole) :]
    starts = [found[port]["start"] for port in whole]
    assert starts == sorted(starts)


class Following:
    """A running `tlscap analyze --follow`."""

    def __init__(self, *arguments: str | Path, cwd: Path) -> None:
        self.process = subprocess.Popen(
            [*PROGRAM, "analyze", "--follow", *map(str, arguments)],
            cwd=cwd,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def end(self) -> tuple[str, str]:
        self.process.send_signal(signal.SIGINT)
        return self.process.communicate(timeout=60)


def test_a_capture_is_followed_and_drops_are_told_as_they_happen(server: Server, tmp_path: Path) -> None:
    capture = tmp_path / "lb.pcap"
    with tcpdump(server, "-U", "-w", str(capture)):
        following = Following(capture, "tcp", "port", str(server.port), "--no-charts", "-o", "out", cwd=tmp_path)
        lasting, others = speak(server, 3, 1000)
        lasting.reset()
        assert following.process.stdout is not None
        line = following.process.stdout.readline()
        assert f" drop: 127.0.0.1:{lasting.port} -> 127.0.0.1:{server.port} (shop.example): RST by client" in line
        out, err = following.end()
    assert following.process.returncode == 0
    assert f"CONNECTIONS     {len(others) + 1} " in out
    assert err == "report in out/\n"


def test_a_rotated_set_is_followed_into_new_files(server: Server, tmp_path: Path) -> None:
    folder = tmp_path / "set"
    folder.mkdir()
    with tcpdump(server, "-U", "-w", str(folder / "lb.pcap"), "-C", "1"):
        speak(server, 1, 1000)
        following = Following(folder, "--json", cwd=tmp_path)
        lasting, others = speak(server, 12, MEGABYTE // 5)
        lasting.reset()
        assert following.process.stderr is not None
        assert f":{lasting.port} -> " in following.process.stderr.readline()
        out, err = following.end()
    assert (following.process.returncode, err) == (0, "")
    assert len(list(folder.iterdir())) > 3
    found = {row["client_port"]: row for row in map(json.loads, out.splitlines())}
    assert {lasting.port, *others} < set(found)
    assert found[lasting.port]["dropped"]
    assert {found[port]["outcome"] for port in others} == {"completed"}


def test_a_ring_is_followed_round_and_round(server: Server, tmp_path: Path) -> None:
    folder = tmp_path / "ring"
    folder.mkdir()
    with tcpdump(server, "-U", "-w", str(folder / "lb.pcap"), "-C", "1", "-W", "3"):
        speak(server, 1, 1000)
        following = Following(folder, "--json", cwd=tmp_path)
        lasting, others = speak(server, 24, MEGABYTE // 5, pause_s=0.4)
        lasting.reset()
        assert following.process.stderr is not None
        assert f":{lasting.port} -> " in following.process.stderr.readline()
        out, err = following.end()
    assert (following.process.returncode, err) == (0, "")
    assert len(list(folder.iterdir())) == 3
    found = {row["client_port"]: row for row in map(json.loads, out.splitlines())}
    assert {lasting.port, *others} < set(found)
    assert {found[port]["outcome"] for port in others} == {"completed"}
    assert sum(row["missing_bytes_s2c"] for row in found.values()) == 0
