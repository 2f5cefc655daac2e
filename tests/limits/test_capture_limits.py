"""What a capture file may make the reader keep: each limit, and one beyond."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from capture.written import Packet, block, enhanced, interface, option, packets, read_bytes, section
from tlscap.capture.bpf_vm import MAX_LENGTH, Program
from tlscap.capture.capturefile import MAX_COMMENT, MAX_COMMENTS, MAX_DAMAGE, MAX_SECRETS, CaptureFile
from tlscap.capture.errors import CaptureError
from tlscap.capture.fileset import MAX_LISTED, read_list
from tlscap.capture.pcapng import MAX_BLOCK, MAX_INTERFACES, MAX_PACKET
from tlscap.capture.pcapng_blocks import MAX_NOTES, MAX_OFFSET_S
from tlscap.cli.filter import MAX_FILTER, filter_of
from tlscap.context.keylog import MAX_LINE, add_line
from tlscap.engine.decryption.keys import Keys

ONE = packets(1)[0]
STRANGE = 0x0BAD


def test_a_filter_has_as_many_instructions_as_the_limit() -> None:
    accept = (6, 0, 0, 65_535)
    nothing = (0, 0, 0, 0)
    Program([nothing] * (MAX_LENGTH - 1) + [accept])
    with pytest.raises(ValueError, match=f"{MAX_LENGTH + 1} instructions"):
        Program([nothing] * MAX_LENGTH + [accept])


def test_as_many_sentences_on_damage_are_kept_as_the_limit() -> None:
    file = CaptureFile("a")
    for number in range(MAX_DAMAGE + 1):
        file.note_damage(f"{number}")
    assert (len(file.damage), file.damage_count) == (MAX_DAMAGE, MAX_DAMAGE + 1)


def test_as_many_comments_are_kept_as_the_limit_and_as_much_of_each() -> None:
    file = CaptureFile("a")
    for number in range(MAX_COMMENTS + 1):
        file.note_comment(number, b"x" * (MAX_COMMENT + number % 2))
    assert len(file.comments) == MAX_COMMENTS
    assert {len(text) for _, text in file.comments} == {MAX_COMMENT}


def test_as_many_bytes_of_secrets_are_kept_as_the_limit() -> None:
    file = CaptureFile("a")
    half = bytes(MAX_SECRETS // 2)
    for secrets, damage in ((half, 0), (half, 0), (b"x", 1)):
        file.note_secrets(secrets)
        assert len(file.damage) == damage
    assert sum(map(len, file.secrets)) == MAX_SECRETS


def test_a_list_of_captures_has_as_many_names_as_the_limit(tmp_path: Path) -> None:
    names = tmp_path / "names"
    names.write_bytes(b"a\n" * MAX_LISTED)
    assert len(read_list(str(names))) == MAX_LISTED
    names.write_bytes(b"a\n" * (MAX_LISTED + 1))
    with pytest.raises(CaptureError, match="no list of captures"):
        read_list(str(names))


def test_a_packet_of_a_pcapng_is_as_long_as_the_limit(tmp_path: Path) -> None:
    for size, read in ((MAX_PACKET, 1), (MAX_PACKET + 1, 0)):
        packet = Packet(ONE.ts_ns, bytes(size), size, 1, 1)
        _, file = read_bytes(section() + interface(snaplen=0) + enhanced(packet), tmp_path)
        assert (file.packets, len(file.damage)) == (read, 1 - read)


def test_a_block_of_a_pcapng_is_as_long_as_the_limit(tmp_path: Path) -> None:
    content = section() + interface() + block(STRANGE, bytes(MAX_BLOCK - 12)) + enhanced(ONE)
    assert read_bytes(content, tmp_path)[1].damage == []
    claim = struct.pack("<II", STRANGE, MAX_BLOCK + 4) + bytes(100)
    _, file = read_bytes(section() + interface() + claim + enhanced(ONE) * 3, tmp_path)
    assert (file.packets, len(file.damage)) == (3, 1)


def test_a_section_has_as_many_interfaces_as_the_limit(tmp_path: Path) -> None:
    for count, damaged in ((MAX_INTERFACES, False), (MAX_INTERFACES + 1, True)):
        _, file = read_bytes(section() + interface() * count + enhanced(ONE), tmp_path)
        assert file.packets == 1
        assert bool(file.damage) is damaged


def test_an_interface_s_time_is_off_by_less_than_the_limit(tmp_path: Path) -> None:
    for offset, noted in ((MAX_OFFSET_S - 1, False), (MAX_OFFSET_S, True)):
        content = section() + interface(options=option(14, struct.pack("<q", offset))) + enhanced(ONE, ticks=0)
        _, file = read_bytes(content, tmp_path)
        assert bool([sentence for sentence in file.damage if "time is off" in sentence]) is noted


def test_as_many_oddities_of_blocks_get_a_sentence_as_the_limit(tmp_path: Path) -> None:
    odd = interface(options=option(14, struct.pack("<q", MAX_OFFSET_S)))
    for count in (MAX_NOTES, MAX_NOTES + 1):
        _, file = read_bytes(section() + odd * count + enhanced(ONE), tmp_path)
        assert len([sentence for sentence in file.damage if "time is off" in sentence]) == MAX_NOTES


def test_as_much_of_a_filter_file_is_read_as_the_limit(tmp_path: Path) -> None:
    written = tmp_path / "filter"
    for size in (MAX_FILTER, MAX_FILTER + 1):
        written.write_text("t" * size)
        assert len(filter_of((), None, str(written)) or "") == MAX_FILTER


def test_a_line_of_a_key_log_is_as_long_as_the_limit() -> None:
    start = b"PMS_CLIENT_RANDOM " + b"ab" * 32 + b" "
    room = MAX_LINE - len(start)
    assert add_line(start + b"0" * (room - room % 2) + b" " * (room % 2), Keys()) == ""
    assert add_line(start + b"0" * room + b" ", Keys()) == "is too long to be a key log's"
