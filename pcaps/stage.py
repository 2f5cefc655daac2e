"""The stage on which the benchmark's traffic is played: two hosts joined by a cable, and a tcpdump beside the server.

`bench/traffic.py` has put this process into network and process namespaces of its own, where it plays the client; the
server host is a second network namespace, joined by a veth pair (MTU 1500, offloads off, so that the
capture shows what a wire would carry). When this process dies, by whatever, the kernel ends every
process in its namespace and the namespaces with them. Without the privilege for namespaces everything
happens on loopback: larger segments, and no way to lose packets.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

NAMESPACES = ("setpriv", "--pdeathsig", "KILL", "unshare", "--net", "--pid", "--fork", "--kill-child", "--mount-proc")
"""The kernel kills `unshare` when this process dies, and with it all that was started in them."""
OFFLOADS = ("tso", "gso", "gro", "tx", "rx")
SERVERS, CLIENTS = range(11, 40), range(101, 131)
"""The last numbers of the hosts' addresses."""
NOBODY = "02:00:00:00:00:99"
FIRST_PORT = 40001
"""Client ports are given out from here; what the kernel picks itself is below, so that the two never meet."""

Address = tuple[str, int]


class Stage:
    """The two hosts, and everything that was started on them."""

    def __init__(self, work: Path, loopback: bool) -> None:
        self.work = work
        self.loopback = loopback
        self.keylog = work / "keys.txt"
        self._prefix: Sequence[str] = ("setpriv", "--pdeathsig", "KILL")
        self._started: list[subprocess.Popen[bytes]] = []
        # On loopback the last run's ports may still be in TIME_WAIT.
        self._ports = iter(range(FIRST_PORT + (os.getpid() % 15000 if loopback else 0), 60000))

    def __enter__(self) -> Stage:
        if not self.loopback:
            self._join_hosts()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        for process in reversed(self._started):
            process.kill()
            process.wait()

    def address(self, host: int, v6: bool = False) -> str:
        if v6:
            return "::1" if self.loopback else f"fd20::{host}"
        return f"{'127' if self.loopback else '10'}.20.0.{host}"

    def adopt(self, process: subprocess.Popen[bytes]) -> None:
        """Sees to it that `process` ends with the stage."""
        self._started.append(process)

    @property
    def beside_server(self) -> Sequence[str]:
        """What goes before a command to run it on the server host."""
        return self._prefix

    @property
    def python(self) -> tuple[str, str]:
        return sys.executable, "-u"

    def new_port(self) -> int:
        return next(self._ports)

    def on_server(self, *argv: str) -> str:
        """Runs a command on the server host and gives what it prints."""
        return subprocess.run([*self._prefix, *argv], check=True, capture_output=True, text=True).stdout

    def serve(
        self, log: str, *argv: str, listens: Sequence[Address] = (), cwd: Path | None = None
    ) -> subprocess.Popen[bytes]:
        """Starts a program on the server host, its output in the file `log`, and waits until it listens."""
        with (self.work / log).open("wb") as out:
            process = subprocess.Popen(
                [*self._prefix, *argv],
                stdin=subprocess.PIPE,
                stdout=out,
                stderr=subprocess.STDOUT,
                cwd=cwd or self.work,
            )
        self._started.append(process)
        wait_until(lambda: self._listening(listens), f"{argv[0]} to listen on {listens}, see {self.work / log}")
        return process

    def log(self, name: str) -> str:
        return (self.work / name).read_text(errors="replace")

    @contextmanager
    def capture(self, path: Path) -> Iterator[None]:
        """Captures TCP at the server's end of the cable while the block runs."""
        interface, only = ("lo", "tcp and net 127.20.0.0/16") if self.loopback else ("server0", "tcp")
        tcpdump = ["tcpdump", "-i", interface, "-s", "0", "-B", "8192", "-n", "-Z", "root", "-U", "-w", str(path), only]
        process = subprocess.Popen([*self._prefix, *tcpdump], stderr=subprocess.PIPE)
        self._started.append(process)
        assert process.stderr
        while b"listening on" not in process.stderr.readline():
            pass
        yield
        time.sleep(1.5)  # the kernel hands packets over once a second
        process.send_signal(signal.SIGINT)
        said = process.communicate()[1].decode()
        if "\n0 packets dropped by kernel" not in said:
            raise RuntimeError(f"tcpdump lost packets: {said}")

    def cut(self, direction: str, on: bool = True) -> None:
        """Loses every frame to the `server`, or to the `client`: they are sent to a machine that is not there.

        Frames from the server are lost beyond the capture point, and frames from the client too: tcpdump
        sees frames for strangers.
        """
        if self.loopback:
            raise RuntimeError("a path can only be cut between namespaces, not on loopback")
        ends = ("client0", "server0") if direction == "server" else ("server0", "client0")
        receiver = SERVERS[0] if direction == "server" else CLIENTS[0]
        mac = NOBODY if on else self._mac(ends[1])
        command = ["ip", "neigh", "replace", self.address(receiver), "lladdr", mac, "nud", "permanent", "dev", ends[0]]
        subprocess.run([*self._on(ends[0]), *command], check=True)

    def _on(self, device: str) -> Sequence[str]:
        return self._prefix if device == "server0" else ()

    def _mac(self, device: str) -> str:
        command = [*self._on(device), "ip", "-br", "link", "show", device]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[2]

    def _listening(self, addresses: Sequence[Address]) -> bool:
        listening = {line.split()[3] for line in self.on_server("ss", "-Hltn").splitlines()}
        return listening.issuperset(endpoint(address) for address in addresses)

    def _join_hosts(self) -> None:
        holder = subprocess.Popen(["unshare", "--net", "sleep", "infinity"])
        self._started.append(holder)
        own = Path("/proc/self/ns/net").readlink()
        wait_until(lambda: Path(f"/proc/{holder.pid}/ns/net").readlink() != own, "the server's namespace")
        self._prefix = ("nsenter", "-t", str(holder.pid), "-n")
        _ip([], f"link add name client0 type veth peer name server0\nlink set server0 netns {holder.pid}")
        for prefix, device, hosts in (([], "client0", CLIENTS), (self._prefix, "server0", SERVERS)):
            offloads = [word for name in OFFLOADS for word in (name, "off")]
            subprocess.run([*prefix, "ethtool", "-K", device, *offloads], check=True, stdout=subprocess.DEVNULL)
            addresses = [f"address add 10.20.0.{host}/24 dev {device}" for host in hosts]
            addresses += [f"address add fd20::{host}/64 dev {device} nodad" for host in hosts]
            _ip(prefix, "\n".join(["link set lo up", f"link set {device} up", *addresses]))
        Path("/proc/sys/net/ipv4/ip_local_port_range").write_text(f"20000 {FIRST_PORT - 1}")


def endpoint(address: Address) -> str:
    return f"[{address[0]}]:{address[1]}" if ":" in address[0] else f"{address[0]}:{address[1]}"


def wait_until(condition: Callable[[], object], what: str, seconds: float = 15) -> None:
    """Polls `condition` until it holds; raises TimeoutError naming `what` after `seconds`."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"waited in vain for {what}")
        time.sleep(0.02)


def _ip(prefix: Sequence[str], commands: str) -> None:
    subprocess.run([*prefix, "ip", "-batch", "-"], input=commands, text=True, check=True)
