"""A disk that fills while the report is written."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.program import PROGRAM, environment, tlscap

SIZES_KB = (8, 48, 96, 160, 240)
"""Room on the disk: it ends in the tables, and in the charts."""


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """An empty file system of its own, that can be made as small as one likes."""
    place = tmp_path / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("mounting a file system takes root")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def shrink(disk: Path, kilobytes: int) -> None:
    """What is on it stays."""
    subprocess.run(["mount", "-o", f"remount,size={kilobytes}k", str(disk)], check=True)


def on(disk: Path) -> dict[str, bytes | None]:
    """Every file with its content, every folder with none."""
    return {str(path.relative_to(disk)): path.read_bytes() if path.is_file() else None for path in disk.rglob("*")}


@pytest.mark.parametrize("kilobytes", SIZES_KB)
def test_a_full_disk_is_one_line_and_leaves_nothing(disk: Path, kilobytes: int, pcaps: Path, tmp_path: Path) -> None:
    shrink(disk, kilobytes)
    result = tlscap("analyze", pcaps / "incidents.pcap", "-o", "disk/deep/report", cwd=tmp_path)
    assert result.returncode == 2
    assert result.stderr == "tlscap: disk/deep/report: cannot be written: No space left on device\n"
    assert result.stdout.startswith("FINDINGS")
    assert on(disk) == {}


def test_a_full_disk_leaves_the_report_that_was_there(disk: Path, pcaps: Path, tmp_path: Path) -> None:
    assert tlscap("analyze", pcaps / "closes.pcap", "-o", "disk/report", cwd=tmp_path).returncode == 0
    before = on(disk)
    assert {"report/summary.json", "report/timeline.png", "report/tables/connections.parquet"} < set(before)
    used = sum(file.stat().st_blocks * 512 for file in disk.rglob("*")) // 1024
    shrink(disk, used + 100)
    assert tlscap("analyze", pcaps / "incidents.pcap", "-o", "disk/report", cwd=tmp_path).returncode == 2
    assert on(disk) == before


def test_a_full_disk_under_standard_output_is_one_line(disk: Path, pcaps: Path, tmp_path: Path) -> None:
    shrink(disk, 4)
    with (disk / "rows.csv").open("wb") as file:
        done = subprocess.run(
            [*PROGRAM, "analyze", str(pcaps / "healthy-busy.pcap"), "--csv"],
            cwd=tmp_path,
            env=environment(),
            stdout=file,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert done.returncode == 2
    assert done.stderr == "tlscap: standard output cannot be written: No space left on device\n"
