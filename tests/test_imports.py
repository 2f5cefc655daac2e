"""A stage knows the stages before it and none after it, and starting costs no heavy library."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "tlscap"

STAGES = (
    "capture",
    "engine",
    "judge",
    "tables",
    "context",
    "findings",
    "report",
    "sharing",
    "analysis",
    "analyzer",
    "offline",
    "live",
    "cli",
)
"""In the order in which bytes travel. `context` stands beside: only what judges and shows may know it."""

EVERYWHERE = {"octets", "registry", "tlscap"}
"""How numbers are read from bytes, the registry of names, and the package itself, which holds the version."""

ALONE = {"octets", "registry", "lab"}
"""These know no stage: names are data, and the lab runs other programs."""

HEAVY = ("cryptography", "duckdb", "matplotlib", "numpy", "pandas", "plotly", "polars", "pyarrow", "scapy")


def home_of(module: str) -> str:
    """`engine` for tlscap.engine.flow, `tlscap` for the package itself."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else parts[0]


def imports_of(path: Path) -> Iterator[str]:
    """Every tlscap module that a file imports or cimports, wherever in the file that stands."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".pxd":
        yield from re.findall(r"^\s*from (tlscap[\w.]*) cimport", text, re.MULTILINE)
        return
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names = [f"tlscap.{alias.name}" for alias in node.names] if node.module == "tlscap" else [node.module or ""]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        yield from (name for name in names if name.split(".")[0] == "tlscap")


def sources() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.p*") if path.suffix in (".py", ".pxd"))


def may_import(importer: str, imported: str) -> bool:
    if importer == "__main__":
        return imported == "cli"
    if imported == importer or imported in EVERYWHERE:
        return True
    if imported == "lab":
        return importer == "cli"
    if importer in ALONE or imported not in STAGES:
        return False
    return importer in STAGES and STAGES.index(imported) < STAGES.index(importer)


def loaded_by(code: str) -> set[str]:
    """The heavy libraries that are in memory after `code`, run in an interpreter of its own."""
    tail = "; import sys; print(*{name.partition('.')[0] for name in sys.modules}, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code + tail], capture_output=True, text=True, check=True)
    return set(done.stderr.split()) & set(HEAVY)


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_stage_imports_only_stages_before_it(path: Path) -> None:
    if path == PACKAGE / "__init__.py":
        return  # names what is public, and loads it late
    importer = path.relative_to(PACKAGE).parts[0].removesuffix(".py").removesuffix(".pxd")
    late = [name for name in imports_of(path) if not may_import(importer, home_of(name))]
    assert not late, f"{importer} may not know {', '.join(late)}"


def test_compiled_modules_do_not_need_cython_at_run_time() -> None:
    for pxd in PACKAGE.rglob("*.pxd"):
        assert not re.search(r"^\s*(import|from) cython", pxd.with_suffix(".py").read_text(), re.MULTILINE), pxd


def test_import_of_the_package_loads_no_heavy_library() -> None:
    assert not loaded_by("import tlscap")


@pytest.mark.parametrize("stage", ["capture", "engine", "judge", "cli"])
def test_a_stage_that_always_runs_loads_no_heavy_library(stage: str) -> None:
    modules = sorted(
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in (PACKAGE / stage).glob("*.py")
        if path.name not in ("__init__.py", "__main__.py")
    )
    assert modules
    assert not loaded_by(f"import tlscap.{stage}, {', '.join(modules)}")


def test_the_version_is_told_without_a_heavy_library() -> None:
    start = "import sys; sys.argv[1:] = ['--version']; from tlscap.cli import main"
    assert not loaded_by(f"{start}\ntry: main()\nexcept SystemExit: pass\nNone")


def test_a_capture_with_nothing_unusual_is_analysed_without_duckdb_and_cryptography(tmp_path: Path) -> None:
    argv = ["analyze", str(ROOT / "pcaps" / "healthy-busy.pcap"), "-o", str(tmp_path), "--no-charts"]
    start = f"import sys; sys.argv[1:] = {argv}; from tlscap.cli import main"
    assert loaded_by(f"{start}\ntry: main()\nexcept SystemExit: pass\nNone") == {"numpy", "pyarrow"}
