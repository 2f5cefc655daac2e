"""Four times the connections, again and again: `python bench/series.py [MOST]` tells time and memory of each.

The captures are copies of the recorded handshakes (see captures.py and replicate.py), each with four times the
connections of the one before, up to MOST (by default a million); the largest take some gigabytes of disk
in the cache and are removed afterwards unless they were there. Linear means that the times stay at four.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import captures
from measure import Cost, run
from replicate import copied, first_packets

FEW, FIRST, TIMES = 20, 15_625, 4
HEAD = " connections      packets     MB   wall s    CPU s  marginal  times  µs/conn.    MiB  bytes/conn."


def sizes(most: int) -> Iterator[int]:
    size = FIRST
    while size <= most:
        yield size
        size *= TIMES


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("most", nargs="?", type=int, default=1_000_000)
    parser.add_argument("--compiled", default=str(Path(sys.executable).with_name("tlscap")))
    options = parser.parse_args()
    recorded = captures.capture("handshakes", captures.REAL_MB)
    with tempfile.TemporaryDirectory(dir=captures.CACHE) as folder:
        few = first_packets(recorded, Path(folder) / "few.pcap", FEW)
        fixed, _, _ = analyzed(options.compiled, few)
        print(HEAD)
        before: tuple[float, int, float] | None = None
        for size in sizes(options.most):
            path = captures.CACHE / f"handshakes-{size}-connections.pcap"
            was_there = path.exists()
            if not was_there:
                copied(recorded, path, connections=size)
            run(["cat", str(path)])  # into memory, where all captures of a bench are: a disk takes more than we do
            cost, packets, connections = analyzed(options.compiled, path)
            megabytes = path.stat().st_size / 1e6
            if not was_there:
                path.unlink()
            marginal = cost.cpu_s - fixed.cpu_s
            times = f"{marginal / before[0] / (connections / before[1]) * TIMES:7.2f}" if before else f"{'':7}"
            each = f"{(cost.peak_mib - before[2]) * 2**20 / (connections - before[1]):13.0f}" if before else ""
            print(
                f"{connections:12,}{packets:13,}{megabytes:7.0f}{cost.wall_s:9.1f}{cost.cpu_s:9.1f}"
                f"{marginal:10.1f}{times}{marginal / connections * 1e6:10.1f}{cost.peak_mib:7.0f}{each}",
                flush=True,
            )
            before = marginal, connections, cost.peak_mib


def analyzed(tlscap: str, path: Path) -> tuple[Cost, int, int]:
    """What it took, and how many packets and TLS connections there were."""
    with tempfile.TemporaryDirectory() as folder:
        cost = run([tlscap, "analyze", str(path), "--no-charts", "-o", f"{folder}/report"])
        summary = json.loads(Path(folder, "report", "summary.json").read_text())
        return cost, summary["coverage"][0]["packets"], summary["connections"]["connections"]


if __name__ == "__main__":
    main()
