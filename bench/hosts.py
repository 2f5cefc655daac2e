"""The stage on which the benchmark's traffic is played: two hosts joined by a cable.

`bench/traffic.py` has put this process into network and process namespaces of its own, where it plays the client; the
server host is a second network namespace, joined by a veth pair (MTU 1500, offloads off, so that the
capture shows what a wire would carry). When this process dies, by whatever, the kernel ends every
process in its namespace and the namespaces with them.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType

NAMESPACES = ("setpriv", "--pdeathsig", "KILL", "unshare", "--net", "--pid", "--fork", "--kill-child", "--mount-proc")
"""The kernel kills `unshare` when this process dies, and with it all that was started in them."""
OFFLOADS = ("tso", "gso", "gro", "tx", "rx")
SERVERS, CLIENTS = range(11, 40), range(101, 131)
"""The last numbers of the hosts' addresses."""

Address = tuple[str, int]


class Stage:
    """The two hosts, and everything that was started on them."""

    def __init__(self, work: Path) -> None:
        self.work = work
        self._prefix: Sequence[str] = ("setpriv", "--pdeathsig", "KILL")
        self._started: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Stage:
        self._join_hosts()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        for process in reversed(self._started):
            process.kill()
            process.wait()

    def address(self, host: int) -> str:
        return f"10.20.0.{host}"

    def adopt(self, process: subprocess.Popen[bytes]) -> None:
        """Sees to it that `process` ends with the stage."""
        self._started.append(process)

    @property
    def beside_server(self) -> Sequence[str]:
        """What goes before a command to run it on the server host."""
        return self._prefix

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
        Path("/proc/sys/net/ipv4/ip_local_port_range").write_text("20000 40000")


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
