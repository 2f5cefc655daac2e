"""The wheel holds all that the source tree does: the lab reads, compiles and starts files of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent.parent
PACKAGING = ("setup.py", "setup.cfg", "pyproject.toml", "README.md", "LICENSE", "NOTICE")
MADE = ("__pycache__", "*.so", "*.c", "*.pyc")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The plain build's; data files are the same in both."""
    folder = tmp_path_factory.mktemp("wheel")
    tree = folder / "tree"
    tree.mkdir()
    for name in PACKAGING:
        shutil.copy2(ROOT / name, tree)
    shutil.copytree(ROOT / "tlscap", tree / "tlscap", ignore=shutil.ignore_patterns(*MADE))
    env = os.environ | {"TLSCAP_PLAIN": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "-w", str(folder), str(tree)]
    subprocess.run(command, env=env, check=True, capture_output=True)
    [path] = folder.glob("tlscap-*.whl")
    return zipfile.ZipFile(path)


def test_a_wheel_holds_every_file_of_the_package(wheel: zipfile.ZipFile) -> None:
    there = {Path(name) for name in wheel.namelist()}
    source = {path.relative_to(ROOT) for path in (ROOT / "tlscap").rglob("*") if path.is_file()}
    wanted = {path for path in source if not any(Path(part).match(made) for part in path.parts for made in MADE)}
    assert wanted - there == set()
    assert Path("tlscap/lab/stacks/Jsse.java") in there


def test_the_lab_of_a_wheel_finds_its_scenarios(wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    wheel.extractall(tmp_path)
    env = os.environ | {"PYTHONPATH": str(tmp_path), "PYTHONSAFEPATH": "1"}
    told = subprocess.run(
        [sys.executable, "-m", "tlscap", "lab", "list"], env=env, cwd=tmp_path, capture_output=True, text=True, check=True
    )
    named = [line.split()[0] for line in told.stdout.splitlines() if line and not line.startswith(" ")]
    assert "mix" in named and "reneg-jsse-ok" in named and named == sorted(named)
