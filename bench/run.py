"""Times tlscap beside tcpdump and tshark on the same capture: `python bench/run.py [CAPTURE]`.

Without a capture, one of many short connections is made of the project's samples and kept in .cache/.
The programs run in turn, several rounds; medians are told, and of tlscap also what a packet costs
beyond start-up: its CPU time less that on the first 20 packets, over the number of packets.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from statistics import median

from replicate import read_pcap, replicate, write_pcap

CACHE = Path(__file__).parent.parent / ".cache" / "bench"
TLSCAP = Path(sys.executable).with_name("tlscap")
TSHARK_FIELDS = ("frame.number", "tcp.stream", "tls.handshake.type", "tls.handshake.version", "tls.alert_message.desc")


@dataclass(frozen=True, slots=True)
class Cost:
    """What a program took: seconds, CPU seconds, and MiB at its peak.

    The kernel counts the peak from before exec, so that it is never below what this program has.
    """

    wall_s: float
    cpu_s: float
    peak_mib: float


def run(command: list[str]) -> Cost:
    """Runs a program to its end and tells what it took; a failure ends the benchmark."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert process.stderr
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall_s = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):  # 1: findings
        sys.exit(f"{' '.join(command)}: {errors.decode(errors='replace')}")
    return Cost(wall_s, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def commands(capture: Path, out: Path) -> dict[str, list[str]]:
    fields = [part for name in TSHARK_FIELDS for part in ("-e", name)]
    only = ["-Y", "tls.handshake or tls.alert_message", "-T", "fields"]
    return {
        "tcpdump -w /dev/null": ["tcpdump", "-r", str(capture), "-w", "/dev/null"],
        "tlscap analyze": [str(TLSCAP), "analyze", str(capture), "--no-charts", "-o", str(out / "report")],
        "tshark": ["tshark", "-n", "-r", str(capture), *only, *fields],
    }


def measure(capture: Path, rounds: int, out: Path) -> dict[str, Cost]:
    """Medians of each program; tshark, which takes the longest by far, runs once."""
    costs: dict[str, list[Cost]] = {}
    for number in range(rounds):
        for name, command in commands(capture, out).items():
            if shutil.which(command[0]) and not (name == "tshark" and number):
                costs.setdefault(name, []).append(run(command))
    return {name: middle(found) for name, found in costs.items()}


def middle(costs: list[Cost]) -> Cost:
    return Cost(*(median(getattr(cost, name) for cost in costs) for name in Cost.__slots__))


def handshakes(connections: int) -> Path:
    """The capture of many short connections, made if it is not there."""
    CACHE.mkdir(parents=True, exist_ok=True)
    path = CACHE / f"handshakes-{connections}.pcap"
    if not path.exists():
        replicate(path, connections)
    return path


def first_packets(capture: Path, count: int) -> Path:
    CACHE.mkdir(parents=True, exist_ok=True)
    path = CACHE / f"{capture.stem}-first-{count}.pcap"
    write_pcap(path, ((ns, 0, data) for ns, data in islice(read_pcap(capture), count)))
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("capture", nargs="?", type=Path, help="a little-endian pcap file")
    parser.add_argument("--connections", type=int, default=20_000, help="of the capture that is made")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    capture = options.capture or handshakes(options.connections)
    packets = sum(1 for _ in read_pcap(capture))
    print(f"{capture.name}: {capture.stat().st_size / 1e6:.0f} MB, {packets:,} packets")
    with tempfile.TemporaryDirectory() as folder:
        costs = measure(capture, options.rounds, Path(folder))
        fixed = measure(first_packets(capture, 20), options.rounds, Path(folder))["tlscap analyze"]
    for name, cost in (costs | {"tlscap, 20 packets": fixed}).items():
        print(f"{name:22} {cost.wall_s:8.2f} s {cost.cpu_s:8.2f} s CPU {cost.peak_mib:6.0f} MiB")
    marginal_s = costs["tlscap analyze"].cpu_s - fixed.cpu_s
    print(f"a packet costs tlscap {marginal_s / packets * 1e9:.0f} ns", end="")
    print(f", {marginal_s / costs['tcpdump -w /dev/null'].cpu_s:.1f} times tcpdump's whole CPU time")


if __name__ == "__main__":
    main()
