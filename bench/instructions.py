"""Instructions a packet, counted by callgrind, held to budget.toml: `python bench/instructions.py [--set]`.

Times move with the machine and with who else is on it; the number of instructions hardly does. What is
counted is what the capture takes beyond its first 20 packets (see columns.py), on two small captures that
are the same each time: copies of a sample with many short connections, and a long download made for the
purpose. Exit status 1 if one takes more than is allowed; `--set` writes what was counted into budget.toml.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from download import write_download
from replicate import copied, first_packets, read_pcap

HERE = Path(__file__).parent
BUDGET = HERE / "budget.toml"
SAMPLE = HERE.parent / "pcaps" / "healthy-busy.pcap"
CONNECTIONS, SEGMENTS = 600, 12_000
FEW = 20
TOLERANCE = 0.15
"""Other versions of Python and of the compiler count differently by so much."""


def captures(folder: Path) -> dict[str, Path]:
    """The captures by name; their bytes never change."""
    paths = {name: folder / f"{name}.pcap" for name in ("connections", "download")}
    copied(SAMPLE, paths["connections"], connections=CONNECTIONS)
    write_download(SAMPLE, paths["download"], SEGMENTS)
    return paths


def instructions(path: Path) -> int:
    """What callgrind counts while `path` is read."""
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", sys.executable, "-P"]
    done = subprocess.run(
        [*command, str(HERE / "columns.py"), str(path)],
        env=os.environ | {"PYTHONHASHSEED": "0"},
        capture_output=True,
        text=True,
    )
    found = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode or not found:
        sys.exit(f"valgrind failed: {done.stderr[-2000:]}")
    return int(found[1])


def per_packet(paths: dict[str, Path]) -> dict[str, float]:
    """By name; what the first 20 packets take is nearly all start-up, and counted once for all captures."""
    any_path = next(iter(paths.values()))
    fixed = instructions(first_packets(any_path, any_path.with_suffix(".few"), FEW))
    packets = {name: sum(1 for _ in read_pcap(path)) for name, path in paths.items()}
    return {name: (instructions(path) - fixed) / (packets[name] - FEW) for name, path in paths.items()}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--set", action="store_true", help="write what was counted into budget.toml")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        counted = per_packet(captures(Path(folder)))
    if options.set:
        write(counted)
    allowed = tomllib.loads(BUDGET.read_text())["instructions"]
    over = False
    for name, count in counted.items():
        is_over = count > allowed[name] * (1 + TOLERANCE)
        over = over or is_over
        told = f"{count:,.0f} instructions a packet; the budget is {allowed[name]:,}"
        print(f"{'MISSED' if is_over else 'met   '} {name}: {told}")
        if count < allowed[name] * (1 - TOLERANCE):
            print("       much less than the budget: let --set lower it")
    return int(over)


def write(counted: dict[str, float]) -> None:
    text = BUDGET.read_text()
    for name, count in counted.items():
        text = re.sub(rf"^{name} = \d+", f"{name} = {round(count)}", text, flags=re.MULTILINE)
    BUDGET.write_text(text)


if __name__ == "__main__":
    sys.exit(main())
