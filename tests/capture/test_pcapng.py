from __future__ import annotations

import random
import struct
from pathlib import Path

import pytest

from capture.written import (
    ENHANCED,
    NAMES,
    OLD_PACKET,
    SECRETS,
    SIMPLE,
    START_NS,
    STATISTICS,
    Packet,
    block,
    enhanced,
    interface,
    option,
    packets,
    pcapng,
    read_bytes,
    section,
)

SENT = packets(12)
MICROS = START_NS // 1000
COMMENT, IF_TSRESOL, IF_TSOFFSET = 1, 9, 14


def test_reads_both_byte_orders(tmp_path: Path) -> None:
    for order in "<>":
        found, file = read_bytes(pcapng(SENT, order), tmp_path)
        assert found == SENT
        assert (file.format, file.damage, file.link_types) == ("pcapng", [], {1: 12})


def test_counts_what_the_file_holds(tmp_path: Path) -> None:
    _, file = read_bytes(pcapng(SENT), tmp_path)
    assert (file.packets, file.bytes) == (12, sum(len(packet.data) for packet in SENT))
    assert (file.first_ns, file.last_ns) == (SENT[0].ts_ns, SENT[-1].ts_ns)
    assert file.cut_by_snaplen == sum(packet.wirelen > len(packet.data) for packet in SENT)
    assert file.kernel_dropped == -1


@pytest.mark.parametrize(
    ("unit", "ticks_per_second"),
    [(0, 1), (3, 1000), (6, 10**6), (9, 10**9), (12, 10**12), (0x80, 1), (0x8A, 2**10), (0xA0, 2**32), (0xA8, 2**40)],
)
def test_reads_every_resolution_of_time(tmp_path: Path, unit: int, ticks_per_second: int) -> None:
    seconds = START_NS // 10**9 if ticks_per_second < 10**12 else 7
    ticks = seconds * ticks_per_second + ticks_per_second // 3
    options = option(IF_TSRESOL, bytes([unit])) + option(0, b"")
    content = section() + interface(options=options) + enhanced(SENT[0], ticks=ticks)
    found, _ = read_bytes(content, tmp_path)
    exact = seconds * 10**9 + ticks_per_second // 3 * 10**9 // ticks_per_second
    assert abs(found[0].ts_ns - exact) <= 1


@pytest.mark.parametrize("order", ["<", ">"])
def test_adds_the_offset_of_an_interface(tmp_path: Path, order: str) -> None:
    for offset in (1_000_000_000, -1000):
        options = option(IF_TSOFFSET, struct.pack(order + "q", offset), order)
        content = (
            section(order)
            + interface(options=options, order=order)
            + enhanced(SENT[0], ticks=5_000_000_000, order=order)
        )
        found, _ = read_bytes(content, tmp_path)
        assert found[0].ts_ns == (5000 + offset) * 10**9


def test_interfaces_have_their_own_link_types_and_units(tmp_path: Path) -> None:
    content = (
        section()
        + interface(1)
        + interface(113, options=option(IF_TSRESOL, b"\x09"))
        + enhanced(SENT[0], of=1, ticks=START_NS + 1)
        + enhanced(SENT[1], of=0, ticks=MICROS + 2)
        + interface(101)
        + enhanced(SENT[2], of=2, ticks=MICROS + 3)
    )
    found, file = read_bytes(content, tmp_path)
    assert [packet.linktype for packet in found] == [113, 1, 101]
    assert [packet.ts_ns - START_NS for packet in found] == [1, 2000, 3000]
    assert [packet.frame for packet in found] == [1, 2, 3]
    assert file.link_types == {113: 1, 1: 1, 101: 1}


def test_sections_have_their_own_byte_order_and_interfaces(tmp_path: Path) -> None:
    content = pcapng(SENT[:4], "<") + pcapng([p._replace(linktype=113) for p in SENT[4:8]], ">") + pcapng(SENT[8:], "<")
    found, file = read_bytes(content, tmp_path)
    assert [packet.data for packet in found] == [packet.data for packet in SENT]
    assert [packet.linktype for packet in found] == [1] * 4 + [113] * 4 + [1] * 4
    assert [packet.frame for packet in found] == list(range(1, 13))
    assert file.link_types == {1: 8, 113: 4}


def test_many_interfaces_grow_the_table(tmp_path: Path) -> None:
    content = section() + b"".join(interface(100 + i) for i in range(300)) + enhanced(SENT[0], of=299)
    assert read_bytes(content, tmp_path)[0][0].linktype == 399


def test_simple_packets_are_cut_at_the_snaplen_and_have_the_time_of_the_one_before(tmp_path: Path) -> None:
    simple = block(SIMPLE, struct.pack("<I", 90) + b"s" * 60)
    content = (
        section() + interface(snaplen=60) + enhanced(SENT[0]) + simple + block(SIMPLE, struct.pack("<I", 3) + b"abc")
    )
    found, file = read_bytes(content, tmp_path)
    assert found[1:] == [Packet(START_NS, b"s" * 60, 90, 1, 2), Packet(START_NS, b"abc", 3, 1, 3)]
    assert len(file.damage) == 1
    assert "carry no time" in file.damage[0]


def test_the_old_packet_block_is_read(tmp_path: Path) -> None:
    for order in "<>":
        head = struct.pack(order + "HHIIII", 0, 7, MICROS >> 32, MICROS & 0xFFFFFFFF, 5, 50)
        content = section(order) + interface(order=order) + block(OLD_PACKET, head + b"hello", order)
        found, file = read_bytes(content, tmp_path)
        assert found == [Packet(START_NS, b"hello", 50, 1, 1)]
        assert file.kernel_dropped == 7


def test_blocks_that_say_nothing_about_packets_are_skipped(tmp_path: Path) -> None:
    skipped = block(NAMES, b"\1\0\4\0abcd\0\0\0\0") + block(0x0BAD, b"custom" * 9) + block(0x8000_0001, b"")
    content = section() + skipped + interface() + b"".join(enhanced(packet) + skipped for packet in SENT)
    found, file = read_bytes(content, tmp_path)
    assert (found, file.damage) == (SENT, [])


def test_a_block_longer_than_the_buffer_is_skipped_too(tmp_path: Path) -> None:
    content = section() + interface() + enhanced(SENT[0]) + block(0x0BAD, bytes(3_000_000)) + enhanced(SENT[1])
    found, file = read_bytes(content, tmp_path)
    assert (found, file.damage) == (SENT[:2], [])


@pytest.mark.parametrize("order", ["<", ">"])
def test_the_latest_statistics_of_each_interface_tell_what_the_kernel_dropped(tmp_path: Path, order: str) -> None:
    def statistics(of: int, dropped: int, by_system: int) -> bytes:
        options = option(5, struct.pack(order + "Q", dropped), order) + option(
            7, struct.pack(order + "Q", by_system), order
        )
        return block(STATISTICS, struct.pack(order + "III", of, 0, 0) + options, order)

    two = section(order) + interface(order=order) * 2 + enhanced(SENT[0], order=order)
    content = two + statistics(0, 5, 0) + statistics(1, 100, 1) + statistics(0, 9, 2) + two + statistics(0, 1000, 0)
    _, file = read_bytes(content, tmp_path)
    assert file.kernel_dropped == 9 + 2 + 101 + 1000


def test_drop_counts_of_packets_hold_where_there_are_no_statistics(tmp_path: Path) -> None:
    for order in "<>":
        counted = option(4, struct.pack(order + "Q", 2**33 + 6), order) + option(0, b"")
        content = section(order) + interface(order=order) + enhanced(SENT[0], order=order, options=counted) * 2
        found, file = read_bytes(content, tmp_path)
        assert file.kernel_dropped == 2 * (2**33 + 6)
        assert found[0] == SENT[0]


def test_comments_are_kept_with_their_frames(tmp_path: Path) -> None:
    note = option(COMMENT, "näher".encode()) + option(0, b"")
    content = (
        section(options=option(COMMENT, b"of the section"))
        + interface(options=option(COMMENT, b"of the interface"))
        + enhanced(SENT[0])
        + enhanced(SENT[1], options=note)
    )
    _, file = read_bytes(content, tmp_path)
    assert file.comments == [(0, "of the section"), (0, "of the interface"), (2, "näher")]


def test_comments_over_the_limit_are_dropped(tmp_path: Path) -> None:
    noted = enhanced(SENT[0], options=option(COMMENT, b"spam"))
    _, file = read_bytes(section() + interface() + noted * 1500, tmp_path)
    assert (len(file.comments), file.packets) == (1000, 1500)


def test_key_logs_are_kept_and_other_secrets_are_not(tmp_path: Path) -> None:
    keylog = b"CLIENT_RANDOM 00 11\n"
    for order in "<>":
        content = (
            section(order)
            + block(SECRETS, struct.pack(order + "II", 0x544C534B, len(keylog)) + keylog, order)
            + block(SECRETS, struct.pack(order + "II", 0x57474B4C, 4) + b"wire", order)
        )
        assert read_bytes(content, tmp_path)[1].secrets == [keylog]


def test_a_capture_cut_anywhere_gives_every_packet_before_the_cut(tmp_path: Path) -> None:
    whole = pcapng(SENT[:4])
    starts = [len(pcapng(SENT[:n])) for n in range(5)]
    for cut in range(24, len(whole) + 1):
        found, file = read_bytes(whole[:cut], tmp_path)
        complete = max(sum(end <= cut for end in starts) - 1, 0)
        assert found == SENT[:complete]
        at_a_boundary = cut in starts or cut == len(section())
        assert len(file.damage) == (not at_a_boundary)
        if not at_a_boundary and cut > starts[0]:
            assert file.damage == [f"cut after packet {complete}, byte offset {starts[complete]}"]


def test_goes_on_behind_overwritten_blocks(tmp_path: Path) -> None:
    sent = packets(200)
    whole = bytearray(pcapng(sent))
    first, behind = len(pcapng(sent[:100])), len(pcapng(sent[:104]))
    whole[first + 5 : behind - 3] = random.Random(4).randbytes(behind - 3 - first - 5)
    found, file = read_bytes(bytes(whole), tmp_path)
    assert found[:100] == sent[:100]
    assert [packet.data for packet in found[100:]] == [packet.data for packet in sent[104:]]
    assert file.damage == [f"damaged after packet 100, byte offset {first}: packets go on at byte offset {behind}"]


def test_loses_only_the_block_that_lost_bytes(tmp_path: Path) -> None:
    sent = packets(200)
    whole = pcapng(sent)
    for missing in (1, 2, 3, 4, 30):
        at = len(pcapng(sent[:100])) + 30
        found, file = read_bytes(whole[:at] + whole[at + missing :], tmp_path)
        assert [packet.data for packet in found] == [packet.data for packet in sent[:100] + sent[101:]]
        assert len(file.damage) == 1


def test_packets_that_cannot_be_are_noted_and_left_out(tmp_path: Path) -> None:
    too_long = struct.pack("<IIIII", 0, 0, 0, 100, 100) + b"short"
    content = (
        section()
        + interface()
        + enhanced(SENT[0])
        + block(ENHANCED, too_long)
        + enhanced(SENT[1], of=3)
        + block(ENHANCED, b"stub")
        + enhanced(SENT[1])
    )
    found, file = read_bytes(content, tmp_path)
    assert found == SENT[:2]
    assert file.damage == [
        "a packet of 100 bytes in a block of 40, after packet 1",
        "a packet of interface 3, which is not described, after packet 1",
        "a packet block of 16 bytes, after packet 1",
    ]


def test_impossible_times_become_that_of_the_packet_before(tmp_path: Path) -> None:
    content = (
        section()
        + interface()
        + enhanced(SENT[0])
        + enhanced(SENT[1], ticks=2**64 - 1)
        + enhanced(SENT[2], ticks=2**61)
    )
    found, file = read_bytes(content, tmp_path)
    assert [packet.ts_ns for packet in found] == [START_NS] * 3
    assert file.damage == ["an impossible time, after packet 1", "an impossible time, after packet 2"]


def test_packets_before_any_interface_are_left_out(tmp_path: Path) -> None:
    found, file = read_bytes(section() + enhanced(SENT[0]) + block(SIMPLE, b"\4\0\0\0abcd"), tmp_path)
    assert found == []
    assert len(file.damage) == 2
