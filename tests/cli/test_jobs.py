"""--jobs: the same output from several processes."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.program import tlscap

CAPTURES = ("closes.pcap", "versions.pcap", "silence.pcap")


def output(pcaps: Path, cwd: Path, jobs: int, *options: str) -> tuple[int, str, str]:
    paths = [pcaps / name for name in CAPTURES]
    result = tlscap("analyze", "--jobs", str(jobs), "--no-charts", *options, *paths, cwd=cwd)
    return result.returncode, result.stdout, result.stderr


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("options", [("-o", "out"), ("--json",), ("--csv",)], ids=lambda options: options[0])
@pytest.mark.parametrize("separate", [(), ("--separate",)], ids=["together", "separate"])
def test_output_and_report_are_the_same(
    pcaps: Path, tmp_path: Path, options: tuple[str, ...], separate: tuple[str, ...]
) -> None:
    folders = tmp_path / "alone", tmp_path / "shared"
    told = []
    for folder, jobs in zip(folders, (1, 2)):
        folder.mkdir()
        told.append(output(pcaps, folder, jobs, *separate, *options))
    assert told[0] == told[1]
    assert files(folders[0]) == files(folders[1])


def test_a_capture_that_cannot_be_read_stands_where_it_would_without_jobs(pcaps: Path, tmp_path: Path) -> None:
    (tmp_path / "letter.pcap").write_text("Dear sir,\n" * 10)
    paths = [pcaps / CAPTURES[0], tmp_path / "letter.pcap", tmp_path / "none.pcap", pcaps / CAPTURES[1]]
    one, other = (
        tlscap("analyze", "--separate", "-j", jobs, "--no-charts", "-o", "out", *paths, cwd=tmp_path)
        for jobs in ("1", "3")
    )
    assert one.returncode == other.returncode == 2
    assert (one.stdout, one.stderr) == (other.stdout, other.stderr)


def test_standard_input_is_read_by_one_process(pcaps: Path, tmp_path: Path) -> None:
    capture = (pcaps / CAPTURES[0]).read_bytes()
    one, other = (tlscap("analyze", "-j", jobs, "--json", "-", cwd=tmp_path, stdin=capture) for jobs in ("1", "2"))
    assert one.returncode == other.returncode == 0
    assert one.stdout == other.stdout


def test_a_capture_that_is_followed_is_not_shared(pcaps: Path, tmp_path: Path) -> None:
    result = tlscap("analyze", "--follow", "-j", "2", pcaps / CAPTURES[0], cwd=tmp_path)
    assert result.returncode == 2
    assert "--jobs" in result.stderr
