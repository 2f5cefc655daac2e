"""What `tlscap` says about itself."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import tlscap as package
from cli.program import PROGRAM, environment, tlscap


def test_says_its_version_and_which_build_runs(tmp_path: Path) -> None:
    result = tlscap("--version", cwd=tmp_path)
    is_plain = str(import_module("tlscap.engine.events").__file__).endswith(".py")
    expected = "plain" if is_plain else "compiled"
    assert result.stdout == f"tlscap {package.__version__} ({expected})\n"
    assert result.returncode == 0


def test_starts_without_importing_anything_heavy(tmp_path: Path) -> None:
    script = (
        "import atexit, sys\n"
        "atexit.register(lambda: print(*{name.split('.')[0] for name in sys.modules}))\n"
        "from tlscap.cli import main\n"
        "sys.argv[1:] = ['--version']\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, env=environment(), capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.splitlines()[-1].split())
    assert "click" in loaded
    assert not loaded & {"rich", "numpy", "pyarrow", "duckdb", "matplotlib", "scapy", "cryptography", "dpkt", "asyncio"}


@pytest.mark.parametrize("command", [[], ["analyze"], ["live"]])
def test_shows_an_example_under_every_help(command: list[str], tmp_path: Path) -> None:
    result = tlscap(*command, "--help", cwd=tmp_path)
    assert result.returncode == 0
    assert f"  tlscap {' '.join(command)}" in result.stdout.partition("Example")[2]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nonsense"], "tlscap: No such command 'nonsense'. See `tlscap --help`."),
        (["analyze"], "tlscap analyze: Missing argument 'CAPTURE...'. See `tlscap analyze --help`."),
        (["analyze", "--nonsense"], "tlscap analyze: No such option"),
        (["analyze", "x", "--fail-on", "bad"], "tlscap analyze: Invalid value for '--fail-on'"),
        (["analyze", "x", "--json", "--csv"], "tlscap analyze: --json or --csv, not both."),
        (["analyze", "-", "--follow", "--separate"], "tlscap analyze: --separate or --follow, not both."),
        (["analyze", "-", "--max-connections", "0"], "tlscap analyze: Invalid value for '--max-connections'"),
        (["live"], "tlscap live: Missing option '-i'"),
        (["live", "-i", "lo", "-f", "tcp", "port", "443"], "tlscap live: A filter is given as the last arguments"),
    ],
)
def test_answers_misuse_with_one_line_and_status_2(arguments: list[str], says: str, tmp_path: Path) -> None:
    result = tlscap(*arguments, cwd=tmp_path)
    assert result.returncode == 2
    assert result.stdout == ""
    assert result.stderr.startswith(says) and result.stderr.count("\n") == 1


def test_is_quiet_when_its_reader_goes_away(tmp_path: Path) -> None:
    script = f"{' '.join(PROGRAM)} --help | true"
    done = subprocess.run(script, shell=True, cwd=tmp_path, env=environment(), capture_output=True, text=True)
    assert done.stderr == ""
