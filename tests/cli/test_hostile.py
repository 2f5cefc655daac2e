"""What a peer, or whoever named a file, wrote never reaches a terminal, a spreadsheet or a page as it is."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import subprocess
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

import tlscap
from cli.hostile import FILE, FORMULA, NASTY, capture, unsafe
from cli.program import PROGRAM, environment
from cli.program import tlscap as run
from tlscap.live.event import event_teller


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    (folder / FILE).write_bytes(capture())
    return folder


def test_the_capture_holds_what_it_says(folder: Path) -> None:
    analysis = tlscap.analyze(folder / FILE)
    assert analysis.connections.num_rows == len(NASTY)
    assert analysis.connections["sni"].null_count == 0
    assert analysis.certificates.num_rows == len(NASTY)
    counted = analysis.sql("select count(*) filter (dropped) d, count(*) filter (established) e from connections")
    assert min(counted.to_pylist()[0].values()) >= len(NASTY) // 2


@pytest.mark.parametrize("options", [(), ("-v",)], ids=["summary", "verbose"])
def test_the_summary_shows_no_control_characters(folder: Path, options: tuple[str, ...]) -> None:
    done = run("analyze", FILE, *options, "-o", "out", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert not unsafe(done.stdout), done.stdout
    assert not unsafe(done.stderr), done.stderr


def test_a_terminal_gets_colours_of_ours_and_nothing_else(folder: Path) -> None:
    """Every escape sequence is one that colours (SGR), and none of the texts begins one."""
    master, slave = pty.openpty()
    command = [*PROGRAM, "analyze", FILE, "-v", "--no-charts", "-o", "out-tty"]
    env = environment(TERM="xterm-256color", COLUMNS="200")
    process = subprocess.Popen(command, cwd=folder, stdout=slave, stderr=slave, env=env)
    os.close(slave)
    shown = bytearray()
    while True:
        try:
            part = os.read(master, 65536)
        except OSError:
            break
        if not part:
            break
        shown += part
    os.close(master)
    assert process.wait() == 0
    text = shown.decode()
    for piece in text.split("\x1b")[1:]:
        sequence = piece[: next(i for i, one in enumerate(piece) if i and one.isalpha()) + 1]
        assert sequence[0] == "[" and sequence[-1] in "mKhlAG" and set(sequence[1:-1]) <= set("0123456789;?"), sequence
    assert not unsafe(text, allowed="\r\n\x1b"), unsafe(text, allowed="\r\n\x1b")
    assert "owned\x07" not in text and "[31mred" not in text.replace("\\x1b[31mred", "")


def test_json_is_ascii_and_gives_the_text_back(folder: Path) -> None:
    done = run("analyze", FILE, "--json", cwd=folder)
    assert done.stdout.isascii()
    assert not unsafe(done.stdout)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(rows) == len(NASTY)
    assert {row["sni"] for row in rows} >= {"=cmd|'/C calc'!A0", "@SUM(1)"}


def test_no_cell_of_csv_is_a_formula_or_holds_a_control_character(folder: Path) -> None:
    done = run("analyze", FILE, "--csv", cwd=folder)
    assert not unsafe(done.stdout)
    rows = list(csv.reader(io.StringIO(done.stdout)))
    assert len(rows) == 1 + len(NASTY)
    assert {len(row) for row in rows} == {len(rows[0])}
    assert not [cell for row in rows for cell in row if cell.startswith(FORMULA)]


def test_the_files_of_a_report_are_safe_to_open(folder: Path) -> None:
    assert run("analyze", FILE, "-o", "files", cwd=folder).returncode == 0
    report = folder / "files"
    made = [path for path in report.rglob("*") if path.is_file()]
    assert {path.suffix for path in made} >= {".json", ".csv", ".png", ".parquet"}
    for path in made:
        if path.suffix == ".json":
            assert path.read_text().isascii()
            json.loads(path.read_text())
        elif path.suffix == ".svg":
            text = path.read_text(encoding="utf-8")
            assert not unsafe(text, allowed="\n")
            tags = {one.tag.rpartition("}")[2] for one in ElementTree.fromstring(text).iter()}
            assert not tags & {"script", "img", "foreignObject", "b"}
        elif path.suffix == ".csv":
            rows = list(csv.reader(path.open(encoding="utf-8", newline="")))
            assert not [cell for row in rows for cell in row if cell.startswith(FORMULA) or unsafe(cell)]


def test_a_chart_as_svg_holds_text_and_nothing_that_runs(folder: Path, tmp_path: Path) -> None:
    tlscap.analyze(folder / FILE).timeline().savefig(tmp_path / "timeline.svg")
    text = (tmp_path / "timeline.svg").read_text(encoding="utf-8")
    assert not unsafe(text, allowed="\n")
    elements = list(ElementTree.fromstring(text).iter())
    assert len(elements) > len(NASTY)
    assert not {one.tag.rpartition("}")[2].lower() for one in elements} & {"script", "img", "foreignobject", "b", "a"}
    assert not [name for one in elements for name in one.attrib if name.lower().startswith("on")]


def test_captures_side_by_side_are_safe(folder: Path) -> None:
    done = run("analyze", FILE, FILE, "--separate", "-o", "side", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert not unsafe(done.stdout + done.stderr), done.stdout


def test_lines_while_a_capture_is_followed_are_safe(folder: Path) -> None:
    done = run("analyze", "-", "--follow", "--no-charts", "-o", "followed", cwd=folder, stdin=capture())
    assert len(done.stdout.splitlines()) > len(NASTY) // 2
    assert not unsafe(done.stdout + done.stderr), done.stdout


def test_messages_about_files_and_filters_are_one_safe_line(folder: Path, tmp_path: Path) -> None:
    name = NASTY[0].replace("/", "")
    (tmp_path / name).write_bytes(b"no capture")
    (tmp_path / f"{name}.pcap").write_bytes(capture()[:-3])
    tried = (
        ("analyze", name),
        ("analyze", f"missing {name}"),
        ("analyze", f"{name}.pcap", "--no-charts", "-o", f"out {name}"),
        ("analyze", f"{name}.pcap", "-o", name),
        ("analyze", f"{name}.pcap", "-f", f"port {name}"),
        ("analyze", f"{name}.pcap", "-F", f"{name}.filter"),
        ("analyze", f"--{name}"),
        (name,),
    )
    for arguments in tried:
        done = run(*arguments, cwd=tmp_path)
        assert not unsafe(done.stderr), (arguments, done.stderr)
        assert not unsafe(done.stdout), (arguments, done.stdout)
        assert done.returncode in (0, 2), (arguments, done.stderr)


def rows_of(folder: Path, *options: str) -> list[dict[str, Any]]:
    done = run("analyze", FILE, "--json", *options, cwd=folder)
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_the_ladder_of_any_connection_is_safe(folder: Path) -> None:
    for row in rows_of(folder)[::3]:
        done = run("show", FILE, row["uid"], "--frames", cwd=folder)
        assert done.returncode == 0, done.stderr
        assert not unsafe(done.stdout + done.stderr), done.stdout


@pytest.mark.parametrize("options", [(), ("--by", "server"), ("--by", "client"), ("--by", "sni")], ids=" ".join)
def test_renegotiations_and_their_rates_are_safe(folder: Path, options: tuple[str, ...]) -> None:
    done = run("renegotiations", FILE, *options, cwd=folder)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) > (1 if "client" in options else len(NASTY) // 4)
    assert not unsafe(done.stdout + done.stderr), done.stdout


@pytest.mark.parametrize("options", [(), ("--by", "sni")], ids=["list", "rates"])
def test_renegotiations_as_json_are_ascii(folder: Path, options: tuple[str, ...]) -> None:
    done = run("renegotiations", FILE, *options, "--json", cwd=folder)
    assert done.stdout.isascii()
    assert len([json.loads(line) for line in done.stdout.splitlines()]) > len(NASTY) // 4


def test_what_stands_in_a_key_log_is_said_in_one_safe_line(folder: Path) -> None:
    name = "keys \x1b[2J"
    (folder / name).write_bytes(b"".join(text.encode() + b"\n" for text in NASTY))
    for command in (("analyze", FILE, "--no-charts", "-o", "out-keys"), ("renegotiations", FILE), ("show", FILE, "C")):
        done = run(*command, "--keylog", name, cwd=folder)
        assert done.returncode in (0, 2)
        assert not unsafe(done.stdout + done.stderr), done.stderr


def test_names_given_to_the_lab_come_back_in_one_safe_line(tmp_path: Path) -> None:
    for text in NASTY[:4]:
        for command in (("lab", "run", text), ("lab", "run", "healthy", "--set", text), ("show", text, text)):
            done = run(*command, cwd=tmp_path)
            assert done.returncode == 2, done.stdout
            assert not unsafe(done.stdout + done.stderr), done.stderr


def test_live_lines_are_one_safe_line_each(folder: Path) -> None:
    lines: list[str] = []
    tlscap.analyze(folder / FILE, on_verdict=event_teller(lines.append))
    assert len(lines) > len(NASTY) // 2
    for line in lines:
        assert not unsafe(line, allowed=""), line
