"""Runs that somebody breaks off, and runs without the privilege for namespaces."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import tlscap
from samples.compare import FACTS, sample_of
from tlscap.lab.cage import cage, may_capture
from tlscap.lab.run import lacks
from tlscap.lab.scenario import find_scenario

TLSCAP = (sys.executable, "-m", "tlscap")
SECONDS = 60
NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
"""Before a command of an ordinary user; the rest lets tcpdump capture, as the capability of its file would."""
WITH_CAPTURE = ("--inh-caps=+net_raw", "--ambient-caps=+net_raw")
ASK = """
import subprocess, sys, click, tlscap
print(sys.version_info[:2]) if subprocess.run([sys.executable, "-V"], stdout=2).returncode == 0 else None
"""
"""Prints its version if this user can start it, and once more from there: setpriv's own start may still be root's."""

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="takes root, to become somebody else")
needs_capture = pytest.mark.skipif(not may_capture(), reason="captures on the loopback device take a privilege")
needs_nginx = pytest.mark.skipif(
    bool(lacks(find_scenario("idle-timeout-server"))), reason="idle-timeout-server lacks a program"
)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everybody may enter and write into, which pytest's own are not."""
    path = Path(tempfile.mkdtemp(prefix="tlscap-test-"))
    path.chmod(0o777)
    yield path
    shutil.rmtree(path)


@pytest.fixture
def without_namespaces(open_folder: Path) -> dict[str, str]:
    """An environment in which the kernel seems to allow no namespaces."""
    programs = open_folder / "programs"
    programs.mkdir()
    (programs / "unshare").write_text("#!/bin/sh\nexit 1\n")
    (programs / "unshare").chmod(0o755)
    packages = os.pathsep.join([str(Path(tlscap.__file__).parents[1]), *filter(None, sys.path)])
    path = f"{programs}:{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "PYTHONPATH": packages, "PYTHONDONTWRITEBYTECODE": "1"}


@needs_nginx
@pytest.mark.skipif(not cage(), reason="network namespaces are not allowed here")
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -9)])
def test_broken_off_in_namespaces_nothing_of_it_stays(tmp_path: Path, number: int, status: int) -> None:
    assert _break_off(tmp_path / "cut", dict(os.environ), number) == status
    assert _cables() == []
    if number != signal.SIGKILL:  # who is killed cannot clean up: what it had written stays
        assert list(tmp_path.iterdir()) == []


@needs_nginx
@needs_capture
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -9)])
def test_broken_off_on_loopback_nothing_of_it_stays(
    tmp_path: Path, without_namespaces: dict[str, str], number: int, status: int
) -> None:
    output = tmp_path / "out"
    assert _break_off(output / "cut", without_namespaces, number) == status
    assert _cables() == []
    if number != signal.SIGKILL:
        assert list(output.iterdir()) == []


@needs_capture
def test_without_namespaces_it_takes_loopback_says_so_and_tells_the_same(
    tmp_path: Path, without_namespaces: dict[str, str]
) -> None:
    done = _run("edges", tmp_path / "run", without_namespaces)
    assert done.returncode == 0, done.stderr
    assert "on loopback, with segments of up to 64 KB" in done.stderr
    _see_that_it_tells_the_truth(tmp_path / "run", "loopback")


@needs_root
def test_an_ordinary_user_who_may_capture_takes_loopback(open_folder: Path, without_namespaces: dict[str, str]) -> None:
    done = _run("edges", open_folder / "run", without_namespaces, *NOBODY, *WITH_CAPTURE)
    assert done.returncode == 0, done.stderr
    _see_that_it_tells_the_truth(open_folder / "run", "loopback")


@needs_root
def test_an_ordinary_user_who_may_not_capture_hears_what_to_do(
    open_folder: Path, without_namespaces: dict[str, str]
) -> None:
    done = _run("reneg-refused", open_folder / "run", without_namespaces, *NOBODY)
    assert done.returncode == 2
    assert done.stderr.splitlines()[1:] == [
        "tlscap: reneg-refused needs the privilege to capture: run it as root, or give tcpdump the capability net_raw"
    ]
    assert not (open_folder / "run").exists()


@needs_capture
def test_what_takes_a_hop_is_not_played_on_loopback(tmp_path: Path, without_namespaces: dict[str, str]) -> None:
    done = _run("packet-loss", tmp_path / "run", without_namespaces)
    assert done.returncode == 2
    assert done.stderr.splitlines()[1:] == ["tlscap: packet-loss needs network namespaces: run it as root"]


def _run(name: str, output: Path, env: dict[str, str], *before: str) -> subprocess.CompletedProcess[str]:
    """`tlscap lab run` by the command `before` it."""
    python = _everybodys_python(env) if before else sys.executable
    argv = [*before, python, "-m", "tlscap", "lab", "run", name, "-o", str(output)]
    return subprocess.run(argv, env=env, capture_output=True, text=True, timeout=SECONDS, cwd="/")


def _everybodys_python(env: dict[str, str]) -> str:
    """A Python of this version, with this one's packages, that others than root may run too."""
    for python in (sys.executable, "/usr/bin/python3"):
        done = subprocess.run([*NOBODY, python, "-c", ASK], capture_output=True, text=True, cwd="/", env=env)
        if done.stdout.strip() == str(sys.version_info[:2]):
            return python
    pytest.skip("no Python of this version that an ordinary user may run")


def _see_that_it_tells_the_truth(run: Path, network: str) -> None:
    assert json.loads((run / "run.json").read_text())["network"] == network
    rows = [json.loads(line) for line in (run / "truth.jsonl").read_text().splitlines()]
    sample = sample_of("edges", run / "capture-servers.pcap", rows)
    assert sample.told and set(sample.told) == set(sample.found)
    assert {fact: sample.unexplained(fact) for fact in FACTS if sample.unexplained(fact)} == {}


def _break_off(output: Path, env: dict[str, str], number: int) -> int:
    """Sends the signal in the middle of a run; gives the exit status."""
    argv = [*TLSCAP, "lab", "run", "idle-timeout-server", "--set", "idle_s=600", "-o", str(output)]
    bystander = subprocess.Popen(["tail", "-f", "/dev/null"])
    process = subprocess.Popen(argv, stderr=subprocess.DEVNULL, start_new_session=True, env=env)
    try:
        _wait_for(lambda: {"nginx", "tcpdump"} <= _programs_of(output.parent))
        time.sleep(0.5)  # clients too
    finally:
        process.send_signal(number)
        status = process.wait(SECONDS)
    _wait_for(lambda: not _programs_of(output.parent))
    assert bystander.poll() is None  # it stops what it started and nothing else
    bystander.kill()
    bystander.wait()
    return status


def _programs_of(directory: Path) -> set[str]:
    """What runs and names a file in one of the run's own folders in `directory`."""
    found = set()
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().decode(errors="replace").split("\0")
        except OSError:
            continue  # it has just ended
        if any(f"{directory}/." in word for word in words):
            found |= {name for name in ("nginx", "tcpdump") if any(name in word for word in words)} or {"another"}
    return found


def _cables() -> list[str]:
    """Network devices with the lab's names, which only its own namespaces may have."""
    names = [path.name for path in Path("/sys/class/net").iterdir()]
    return [name for name in names if name.startswith(("cable", "to-", "trial"))]


def _wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)
