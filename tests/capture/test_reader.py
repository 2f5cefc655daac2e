from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from capture.written import packets, pcap, pcapng, read, read_bytes
from tlscap.capture import CaptureError, open_capture


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty: no packet was written to it"),
        (b"to do\n", "is not a capture; it looks like text"),
        (pcap([])[:1], "is cut inside its file header"),
        (pcap([])[:23], "is cut inside its file header"),
        (pcapng([])[:20], "is cut inside its file header"),
        (b"\0" * 600, "is not a capture; it looks like nothing but zero bytes"),
        (b"\xfe\xfd\xfc" * 200, "is not a capture"),
        (b"10:00:00.1 IP 10.0.0.1.443 > 10.0.0.2.5000: Flags [S]\n" * 40, "text; a capture is what `tcpdump -w FILE`"),
        (b'{"a": 1}', "looks like JSON"),
        (b"<!DOCTYPE html>", "looks like XML or HTML"),
        (b"snoop\0\0\0\0\0\0\2" + bytes(50), "a snoop capture; convert it with Wireshark's `editcap"),
        (b"PK\3\4" + bytes(50), "a zip archive; unpack it first"),
        (b"\x7fELF" + bytes(50), "a program"),
        (b"a.pcap".ljust(257, b"\0") + b"ustar" + bytes(300), "a tar archive; unpack it first"),
        (("x" + "ä" * 400).encode(), "looks like text"),
    ],
)
def test_what_is_no_capture_gets_one_line_that_helps(tmp_path: Path, content: bytes, said: str) -> None:
    with pytest.raises(CaptureError) as caught:
        read_bytes(content, tmp_path)
    assert said in str(caught.value)
    assert str(tmp_path / "written") in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(CaptureError, match="no such file; check the name"):
        read(tmp_path / "missing")
    with pytest.raises(CaptureError, match="no such file"):
        open_capture(["a\0b"])


def test_a_directory_without_captures_is_said(tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("nothing")
    with pytest.raises(CaptureError, match="is a directory without a capture in it"):
        read(tmp_path)


def test_a_file_that_may_not_be_read_is_said(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_bytes(pcap(packets(1)))
    path.chmod(0)
    user = os.geteuid()
    if user == 0:  # who may read everything
        os.seteuid(65534)
    try:
        with pytest.raises(CaptureError, match="no permission to read it"):
            read(path)
    finally:
        os.seteuid(user)


def test_a_name_that_cannot_be_printed_stays_one_line(tmp_path: Path) -> None:
    for name in (b"line\nbreak", b"\xff\xfe", b"\x1b[31mred"):
        path = os.path.join(os.fsencode(tmp_path), name)
        with pytest.raises(CaptureError) as caught:
            open_capture([os.fsdecode(path)])
        assert str(caught.value).isprintable()


def test_a_device_without_end_is_no_capture() -> None:
    if not stat.S_ISCHR(os.stat("/dev/zero").st_mode):
        pytest.skip("no /dev/zero here")
    with pytest.raises(CaptureError, match="nothing but zero bytes"):
        read("/dev/zero")
    with pytest.raises(CaptureError, match="is empty"):
        read("/dev/null")


def test_text_mode_damage_of_the_section_header_gives_what_follows(tmp_path: Path) -> None:
    whole = bytearray(pcapng(packets(6)))
    whole[8:12] = b"????"
    found, file = read_bytes(bytes(whole) + pcapng(packets(6)), tmp_path)
    assert len(found) >= 6
    assert file.damage
