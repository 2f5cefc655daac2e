"""The compiled and the plain build of the same source say the same of every capture, damaged or not."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import tlscap
from cli.hostile import capture as hostile
from corpus.truth import read_corpus
from tlscap.engine import engine

ROOT = Path(__file__).parents[2]
CORPUS = read_corpus()
SAMPLES = sorted((ROOT / "pcaps").glob("*.pcap"))
FINDS = sorted(path for path in (ROOT / "fuzz" / "finds").rglob("*") if path.is_file())

MOST_BYTES = 200_000
"""Captures of the corpus up to this size; all of them with TLSCAP_ALL=1, which takes the plain build minutes."""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(str(engine.__file__).endswith(".py"), reason="this is the plain build"),
]


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the same package, without what was compiled."""
    folder = tmp_path_factory.mktemp("plain")
    uncompiled = shutil.ignore_patterns("*.so", "__pycache__")
    shutil.copytree(Path(tlscap.__file__).parent, folder / "tlscap", ignore=uncompiled)
    return folder


def told(*captures: Path, first: Path) -> list[str]:
    """The digests by the tlscap that is found first in `first`."""
    paths = [str(first), str(ROOT / "tests"), *filter(None, sys.path)]
    env = {name: value for name, value in os.environ.items() if name not in ("LD_PRELOAD", "PYTHONMALLOC")}
    if first == Path(tlscap.__file__).parents[1]:
        env = dict(os.environ)
    done = subprocess.run(
        [sys.executable, "-m", "build.told", *map(str, captures)],
        env=env | {"PYTHONPATH": os.pathsep.join(paths)}, cwd=first, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def check(plain: Path, *captures: Path) -> None:
    compiled = told(*captures, first=Path(tlscap.__file__).parents[1])
    assert len(compiled) >= 2 * len(captures) and compiled
    assert told(*captures, first=plain) == compiled


def test_of_every_sample(plain: Path) -> None:
    check(plain, *SAMPLES)


def test_of_damaged_samples_and_of_input_that_is_made_up(plain: Path) -> None:
    check(plain)


def test_of_a_hostile_capture_and_of_what_the_fuzzer_found(plain: Path, tmp_path: Path) -> None:
    (tmp_path / "hostile.pcapng").write_bytes(hostile())
    check(plain, tmp_path / "hostile.pcapng", *FINDS)


@pytest.mark.skipif(not CORPUS, reason="no corpus; TLSCAP_CORPUS can point to it")
def test_of_other_projects_captures(plain: Path) -> None:
    most = 1 << 62 if os.environ.get("TLSCAP_ALL") else MOST_BYTES
    check(plain, *(it.path for it in CORPUS if it.path.stat().st_size <= most))
