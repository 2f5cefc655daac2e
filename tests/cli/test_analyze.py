"""`tlscap analyze` on real captures."""

from __future__ import annotations

import csv
import json
import os
import pty
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from cli.program import PROGRAM, environment, tlscap


@pytest.fixture
def refused(pcaps: Path) -> Path:
    """Connections that are dropped after a refused renegotiation, and two that are not."""
    return pcaps / "renegotiation-refused.pcap"


@pytest.fixture
def truth(pcaps: Path) -> list[dict[str, Any]]:
    text = (pcaps / "renegotiation-refused.truth.json").read_text(encoding="utf-8")
    rows = json.loads(text)
    return list(rows["connections"] if isinstance(rows, dict) else rows)


def test_prints_a_summary_and_leaves_a_report(refused: Path, tmp_path: Path) -> None:
    result = tlscap("analyze", refused, cwd=tmp_path)
    assert result.returncode == 0
    assert result.stdout.startswith("FINDINGS")
    assert len(result.stdout.splitlines()) <= 45
    assert result.stderr == "report in reports/renegotiation-refused/\n"
    report = tmp_path / "reports" / "renegotiation-refused"
    assert {path.name for path in report.iterdir()} == {"tables", "summary.json", "timeline.csv", "timeline.png"}


def test_draws_nothing_if_so_told(refused: Path, tmp_path: Path) -> None:
    tlscap("analyze", refused, "--no-charts", "-o", "out", cwd=tmp_path)
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"tables", "summary.json"}


def test_gives_one_json_object_a_connection_and_writes_nothing(
    refused: Path, truth: list[dict[str, Any]], tmp_path: Path
) -> None:
    result = tlscap("analyze", refused, "--json", cwd=tmp_path)
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert sorted(row["client_port"] for row in rows) == sorted(row["client_port"] for row in truth)
    assert result.stderr == ""
    assert list(tmp_path.iterdir()) == []


def test_gives_csv_and_writes_the_report_too_if_so_told(
    refused: Path, truth: list[dict[str, Any]], tmp_path: Path
) -> None:
    result = tlscap("analyze", refused, "--csv", "-o", "out", "--no-charts", cwd=tmp_path)
    assert len(list(csv.DictReader(result.stdout.splitlines()))) == len(truth)
    assert (tmp_path / "out" / "summary.json").is_file()


def test_lists_connections_if_so_told(refused: Path, truth: list[dict[str, Any]], tmp_path: Path) -> None:
    result = tlscap("analyze", refused, "-v", "--no-charts", cwd=tmp_path)
    lines = result.stdout.splitlines()
    header = next(i for i, line in enumerate(lines) if line.startswith("time (UTC)"))
    assert len(lines) - header - 1 == len(truth)


def test_reads_standard_input(refused: Path, tmp_path: Path) -> None:
    from_file = tlscap("analyze", refused, "--csv", cwd=tmp_path).stdout.splitlines()
    from_stdin = tlscap("analyze", "-", "--csv", cwd=tmp_path, stdin=refused.read_bytes()).stdout.splitlines()
    assert len(from_stdin) == len(from_file) > 1
    tlscap("analyze", "-", "--no-charts", cwd=tmp_path, stdin=refused.read_bytes())
    assert (tmp_path / "reports" / "stdin" / "summary.json").is_file()


def test_fails_on_findings_as_severe_as_asked(pcaps: Path, refused: Path, tmp_path: Path) -> None:
    assert tlscap("analyze", refused, "--json", "--fail-on", "info", cwd=tmp_path).returncode == 1
    healthy = pcaps / "haproxy-mtls-resumption-off.pcap"
    assert tlscap("analyze", healthy, "--json", "--fail-on", "critical", cwd=tmp_path).returncode == 0


def test_analyses_captures_separately_if_so_told(refused: Path, pcaps: Path, tmp_path: Path) -> None:
    other = pcaps / "handshake-failures.pcap"
    result = tlscap("analyze", refused, other, refused, "--separate", "--no-charts", "-o", "out", cwd=tmp_path)
    assert result.returncode == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "handshake-failures",
        "renegotiation-refused",
        "renegotiation-refused-2",
    ]


def test_goes_on_with_the_other_captures_when_one_of_several_separate_ones_cannot_be_read(
    refused: Path, tmp_path: Path
) -> None:
    result = tlscap("analyze", "missing.pcap", refused, "--separate", "--csv", cwd=tmp_path)
    assert result.returncode == 2
    assert result.stderr.startswith("tlscap: missing.pcap: ") and result.stderr.count("\n") == 1
    assert len(result.stdout.splitlines()) > 1


def test_writes_the_report_even_if_the_reader_of_the_summary_goes_away(refused: Path, tmp_path: Path) -> None:
    script = f"{' '.join(PROGRAM)} analyze '{refused}' --no-charts | true"
    done = subprocess.run(script, shell=True, cwd=tmp_path, env=environment(), capture_output=True, text=True)
    assert done.stderr == "report in reports/renegotiation-refused/\n"
    assert (tmp_path / "reports" / "renegotiation-refused" / "summary.json").is_file()


def on_terminal(*arguments: str | Path, cwd: Path, **env: str) -> str:
    """What a terminal of 100 columns shows, standard error too."""
    ours, theirs = pty.openpty()
    variables = environment(TERM="xterm-256color", COLUMNS="100", **env)
    variables.pop("NO_COLOR" if "NO_COLOR" not in env else "", None)
    process = subprocess.Popen(
        [*PROGRAM, *map(str, arguments)], cwd=cwd, env=variables, stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    shown = b""
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:  # Linux says EIO when the other end is closed
            break
        if not piece:
            break
        shown += piece
    process.wait()
    os.close(ours)
    return shown.decode("utf-8")


def test_paints_on_a_terminal_unless_no_color_is_set(refused: Path, tmp_path: Path) -> None:
    painted = on_terminal("analyze", refused, "--no-charts", cwd=tmp_path)
    assert "\x1b[1;31m" in painted
    plain = on_terminal("analyze", refused, "--no-charts", cwd=tmp_path, NO_COLOR="1")
    assert "\x1b[1;31m" not in plain and "\x1b[31m" not in plain


def test_says_where_a_capture_is_cut_and_analyses_what_is_there(
    refused: Path, truth: list[dict[str, Any]], tmp_path: Path
) -> None:
    cut = tmp_path / "cut.pcap"
    cut.write_bytes(refused.read_bytes()[:-100])
    result = tlscap("analyze", cut, "--csv", cwd=tmp_path)
    assert result.returncode == 0
    assert result.stderr.startswith("tlscap: warning: ") and "cut after packet" in result.stderr
    assert len(result.stdout.splitlines()) == len(truth) + 1


@pytest.fixture
def unreadable(tmp_path: Path) -> dict[str, Path]:
    files = {name: tmp_path / name for name in ("missing.pcap", "folder", "empty.pcap", "text.pcap")}
    files["folder"].mkdir()
    files["empty.pcap"].touch()
    files["text.pcap"].write_text("This is no capture, whatever its name says.\n" * 9)
    return files


@pytest.mark.parametrize("name", ["missing.pcap", "folder", "empty.pcap", "text.pcap"])
def test_answers_what_cannot_be_read_with_one_line_and_status_2(
    unreadable: dict[str, Path], name: str, tmp_path: Path
) -> None:
    before = sorted(tmp_path.rglob("*"))
    result = tlscap("analyze", unreadable[name], cwd=tmp_path)
    assert result.returncode == 2
    assert result.stdout == ""
    assert name in result.stderr and result.stderr.count("\n") == 1 and "Traceback" not in result.stderr
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.skipif(os.geteuid() == 0 and shutil.which("setpriv") is None, reason="root may read everything")
def test_says_when_it_may_not_read_or_write(refused: Path, tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir()
    copy = closed / "copy.pcap"
    shutil.copy(refused, copy)
    copy.chmod(0)
    closed.chmod(0o555)
    drop = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"]  # root is then as anybody
    prefix = drop if os.geteuid() == 0 else []
    for arguments in ([copy], [refused, "-o", closed / "out"]):
        done = subprocess.run(
            [*prefix, *PROGRAM, "analyze", *map(str, arguments)],
            cwd="/",
            env=environment(PYTHONDONTWRITEBYTECODE="1"),
            capture_output=True,
            text=True,
        )
        assert done.returncode == 2
        assert "permission" in done.stderr and done.stderr.count("\n") == 1
    closed.chmod(0o755)


def test_refuses_a_file_in_place_of_a_folder_before_it_reads(refused: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    result = tlscap("analyze", refused, "-o", "file", cwd=tmp_path)
    assert result.returncode == 2
    assert result.stdout == ""
    assert result.stderr == "tlscap: file: is a file; name a folder with -o\n"


def test_reports_what_it_has_read_of_a_stream_when_interrupted(
    refused: Path, truth: list[dict[str, Any]], tmp_path: Path
) -> None:
    process = subprocess.Popen(
        [*PROGRAM, "analyze", "-", "--csv"],
        cwd=tmp_path,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdin is not None
    process.stdin.write(refused.read_bytes())
    process.stdin.flush()
    time.sleep(3)
    process.send_signal(signal.SIGINT)
    out, err = process.stdout.read(), process.stderr.read()  # type: ignore[union-attr]
    process.stdin.close()
    assert process.wait(30) == 0
    assert err == b""
    assert len(out.splitlines()) == 1 + len(truth)


def test_says_that_a_file_was_read_in_part_when_interrupted(
    refused: Path, truth: list[dict[str, Any]], tmp_path: Path
) -> None:
    fifo = tmp_path / "slow.pcap"
    os.mkfifo(fifo)
    process = subprocess.Popen(
        [*PROGRAM, "analyze", str(fifo), "--csv"],
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with fifo.open("wb") as writer:
        writer.write(refused.read_bytes())
        writer.flush()
        time.sleep(3)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert len(out.splitlines()) == 1 + len(truth)
    assert err == "tlscap: interrupted: this is about what was read until then\n"


def test_is_quiet_when_its_reader_has_enough(pcaps: Path, tmp_path: Path) -> None:
    script = f"{' '.join(PROGRAM)} analyze '{pcaps / 'incidents.pcap'}' --json | head -1"
    done = subprocess.run(script, shell=True, cwd=tmp_path, env=environment(), capture_output=True, text=True)
    assert len(done.stdout.splitlines()) == 1
    assert done.stderr == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_says_that_standard_output_is_full(refused: Path, tmp_path: Path) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [*PROGRAM, "analyze", str(refused), "--csv"],
            cwd=tmp_path,
            env=environment(),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert done.returncode == 2
    assert done.stderr == "tlscap: standard output cannot be written: No space left on device\n"


def test_tells_by_its_status_that_its_reader_went_away(refused: Path, tmp_path: Path) -> None:
    script = f"{' '.join(PROGRAM)} analyze '{refused}' --csv | true; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", script], cwd=tmp_path, env=environment(), capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (141, "")
