"""Times tlscap beside its peers on captures of three kinds: `python bench/run.py --size MB`.

All programs take turns, several rounds; medians are told. The fixed part is the CPU time for the first 20
packets of a capture, the marginal part what the whole capture takes beyond it. Absolute figures move with
the machine, for minutes at a time: what counts is the ratio to a peer in the same round. See captures.py for
the captures, peers.toml for the peers, budget.toml for what is to be reached.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from statistics import median
from typing import Any

import captures
from measure import Cost, middle, run
from replicate import first_packets, read_pcap

HERE = Path(__file__).parent
PEERS: dict[str, dict[str, Any]] = tomllib.loads((HERE / "peers.toml").read_text())
BUDGET: dict[str, dict[str, float]] = tomllib.loads((HERE / "budget.toml").read_text())
OURS, PLAIN, CHARTS = "tlscap", "tlscap, plain", "tlscap, charts"
FEW = 20
PLAIN_SHARE = 20
"""The plain build is measured on the first 1/20 of a capture, for its time's sake."""
HEAD = f"{'':16}{'wall s':>8}{'CPU s':>8}{'MiB':>6}{'fixed s':>9}{'marginal':>10}{'ns/packet':>11}{'µs/conn.':>10}"


@dataclass(frozen=True, slots=True)
class Subject:
    """A capture that is measured."""

    kind: str
    path: Path
    packets: int
    few: Path


@dataclass(slots=True)
class Program:
    """A program and what it took: on whole captures, and on their first packets."""

    command: Callable[[Path], list[str]]
    once: bool = False
    most_s: float = 3600
    whole: list[Cost] = field(default_factory=list)
    few: list[Cost] = field(default_factory=list)

    def take_turn(self, subject: Subject, round_: int) -> None:
        if self.once and round_:
            return
        self.few.append(run(self.command(subject.few)))
        self.whole.append(run(self.command(subject.path), self.most_s))

    @property
    def marginal_s(self) -> float:
        return max(0.0, median(self.marginals_s))

    @property
    def marginals_s(self) -> list[float]:
        """Of each round; what a machine that slows down adds to one of the two is no part of it."""
        return [whole.cpu_s - few.cpu_s for whole, few in zip(self.whole, self.few, strict=True)]


def peers() -> dict[str, Program]:
    """Those that are installed."""
    found = {}
    for name, peer in PEERS.items():
        if shutil.which(peer["command"][0]) is None:
            print(f"{name} is not installed (Debian package {peer['package']})", file=sys.stderr)
            continue
        words: list[str] = peer["command"]
        found[name] = Program(
            lambda path, words=words: [word.format(capture=path) for word in words],  # type: ignore[misc]
            once=peer.get("once", False),
            most_s=peer.get("most_s", 3600),
        )
    return found


def analyze(tlscap: str, out: Path, *options: str) -> Callable[[Path], list[str]]:
    return lambda path: [tlscap, "analyze", str(path), "-o", str(out), *options]


def measure(subject: Subject, options: argparse.Namespace, out: Path) -> tuple[dict[str, Program], int]:
    """What everybody took on one capture, and how many TLS connections it has."""
    programs = {OURS: Program(analyze(options.compiled, out / "report", "--no-charts"))}
    programs |= peers()
    programs[CHARTS] = Program(analyze(options.compiled, out / "charts"))
    for round_ in range(options.rounds):
        for program in programs.values():
            program.take_turn(subject, round_)
    if shutil.which(options.plain):
        part = Subject(
            subject.kind,
            first_packets(subject.path, out / "part.pcap", subject.packets // PLAIN_SHARE),
            subject.packets // PLAIN_SHARE,
            subject.few,
        )
        programs[PLAIN] = Program(analyze(options.plain, out / "plain", "--no-charts"))
        programs[PLAIN].take_turn(part, 0)
    summary = json.loads((out / "report" / "summary.json").read_text())
    return programs, summary["connections"]["connections"]


def line(name: str, program: Program, packets: int, connections: int) -> str:
    whole, few, marginal = middle(program.whole), middle(program.few), program.marginal_s
    text = f"{name:16}{whole.wall_s:8.2f}{whole.cpu_s:8.2f}{whole.peak_mib:6.0f}{few.cpu_s:9.2f}{marginal:10.2f}"
    text += f"{marginal / packets * 1e9:11.0f}{marginal / connections * 1e6:10.1f}"
    return text + ("  stopped before its end" if whole.stopped else "")


def show(subject: Subject, programs: dict[str, Program], connections: int) -> list[str]:
    """Prints the table of one capture; gives the budgets that were missed."""
    size = subject.path.stat().st_size / 1e6
    print(f"\n{subject.kind}: {size:.0f} MB, {subject.packets:,} packets, {connections:,} TLS connections\n{HEAD}")
    for name, program in programs.items():
        if name == PLAIN:
            share = subject.packets // PLAIN_SHARE
            print(line(f"  plain, 1/{PLAIN_SHARE}", program, share, connections / PLAIN_SHARE))
        else:
            print(line(name, program, subject.packets, connections))
    return [text for text in verdicts(subject, programs) if text.startswith("MISSED")]


def verdicts(subject: Subject, programs: dict[str, Program]) -> list[str]:
    """A line for each budget of this capture, printed and given."""
    ours, budget = programs[OURS], BUDGET[subject.kind]
    whole, few = middle(ours.whole), middle(ours.few)
    checks = [
        ("20 packets, CPU s", few.cpu_s, BUDGET["fixed"]["twenty_packets_s"]),
        ("20 packets, MiB", few.peak_mib, BUDGET["fixed"]["twenty_packets_mib"]),
        ("peak MiB", whole.peak_mib, budget["mib"]),
    ]
    if "tcpdump" in programs:
        rounds = zip(ours.marginals_s, programs["tcpdump"].whole, strict=True)
        ratio = median(marginal / reading.cpu_s for marginal, reading in rounds)
        checks.append(("marginal CPU in times of tcpdump", ratio, budget["tcpdump"]))
    if "tshark" in programs:
        ratio = whole.cpu_s / middle(programs["tshark"].whole).cpu_s
        checks.append(("whole CPU in times of tshark", ratio, 1 / budget["tshark"]))
    if PLAIN in programs:
        ratio = programs[PLAIN].marginal_s * PLAIN_SHARE / ours.marginal_s if ours.marginal_s > 0 else inf
        checks.append(("plain build in times of the compiled", ratio, BUDGET["plain"]["times"]))
    more = middle(programs[CHARTS].whole).wall_s - whole.wall_s
    checks.append(("seconds more with charts", more, BUDGET["charts"]["analyze_s"]))
    return [verdict(*check) for check in checks]


def verdict(what: str, found: float, budget: float) -> str:
    text = f"{'met   ' if found <= budget else 'MISSED'} {what}: {found:.3g} of at most {budget:.3g}"
    print(f"  {text}")
    return text


def version(tlscap: str, rounds: int) -> list[str]:
    """The fixed part that is paid even by `--version`."""
    cost = middle([run([tlscap, "--version"]) for _ in range(rounds)])
    print()
    return [verdict("tlscap --version, s", cost.wall_s, BUDGET["fixed"]["version_s"])]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=captures.REAL_MB, help="of each capture, in million bytes")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--kinds", nargs="+", default=list(captures.KINDS), choices=captures.KINDS)
    parser.add_argument("--compiled", default=str(Path(sys.executable).with_name("tlscap")))
    parser.add_argument("--plain", default=str(HERE.parent / ".venv-plain" / "bin" / "tlscap"))
    options = parser.parse_args()
    missed = []
    for kind in options.kinds:
        path = captures.capture(kind, options.size)
        packets = sum(1 for _ in read_pcap(path))
        with tempfile.TemporaryDirectory() as folder:
            subject = Subject(kind, path, packets, first_packets(path, Path(folder) / "few.pcap", FEW))
            missed += show(subject, *measure(subject, options, Path(folder)))
    missed += version(options.compiled, options.rounds)
    print("\nall budgets are met" if not any(t.startswith("MISSED") for t in missed) else "\nnot all budgets are met")


if __name__ == "__main__":
    main()
