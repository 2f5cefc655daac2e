"""Captures at the points that a scenario names, by tcpdump."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tlscap.lab.network import Network
from tlscap.lab.program import Program, Programs

LAST_PACKETS_S = 0.5
"""For packets that are still under way when a scenario's last client has gone."""


class CaptureError(Exception):
    """tcpdump could not capture, or lost packets."""


@contextmanager
def capturing(network: Network, programs: Programs, points: Sequence[str], directory: Path) -> Iterator[None]:
    """Captures at all points while the block runs, into `capture-POINT.pcap`; CaptureError if packets are lost."""
    programs.note_version("tcpdump", "tcpdump", "--version")
    started = [_start(network, programs, point, directory / f"capture-{point}.pcap") for point in points]
    for dump in started:
        dump.expect("listening on")
    yield
    time.sleep(LAST_PACKETS_S)
    for dump in started:
        dump.signal(signal.SIGINT)
    for dump in started:
        dump.wait()
        if "\n0 packets dropped by kernel" not in dump.said():
            raise CaptureError(f"tcpdump lost packets, or failed: see {dump.log.name}")


def _start(network: Network, programs: Programs, point: str, path: Path) -> Program:
    device, expression = network.device(point)
    site, _ = network.points()[point]
    # Immediate mode: otherwise the kernel hands packets over once a second, the last ones perhaps never.
    options = ["--immediate-mode", "-s", "0", "-B", "16384", "-n", "-Z", "root", "-U"]
    argv = network.command(site, "tcpdump", "-i", device, *options, "-w", str(path), expression)
    return programs.start(f"tcpdump-{point}", argv, cwd=path.parent)
