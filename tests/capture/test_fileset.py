from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from capture.written import packets, pcap, pcapng
from tlscap.capture import CaptureError
from tlscap.capture.fileset import captures_in, expand, read_list


def test_captures_in_a_directory_come_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    names = ["lb.pcap", "lb.pcap1", "lb.pcap2", "lb.pcap10", "lb.pcap20"]
    for name in reversed(names):
        (tmp_path / name).write_bytes(pcap(packets(1)))
    assert [Path(path).name for path in captures_in(str(tmp_path))] == names


def test_captures_are_told_by_their_bytes_and_compressed_ones_by_their_names_too(tmp_path: Path) -> None:
    (tmp_path / "without-a-suffix").write_bytes(pcapng(packets(1)))
    (tmp_path / "a.pcap.gz").write_bytes(gzip.compress(pcap(packets(1))))
    (tmp_path / "syslog.2.gz").write_bytes(gzip.compress(b"text"))
    (tmp_path / "just.pcap").write_bytes(b"no capture at all")
    (tmp_path / "empty.pcap").write_bytes(b"")
    assert [Path(path).name for path in captures_in(str(tmp_path))] == ["a.pcap.gz", "without-a-suffix"]


def test_what_is_no_directory_stays_as_it_is(tmp_path: Path) -> None:
    assert expand(["-", str(tmp_path / "missing")]) == ["-", str(tmp_path / "missing")]


def test_a_list_names_one_file_a_line(tmp_path: Path) -> None:
    path = tmp_path / "list"
    path.write_bytes(b"one.pcap\r\n\nwith space.pcap\n/abs/\xff.pcap")
    assert read_list(str(path)) == ["one.pcap", "with space.pcap", "/abs/\udcff.pcap"]


@pytest.mark.parametrize("content", [b"", b"\n\n", pcap(packets(2))])
def test_a_list_without_names_is_an_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "list"
    path.write_bytes(content)
    with pytest.raises(CaptureError, match="put one path on a line"):
        read_list(str(path))


def test_a_list_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CaptureError, match="the list of captures cannot be read"):
        read_list(str(tmp_path / "missing"))
