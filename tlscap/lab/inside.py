"""`python -m tlscap.lab.inside SCENARIO DIRECTORY namespaces|loopback SETTINGS`: one run, inside its cage.

Started by run.py. DIRECTORY is empty and is where everything goes; SETTINGS is a JSON object, every value a string.
The last line on standard error is the reason of a failure.
"""

from __future__ import annotations

import json
import platform
import signal
import ssl
import sys
import time
import traceback
from collections.abc import Mapping
from pathlib import Path

import tlscap
from tlscap.lab.annotations import instant
from tlscap.lab.lab import Lab
from tlscap.lab.network import Loopback, Namespaces
from tlscap.lab.pcapng import write_pcapng
from tlscap.lab.scenario import Scenario, Value, find_scenario
from tlscap.lab.truth import Row


def main(name: str, directory: str, kind: str, settings: str) -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    scenario = find_scenario(name)
    try:
        play(scenario, scenario.with_defaults(json.loads(settings)), Path(directory), kind)
    except Exception as error:
        (Path(directory) / "failure.txt").write_text(traceback.format_exc(), encoding="utf-8")
        print(f"{error or type(error).__name__}".replace("\n", " "), file=sys.stderr)
        return 1
    return 0


def play(scenario: Scenario, settings: Mapping[str, Value], directory: Path, kind: str) -> None:
    """Plays it, and leaves everything in `directory`; whatever happens, what was started is stopped."""
    start = time.time_ns()
    network = (Loopback if kind == "loopback" else Namespaces)(scenario.line, scenario.transparent)
    lab = Lab(scenario, settings, directory, network)
    try:
        scenario.play(lab)
    finally:
        lab.programs.stop()
        network.close()
    lab.truth.collect()
    connections = lab.truth.write(directory / "truth.jsonl", lambda row: {"points": _points(lab, row)})
    lab.annotations.write(directory / "annotations.csv")
    secrets = lab.keylog.read_bytes() if lab.keylog.exists() else b""
    for point in scenario.points:
        capture = directory / f"capture-{point}.pcap"
        write_pcapng(capture, secrets, capture.with_suffix(".pcapng"))
    about = {
        "scenario": scenario.name, "shows": scenario.shows, "settings": dict(settings), "network": kind,
        "start": instant(start), "end": instant(time.time_ns()), "points": list(scenario.points),
        "hosts": lab.hosts, "needs": list(scenario.needs), "connections": connections,
        "programs": dict(sorted((_own_versions() | lab.programs.versions).items())),
        **({"acts": acts} if (acts := lab.truth.acts()) else {}),
    }  # fmt: skip
    (directory / "run.json").write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")


def _own_versions() -> dict[str, str]:
    """What every run rests on."""
    python = f"Python {platform.python_version()} with {ssl.OPENSSL_VERSION}"
    return {"kernel": f"{platform.system()} {platform.release()}", "python": python, "tlscap": tlscap.__version__}


def _points(lab: Lab, row: Row) -> list[str]:
    """The points that the connection passed."""
    ends = row["client_ip"], row["server_ip"]
    if not all(map(lab.network.knows, ends)):
        return []
    return [point for point in lab.scenario.points if lab.network.passes(point, *ends)]


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
