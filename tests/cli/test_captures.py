"""Which arguments are captures, and which are the filter."""

from __future__ import annotations

import gzip
import json
import shutil
from pathlib import Path

import click
import pytest

from cli.program import tlscap
from engine.samples import truths
from tlscap.cli.captures import captures_of
from tlscap.cli.failure import Failure
from tlscap.cli.filter import begins_filter


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where two captures are, and files whose names are words of filters."""
    for name in ("lb1.pcap", "lb2", "tcp", "443"):
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def told_apart(
    *arguments: str, lists: tuple[str, ...] = (), expression: str | None = None, filter_file: str | None = None
) -> tuple[list[str], str | None]:
    captures = captures_of(arguments, lists, expression, filter_file)
    return captures.paths, captures.filter


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("arguments", "paths", "filter"),
    [
        (["lb1.pcap"], ["lb1.pcap"], None),
        (["-"], ["-"], None),
        (["lb1.pcap", "host", "10.0.0.1"], ["lb1.pcap"], "host 10.0.0.1"),
        (["-", "host", "10.0.0.1"], ["-"], "host 10.0.0.1"),
        (["lb1.pcap", "host 10.0.0.1 and port 443"], ["lb1.pcap"], "host 10.0.0.1 and port 443"),
        (["lb1.pcap", "lb2", "port", "443"], ["lb1.pcap", "lb2"], "port 443"),
        (["lb1.pcap", "host", "lb2"], ["lb1.pcap"], "host lb2"),
        (["lb1.pcap", "(", "port", "1", ")"], ["lb1.pcap"], "( port 1 )"),
        (["lb1.pcap", "!", "port", "1"], ["lb1.pcap"], "! port 1"),
        (["lb1.pcap", "not port 1"], ["lb1.pcap"], "not port 1"),
        (["lb1.pcap", "ip[8] < 5"], ["lb1.pcap"], "ip[8] < 5"),
        (["lb1.pcap", "ip[8]", "-", "1", "=", "5"], ["lb1.pcap"], "ip[8] - 1 = 5"),
        (["lb1.pcap", "tcp"], ["lb1.pcap", "tcp"], None),
        (["lb1.pcap", "tcp port 443"], ["lb1.pcap"], "tcp port 443"),
        (["missing", "port", "443"], ["missing"], "port 443"),
        (["lb1.pcap", "missing.pcap"], ["lb1.pcap", "missing.pcap"], None),
        (["lb1.pcap", "missing.pcap12.gz"], ["lb1.pcap", "missing.pcap12.gz"], None),
        (["lb1.pcap", "./udp"], ["lb1.pcap", "./udp"], None),
        (["lb1.pcap", "host.pcap"], ["lb1.pcap", "host.pcap"], None),
    ],
)
def test_tells_captures_and_filter_apart(arguments: list[str], paths: list[str], filter: str | None) -> None:
    assert told_apart(*arguments) == (paths, filter)


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("name", ["lb3", "prot", "10.0.0.1", "host-1", "ip.log"])
def test_a_mistyped_name_is_no_such_file_and_no_bad_filter(name: str) -> None:
    with pytest.raises(Failure, match=f"^{name}: no such file; "):
        told_apart("lb1.pcap", name, "443")


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("late", ["lb1.pcap", "missing.pcap3"])
def test_a_capture_behind_the_filter_is_said_to_be_there(late: str) -> None:
    with pytest.raises(Failure, match=f"^{late}: comes after the filter; name all captures first$"):
        told_apart("lb2", "port", "443", late)


@pytest.mark.usefixtures("folder")
def test_an_option_gives_the_filter_too() -> None:
    Path("rules").write_text("port 443 # of the balancer\n\nand host 10.0.0.1\n")
    assert told_apart("lb1.pcap", "lb2", expression="443 = 443") == (["lb1.pcap", "lb2"], "443 = 443")
    assert told_apart("lb1.pcap", filter_file="rules") == (["lb1.pcap"], "port 443 and host 10.0.0.1")
    with pytest.raises(click.UsageError, match="once"):
        told_apart("lb1.pcap", "port", "443", expression="port 443")
    with pytest.raises(click.UsageError, match="once"):
        told_apart("lb1.pcap", expression="port 443", filter_file="rules")


@pytest.mark.usefixtures("folder")
def test_a_list_names_captures_so_that_all_arguments_may_be_the_filter() -> None:
    Path("list").write_text("lb1.pcap\nlb2\n")
    assert told_apart("port", "443", lists=("list",)) == (["lb1.pcap", "lb2"], "port 443")
    assert told_apart("tcp", lists=("list",)) == (["lb1.pcap", "lb2", "tcp"], None)


@pytest.mark.usefixtures("folder")
def test_standard_input_is_one_thing_only() -> None:
    for arguments, filter_file in ((["-", "-"], None), (["-"], "-")):
        with pytest.raises(click.UsageError, match="only once"):
            told_apart(*arguments, filter_file=filter_file)


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("content", "says"),
    [(b"# nothing\n", "there is no filter in it"), (None, "the filter cannot be read: No such file or directory")],
)
def test_a_filter_file_without_a_filter_is_one_line(content: bytes | None, says: str) -> None:
    if content is not None:
        Path("rules").write_bytes(content)
    with pytest.raises(Failure, match=f"^rules: {says}$"):
        told_apart("lb1.pcap", filter_file="rules")


@pytest.mark.parametrize("word", ["", "443", "10.0.0.1", "fe80::1", "lb1", "and", "TCP", "tcp.pcap", "tcp/443", "ip-1"])
def test_what_no_filter_begins_with_begins_none(word: str) -> None:
    assert not begins_filter(word)


def ports(*arguments: str | Path, cwd: Path) -> list[int]:
    result = tlscap("analyze", *arguments, "--json", cwd=cwd)
    assert (result.returncode, result.stderr) == (0, "")
    return sorted(json.loads(line)["client_port"] for line in result.stdout.splitlines())


def test_the_filter_leaves_out_what_does_not_match_and_frames_are_counted_all_the_same(
    pcaps: Path, tmp_path: Path
) -> None:
    refused = pcaps / "renegotiation-refused.pcap"
    everything = ports(refused, cwd=tmp_path)
    assert everything[0] == 40001 and len(everything) == len(truths("renegotiation-refused"))
    assert ports(refused, "tcp", "port", "40002", cwd=tmp_path) == [40002]
    assert ports(refused, "not tcp port 40002", cwd=tmp_path) == everything[:1] + everything[2:]
    first = json.loads(tlscap("analyze", refused, "--json", "-f", "port 40002", cwd=tmp_path).stdout)["first_frame"]
    whole = tlscap("analyze", refused, "--json", cwd=tmp_path).stdout.splitlines()
    assert first in [json.loads(line)["first_frame"] for line in whole]
    assert first["frame"] > 1


def test_a_bad_filter_is_one_line(pcaps: Path, tmp_path: Path) -> None:
    refused = pcaps / "renegotiation-refused.pcap"
    for more in ([], ["--separate", pcaps / "edges.pcap"]):
        result = tlscap("analyze", refused, *more, "port", "port", cwd=tmp_path)
        assert (result.returncode, result.stdout) == (2, "")
        assert result.stderr.startswith("tlscap: filter 'port port': ") and result.stderr.count("\n") == 1


def test_folders_and_lists_name_captures(pcaps: Path, tmp_path: Path) -> None:
    folder = tmp_path / "day.1"
    folder.mkdir()
    (folder / "notes.txt").write_text("no capture")
    for name in ("renegotiation-refused", "handshake-failures"):
        (folder / f"{name}.pcap.gz").write_bytes(gzip.compress((pcaps / f"{name}.pcap").read_bytes()))
    (tmp_path / "list").write_text("\n".join(str(path) for path in folder.glob("*.gz")))
    in_folder = ports(folder, cwd=tmp_path)
    assert len(in_folder) > len(truths("renegotiation-refused"))
    assert ports("-V", "list", cwd=tmp_path) == in_folder
    tlscap("analyze", folder, "--no-charts", cwd=tmp_path)
    assert [path.name for path in (tmp_path / "reports").iterdir()] == ["day.1"]
    tlscap("analyze", folder, "--separate", "--no-charts", "-o", "each", cwd=tmp_path)
    assert {path.name for path in (tmp_path / "each").iterdir()} == {"renegotiation-refused", "handshake-failures"}


def test_a_file_with_the_name_of_a_keyword_is_a_capture(pcaps: Path, tmp_path: Path) -> None:
    shutil.copy(pcaps / "renegotiation-refused.pcap", tmp_path / "tcp")
    assert len(ports("tcp", cwd=tmp_path)) == len(truths("renegotiation-refused"))
