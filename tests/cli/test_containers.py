"""What containers tell, as a user hears it: damage, losses, progress."""

from __future__ import annotations

import json
import lzma
import shutil
import struct
import subprocess
from pathlib import Path
from typing import Any

import pytest

import tlscap as package
from capture.written import STATISTICS, block, option
from cli.program import tlscap

DROPPED_BY_INTERFACE = 5
"""isb_ifdrop (pcapng §4.6)."""


def coverage(capture: Path, *options: str, cwd: Path) -> tuple[dict[str, Any], str]:
    """The first capture's row, and what was said."""
    result = tlscap("analyze", capture, "--no-charts", "-o", "out", *options, cwd=cwd)
    assert result.returncode == 0, result.stderr
    return json.loads((cwd / "out" / "summary.json").read_text())["coverage"][0], result.stdout + result.stderr


@pytest.mark.skipif(shutil.which("editcap") is None, reason="editcap is not installed")
def test_packets_that_the_kernel_dropped_are_told_from_interface_statistics(pcaps: Path, tmp_path: Path) -> None:
    capture = tmp_path / "told.pcapng"
    subprocess.run(["editcap", "-F", "pcapng", pcaps / "renegotiation-refused.pcap", capture], check=True)
    silent, _ = coverage(capture, cwd=tmp_path)
    assert silent["kernel_dropped"] is None
    statistics = struct.pack("<III", 0, 0, 0) + option(DROPPED_BY_INTERFACE, struct.pack("<Q", 321)) + option(0, b"")
    capture.write_bytes(capture.read_bytes() + block(STATISTICS, statistics))
    told, said = coverage(capture, cwd=tmp_path)
    assert told["kernel_dropped"] == 321
    assert "321 packets dropped by the capturing kernel" in " ".join(said.split())


def test_damage_in_the_middle_is_said_with_its_place_and_both_sides_are_read(pcaps: Path, tmp_path: Path) -> None:
    whole = (pcaps / "renegotiation-refused.pcap").read_bytes()
    damaged = tmp_path / "damaged.pcap"
    middle = len(whole) // 2
    damaged.write_bytes(whole[:middle] + b"\xff" * 3000 + whole[middle + 3000 :])
    told, said = coverage(damaged, cwd=tmp_path)
    sentence = f"tlscap: warning: {damaged}: damaged after packet "
    assert sentence in said and "packets go on at byte offset " in said
    assert [line.endswith(told["damage"][0]) for line in said.splitlines() if line.startswith(sentence)] == [True]
    intact, _ = coverage(pcaps / "renegotiation-refused.pcap", cwd=tmp_path)
    assert intact["damage"] == []
    assert 0.75 * intact["packets"] < told["packets"] < intact["packets"]
    assert told["end"] == intact["end"]


def test_damage_in_very_many_places_is_said_in_a_few_lines(pcaps: Path, tmp_path: Path) -> None:
    content = bytearray((pcaps / "healthy-busy.pcap").read_bytes())
    for at in range(2000, len(content), len(content) // 40):
        content[at : at + 3000] = b"\xff" * len(content[at : at + 3000])
    damaged = tmp_path / "damaged.pcap"
    damaged.write_bytes(content)
    told, said = coverage(damaged, cwd=tmp_path)
    warnings = [line for line in said.splitlines() if line.startswith("tlscap: warning: ")]
    assert len(told["damage"]) > 20
    assert len(warnings) == 11 and warnings[-1].endswith("the table coverage of the report has them")


def test_progress_counts_bytes_on_the_disk_also_of_compressed_captures(pcaps: Path, tmp_path: Path) -> None:
    packed = tmp_path / "packed.pcap.xz"
    packed.write_bytes(lzma.compress((pcaps / "healthy-busy.pcap").read_bytes()))
    told: list[tuple[int, int]] = []
    package.analyze([packed], progress=lambda done, total: told.append((done, total)))
    assert told
    for done, total in told:
        assert 0 < done <= total == packed.stat().st_size
