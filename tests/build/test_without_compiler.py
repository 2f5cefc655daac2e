"""Without a C compiler, or with one that fails on a single module, tlscap installs as plain Python.

Compilers are stood in for by scripts, so that these tests cost seconds and need no compiler.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent.parent
PACKAGING = ("setup.py", "setup.cfg", "pyproject.toml", "README.md", "LICENSE", "NOTICE")
LAST = sorted((ROOT / "tlscap").rglob("*.pxd"))[-1].stem

ACCEPTS_ALL = """#!/bin/sh
# Leaves an empty file where the object or the shared library should be.
while [ $# -gt 0 ]; do [ "$1" = -o ] && : > "$2"; shift; done
"""
REFUSES_LAST = ACCEPTS_ALL.replace("while", f'case "$*" in *{LAST}.c*) exit 1 ;; esac\nwhile', 1)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the source tree in which Cython's C files are already made."""
    tree = tmp_path_factory.mktemp("tree")
    for name in PACKAGING:
        shutil.copy2(ROOT / name, tree)
    shutil.copytree(ROOT / "tlscap", tree / "tlscap", ignore=shutil.ignore_patterns("__pycache__", "*.so", "*.c"))
    if (ROOT / "build" / "cython").exists():  # what is up to date there need not be made again
        shutil.copytree(ROOT / "build" / "cython", tree / "build" / "cython")
    installed(tree, tree / "first", compiler="/bin/false")
    return tree


def installed(tree: Path, target: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """Installs the tree into the folder `target` by pip, with `compiler` and variables as given."""
    env = os.environ | {"CC": settings.pop("compiler"), "PIP_DISABLE_PIP_VERSION_CHECK": "1"} | settings
    env["LDSHARED"] = env["CC"] + " -shared"
    for old in (tree / "build").glob("*"):
        if old.name != "cython":
            shutil.rmtree(old)
    command = [sys.executable, "-m", "pip", "install", "-v", "--no-deps", "--no-build-isolation", "--target"]
    return subprocess.run([*command, str(target), str(tree)], env=env, capture_output=True, text=True)


def script(path: Path, text: str) -> str:
    path.write_text(text)
    path.chmod(0o755)
    return str(path)


def compiled_in(target: Path) -> set[str]:
    return {path.name.split(".")[0] for path in target.rglob("*.so")}


def run_with(target: Path, *argv: str) -> subprocess.CompletedProcess[str]:
    env = os.environ | {"PYTHONPATH": str(target), "PYTHONSAFEPATH": "1"}
    return subprocess.run([sys.executable, *argv], env=env, capture_output=True, text=True, cwd=target)


def test_without_a_compiler_the_install_succeeds_and_the_engine_runs_as_plain_python(
    tree: Path, tmp_path: Path, pcaps: Path
) -> None:
    done = installed(tree, tmp_path / "site", compiler="/bin/false")
    assert done.returncode == 0, done.stderr
    assert "the engine will run as plain Python" in done.stdout + done.stderr
    assert not compiled_in(tmp_path / "site")
    version = run_with(tmp_path / "site", "-m", "tlscap", "--version")
    assert "plain" in version.stdout, version
    sample = str(pcaps / "incidents.pcap")
    count = f"import tlscap; print(tlscap.__file__, tlscap.analyze([{sample!r}]).connections.num_rows)"
    shown = run_with(tmp_path / "site", "-c", count)
    where, rows = shown.stdout.split()
    assert Path(where).is_relative_to(tmp_path) and int(rows) > 0, shown.stderr


def test_with_a_compiler_that_takes_every_module_all_are_installed(tree: Path, tmp_path: Path) -> None:
    compiler = script(tmp_path / "cc", ACCEPTS_ALL)
    done = installed(tree, tmp_path / "site", compiler=compiler, TLSCAP_REQUIRE_COMPILED="1")
    assert done.returncode == 0, done.stderr
    assert compiled_in(tmp_path / "site") >= {path.stem for path in (ROOT / "tlscap").rglob("*.pxd")} - {"octets"}


def test_one_module_that_fails_to_compile_takes_the_others_with_it(tree: Path, tmp_path: Path) -> None:
    compiler = script(tmp_path / "cc", REFUSES_LAST)
    done = installed(tree, tmp_path / "site", compiler=compiler)
    assert done.returncode == 0, done.stderr
    assert f"{LAST} could not be compiled" in done.stdout + done.stderr
    assert not compiled_in(tmp_path / "site")


def test_a_failed_compile_is_an_error_where_compiled_is_required(tree: Path, tmp_path: Path) -> None:
    compiler = script(tmp_path / "cc", REFUSES_LAST)
    done = installed(tree, tmp_path / "site", compiler=compiler, TLSCAP_REQUIRE_COMPILED="1")
    assert done.returncode != 0
    assert not (tmp_path / "site").exists() or not compiled_in(tmp_path / "site")


def test_the_plain_twin_is_built_on_request(tree: Path, tmp_path: Path) -> None:
    compiler = script(tmp_path / "cc", ACCEPTS_ALL)
    done = installed(tree, tmp_path / "site", compiler=compiler, TLSCAP_PLAIN="1")
    assert done.returncode == 0, done.stderr
    assert not compiled_in(tmp_path / "site")
