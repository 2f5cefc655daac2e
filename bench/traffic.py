"""Real traffic, recorded: `traffic.py SCENE MB OUT` plays OpenSSL, nginx and HAProxy and captures them with tcpdump.

    bulk        twelve long downloads beside each other
    handshakes  short connections of every kind: see visitors.py
    mixed       longer ones that are kept alive, over a cable that loses and reorders, plain HTTP and DNS beside

The hosts are two network namespaces joined by a veth pair at MTU 1500 with offloads off (see hosts.py).
Needs root and the Debian packages tcpdump, openssl, haproxy, nginx-light, curl, iproute2, ethtool.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hosts import NAMESPACES, Stage
from lossy import LossyStage
from servers import S_SERVER, TICKETS, make_documents, serve
from visitors import CLIENTS, write_certificates

from tlscap.lab.certificates import Authority

HERE = Path(__file__).parent

DOWNLOADS = 12
SLOW = "4M"
"""Bytes a second of one download, so that tcpdump keeps up."""
BYTES_A_CONNECTION = {"handshakes": 5_500, "mixed": 38_000}
PROCESSES = 2
S_TIME_MB = 30
"""`openssl s_time` connects without a pause, a second for so much of the capture."""
LOSS, REORDER = 0.005, 0.005
BUFFER_KIB = 256 << 10


def record(scene: str, megabytes: int, out: Path) -> None:
    """Plays `scene` in namespaces of its own until there is about that much, into the pcap file `out`."""
    out.parent.mkdir(parents=True, exist_ok=True)
    partial = out.with_suffix(".recording")
    with tempfile.TemporaryDirectory(prefix="tlscap-bench-") as work:
        inside = [sys.executable, __file__, "--inside", scene, str(megabytes), str(partial), work]
        subprocess.run([*NAMESPACES, *inside], check=True)
    partial.rename(out)


def play(scene: str, megabytes: int, out: Path, work: Path) -> None:
    stage = LossyStage(work, loss=LOSS, reorder=REORDER) if scene == "mixed" else Stage(work)
    with stage:
        Path("/proc/sys/net/ipv4/tcp_tw_reuse").write_text("1")
        authority = Authority(work)
        write_certificates(authority)
        server, _ = serve(stage, authority, HERE / "nameserver.py")
        with capture(stage, out):
            if scene == "bulk":
                download(work, server, megabytes)
            else:
                visit(scene, work, server, megabytes)


def download(work: Path, server: str, megabytes: int) -> None:
    size = megabytes * 1_000_000 * 95 // 100 // DOWNLOADS
    make_documents(work / "www", (size,))
    url, host = f"https://app.example:{TICKETS}/{size}", f"app.example:{TICKETS}:{server}"
    common = ["curl", "--silent", "--fail", "--cacert", str(work / "root.pem"), "--resolve", host, "-o", "/dev/null"]
    curls = []
    for number in range(DOWNLOADS):
        version = ["--tls-max", "1.2"] if number % 2 else ["--tlsv1.3"]
        source = ["--interface", CLIENTS[number], "--limit-rate", SLOW]
        curls.append(subprocess.Popen([*common, *version, *source, url]))
        time.sleep(0.05)
    if any(curl.wait() for curl in curls):
        sys.exit("a download failed")


def visit(scene: str, work: Path, server: str, megabytes: int) -> None:
    connections = str(megabytes * 1_000_000 // BYTES_A_CONNECTION[scene] // PROCESSES)
    visitors = [sys.executable, str(HERE / "visitors.py"), scene, str(work), server, connections]
    clients = [subprocess.Popen([*visitors, str(seed)]) for seed in range(PROCESSES)]
    if scene == "handshakes":
        for how in ("-new", "-reuse"):
            seconds = str(max(1, megabytes // S_TIME_MB))
            s_time = ["openssl", "s_time", "-connect", f"{server}:{S_SERVER}", "-www", "/200", "-time", seconds, how]
            subprocess.run(s_time, check=True, stdout=subprocess.DEVNULL)
    if any(client.wait() for client in clients):
        sys.exit("a client failed")


@contextmanager
def capture(stage: Stage, path: Path) -> Iterator[None]:
    """tcpdump at the server's end of the cable; a capture from which the kernel dropped packets is no good."""
    tcpdump = ["tcpdump", "-i", "server0", "-s", "0", "-B", str(BUFFER_KIB), "-n", "-Z", "root", "-w", str(path)]
    process = subprocess.Popen([*stage.beside_server, *tcpdump], stderr=subprocess.PIPE)
    stage.adopt(process)
    assert process.stderr
    while b"listening on" not in process.stderr.readline():
        pass
    yield
    time.sleep(1.5)  # the kernel hands packets over once a second
    process.send_signal(signal.SIGINT)
    said = process.communicate()[1].decode()
    if "\n0 packets dropped by kernel" not in said:
        sys.exit(f"tcpdump lost packets: {said}")


if __name__ == "__main__":
    if sys.argv[1] == "--inside":
        play(sys.argv[2], int(sys.argv[3]), Path(sys.argv[4]), Path(sys.argv[5]))
    else:
        record(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
