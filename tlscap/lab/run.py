"""Runs a scenario in a process of its own, and puts what it leaves in place."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import tlscap
from tlscap.lab.cage import ON_LOOPBACK, cage, may_capture
from tlscap.lab.program import is_installed
from tlscap.lab.scenario import Scenario

ALWAYS = ("tcpdump", "setpriv", "ss", "ip", "ethtool")
"""What every run needs."""

DEBIAN = {
    "setpriv": "util-linux", "ss": "iproute2", "ip": "iproute2", "nginx": "nginx-light", "gnutls-cli": "gnutls-bin",
    "gnutls-serv": "gnutls-bin", "java": "openjdk-17-jdk-headless", "javac": "openjdk-17-jdk-headless",
    "stunnel": "stunnel4", "tstclnt": "libnss3-tools", "selfserv": "libnss3-tools", "certutil": "libnss3-tools",
    "pk12util": "libnss3-tools",
}  # fmt: skip
"""The packages of programs that are not called after them."""

STOPPING_S = 10.0
"""For a run to stop what it started when it is interrupted."""


class RunError(Exception):
    """A run that did not happen, or failed, in a sentence for the user."""


class CannotRunError(RunError):
    """A run that lacks a program or a privilege here."""


@dataclass(frozen=True)
class Run:
    """What a run left."""

    directory: Path
    connections: int
    network: str
    """`namespaces` or `loopback`."""
    seconds: float


def run(name: str, scenario: Scenario, directory: Path, settings: Mapping[str, str]) -> Run:
    """Plays the scenario that `name` finds, into `directory`, which an earlier run may have left; raises RunError.

    Interrupted, it stops everything and leaves nothing. A failed run leaves what there is, to look into.
    """
    scenario.with_defaults(settings)
    _see_that_it_can_run(scenario)
    _see_that_it_may_go(directory)
    directory.parent.mkdir(parents=True, exist_ok=True)
    start = time.monotonic()
    work = Path(tempfile.mkdtemp(prefix=f".{directory.name}-", dir=directory.parent))
    try:
        work.chmod(0o755)
        status, said = _play(name, work, settings)
        _put_in_place(work, directory)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    if status:
        raise RunError(f"{scenario.name} failed: {said}; what it left is in {directory}")
    about = json.loads((directory / "run.json").read_text(encoding="utf-8"))
    return Run(directory, about["connections"], about["network"], time.monotonic() - start)


def lacks(scenario: Scenario) -> list[str]:
    """The programs that the scenario needs and that are not installed."""
    return [program for program in (*ALWAYS, *scenario.needs) if not is_installed(program)]


def cannot_run(scenario: Scenario) -> list[str]:
    """Why it cannot be played here: what it needs, and what to do; the worst first."""
    needs = []
    if missing := lacks(scenario):
        packages = sorted({DEBIAN.get(program, program) for program in missing})
        needs.append(f"needs {', '.join(missing)}: apt-get install {' '.join(packages)}")
    if not cage() and is_installed("tcpdump") and not may_capture():
        needs.append("needs the privilege to capture: run it as root, or give tcpdump the capability net_raw")
    if scenario.needs_namespaces and not cage():
        needs.append("needs network namespaces: run it as root")
    return needs


def _see_that_it_can_run(scenario: Scenario) -> None:
    if needs := cannot_run(scenario):
        raise CannotRunError(f"{scenario.name} {needs[0]}")


def _see_that_it_may_go(directory: Path) -> None:
    if not directory.exists() or (directory / "run.json").exists() or (directory / "failure.txt").exists():
        return
    if not directory.is_dir() or any(directory.iterdir()):
        raise RunError(f"{directory} is there already, and no run of the lab left it: give another -o")


def _play(name: str, work: Path, settings: Mapping[str, str]) -> tuple[int, str]:
    """Exit status, and the last line of what it said."""
    kind = "namespaces" if cage() else "loopback"
    inside = [sys.executable, "-P", "-m", "tlscap.lab.inside", name, str(work.resolve()), kind, json.dumps(settings)]
    package = str(Path(tlscap.__file__).resolve().parent.parent)
    paths = filter(None, [package, os.environ.get("PYTHONPATH")])
    process = subprocess.Popen(
        [*(cage() or ON_LOOPBACK), *inside],
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        start_new_session=True,
    )
    try:
        _, said = process.communicate()
    except BaseException:
        _stop(process)
        raise
    return process.returncode, (said.strip().splitlines() or ["it said nothing"])[-1]


def _stop(process: subprocess.Popen[str]) -> None:
    """In a cage the kernel ends all that is in it; on loopback the run stops its programs itself."""
    if not cage():
        process.terminate()
        try:
            process.communicate(timeout=STOPPING_S)
        except subprocess.TimeoutExpired:
            pass
    process.kill()
    process.communicate()


def _put_in_place(work: Path, directory: Path) -> None:
    if directory.exists():
        shutil.rmtree(directory)
    work.rename(directory)
