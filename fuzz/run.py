"""Fuzzes all targets, one after the other: `make fuzz MINUTES=60`, or `TARGET=streams` for one.

What was learned stays in .cache/fuzz/TARGET. An input that breaks an invariant is put into
fuzz/finds/TARGET, where the tests replay it on both builds from then on; the exit status is 1.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
CACHE = ROOT / ".cache" / "fuzz"
FINDS = ROOT / "fuzz" / "finds"
LOG = CACHE / "runs.tsv"

TURN_S = 60
"""Seconds that a target has at a time, so that a short run reaches them all."""

LIMITS = ("-timeout=20", "-report_slow_units=3600", "-rss_limit_mb=1024", "-malloc_limit_mb=1024")
"""What is taken for a hang, and for memory without bound; what is only slow may be so for who else runs."""

TALK = ("-print_final_stats=1", "-verbosity=1")

LONGEST = {
    "container": 4096,
    "frames": 512,
    "streams": 8192,
    "handshakes": 2048,
    "certificates": 2048,
    "bpf": 512,
    "inferred": 1201,
}
LONGEST_OTHER = 16384


def main() -> int:
    from seeds import SEEDS

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"of {', '.join(SEEDS)}; all if none is named")
    asked = parser.parse_args()
    targets = asked.targets or list(SEEDS)
    for target in targets:
        plant(target, list(SEEDS[target]()))
    until = time.monotonic() + asked.minutes * 60
    found: list[Path] = []
    while (left := until - time.monotonic()) >= 1:
        for target in targets:
            turn = min(TURN_S, max(1, int(left / len(targets))))
            found += fuzz(target, turn)
    report()
    for path in sorted(set(found)):
        print(f"find: {path.relative_to(ROOT)}")
    return 1 if found else 0


def plant(target: str, seeds: list[bytes]) -> None:
    folder = CACHE / target
    folder.mkdir(parents=True, exist_ok=True)
    (FINDS / target).mkdir(parents=True, exist_ok=True)
    for seed in seeds:
        (folder / hashlib.sha1(seed, usedforsecurity=False).hexdigest()).write_bytes(seed)


def fuzz(target: str, seconds: int) -> list[Path]:
    """One turn; the inputs that it found to break an invariant."""
    command = [sys.executable, str(ROOT / "fuzz" / "one.py"), target, str(CACHE / target)]
    options = [*LIMITS, *TALK, f"-max_total_time={seconds}", f"-max_len={LONGEST.get(target, LONGEST_OTHER)}"]
    options.append(f"-artifact_prefix={FINDS / target}/")
    began = time.monotonic()
    done = subprocess.run([*command, *options], stderr=subprocess.PIPE, text=True, errors="replace", cwd=ROOT)
    took = time.monotonic() - began
    executions = counted(done.stderr)
    with LOG.open("a", encoding="utf-8") as log:
        log.write(f"{int(time.time())}\t{target}\t{executions}\t{took:.0f}\n")
    found = [Path(path) for path in re.findall(r"Test unit written to (\S+)", done.stderr)]
    print(f"{target}: {executions} executions in {took:.0f} s" + (", a find" if found else ""), flush=True)
    if done.returncode:
        print(done.stderr[-6000:], file=sys.stderr, flush=True)
        if not found:
            raise SystemExit(f"the fuzzer itself failed on {target}")
    return found


def counted(talk: str) -> int:
    """Executions, by the fuzzer's last statistics or, where it did not come to that, its last line of progress."""
    final = re.findall(r"stat::number_of_executed_units:\s*(\d+)", talk)
    return int((final or re.findall(r"^#(\d+)\t", talk, re.MULTILINE) or ["0"])[-1])


def report() -> None:
    """Executions of all runs so far."""
    totals: dict[str, list[int]] = {}
    for line in LOG.read_text(encoding="utf-8").splitlines():
        _, target, executions, took = line.split("\t")
        total = totals.setdefault(target, [0, 0])
        total[0] += int(executions)
        total[1] += int(took)
    for target, (executions, took) in totals.items():
        print(f"{target:14}{executions:>14,} executions {took / 60:>8.1f} min")
    both = [sum(column) for column in zip(*totals.values())]
    print(f"{'in all':14}{both[0]:>14,} executions {both[1] / 60:>8.1f} min")


if __name__ == "__main__":
    os.nice(10)
    sys.exit(main())
