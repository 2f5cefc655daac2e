from __future__ import annotations

import random
from pathlib import Path

import pytest

from capture.written import (
    START_NS,
    Packet,
    packets,
    pcap,
    pcap_header,
    pcap_packet,
    read_bytes,
    whole_micros,
)
from tlscap.capture import CaptureError

SENT = packets(30)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("nano", [False, True])
def test_reads_both_byte_orders_and_both_units_of_time(tmp_path: Path, order: str, nano: bool) -> None:
    sent = packets(30, step_ns=1_001_007)
    found, file = read_bytes(pcap(sent, order=order, nano=nano), tmp_path)
    assert found == (sent if nano else whole_micros(sent))
    assert (file.format, file.compression, file.damage) == ("pcap", "", [])


@pytest.mark.parametrize("order", ["<", ">"])
def test_reads_the_longer_packet_headers_of_kuznetzovs_libpcap(tmp_path: Path, order: str) -> None:
    found, _ = read_bytes(pcap(SENT, order=order, magic=0xA1B2CD34, extra=b"\1\0\0\0\x08\0\0\0"), tmp_path)
    assert found == SENT


def test_counts_what_the_file_holds(tmp_path: Path) -> None:
    _, file = read_bytes(pcap(SENT, linktype=113), tmp_path)
    assert file.packets == 30
    assert file.bytes == sum(len(packet.data) for packet in SENT)
    assert (file.first_ns, file.last_ns) == (SENT[0].ts_ns, SENT[-1].ts_ns)
    assert file.link_types == {113: 30}
    assert file.cut_by_snaplen == sum(packet.wirelen > len(packet.data) for packet in SENT)
    assert file.kernel_dropped == -1


def test_a_frame_check_sequence_length_is_no_part_of_the_link_type(tmp_path: Path) -> None:
    found, _ = read_bytes(pcap(SENT, linktype=0x4400_0001), tmp_path)
    assert {packet.linktype for packet in found} == {1}


def test_the_first_and_last_instants_are_the_earliest_and_latest(tmp_path: Path) -> None:
    shuffled = random.Random(1).sample(SENT, len(SENT))
    found, file = read_bytes(pcap(shuffled), tmp_path)
    assert [packet.data for packet in found] == [packet.data for packet in shuffled]
    assert (file.first_ns, file.last_ns) == (SENT[0].ts_ns, SENT[-1].ts_ns)


def test_words_with_their_highest_bit_set_stay_positive(tmp_path: Path) -> None:
    late = Packet(0xFFFF_FFFE * 1_000_000_000, b"x" * 60, 0xFFFF_FFFF, 1, 1)
    found, _ = read_bytes(pcap([late, late._replace(frame=2)]), tmp_path)
    assert found == [late, late._replace(frame=2)]


def test_packets_over_many_buffers_arrive_whole(tmp_path: Path) -> None:
    rng = random.Random(2)
    sent = [
        Packet(START_NS + i * 1000, rng.randbytes(rng.choice((0, 60, 1514, 65_000))), 70_000, 1, i + 1)
        for i in range(400)
    ]
    found, file = read_bytes(pcap(sent), tmp_path)
    assert found == sent
    assert file.damage == []


def test_many_small_packets_fill_more_than_a_batch(tmp_path: Path) -> None:
    sent = [Packet(START_NS + i * 1000, b"", 60, 1, i + 1) for i in range(20_000)]
    found, _ = read_bytes(pcap(sent), tmp_path)
    assert found == sent


def test_the_longest_packet_is_read_and_a_longer_one_is_damage(tmp_path: Path) -> None:
    longest = Packet(START_NS, bytes(262_144), 262_144, 1, 1)
    assert read_bytes(pcap([longest] * 3), tmp_path)[1].packets == 3
    found, file = read_bytes(pcap(SENT[:3]) + pcap_packet(longest._replace(data=bytes(262_145))), tmp_path)
    assert found == SENT[:3]
    assert file.damage == [
        f"damaged after packet 3, byte offset {len(pcap(SENT[:3]))}: the last 262161 bytes cannot be read"
    ]


def test_a_capture_cut_anywhere_gives_every_packet_before_the_cut(tmp_path: Path) -> None:
    whole = pcap(SENT[:5])
    ends = [len(pcap(SENT[:n])) for n in range(6)]
    for cut in range(len(whole) + 1):
        if cut < ends[0]:
            with pytest.raises(CaptureError):
                read_bytes(whole[:cut], tmp_path)
            continue
        found, file = read_bytes(whole[:cut], tmp_path)
        complete = sum(end <= cut for end in ends) - 1
        assert found == SENT[:complete]
        cuts = [] if cut in ends else [f"cut after packet {complete}, byte offset {ends[complete]}"]
        assert file.damage == cuts


def test_odd_headers_are_believed_when_packets_follow(tmp_path: Path) -> None:
    odd = [
        packet._replace(data=packet.data + b"more than was on the wire", wirelen=len(packet.data)) for packet in SENT
    ]
    assert read_bytes(pcap(odd), tmp_path)[0] == odd
    years_apart = [
        packet._replace(ts_ns=packet.ts_ns % 1_000_000_000 + i % 3 * 10**18) for i, packet in enumerate(SENT)
    ]
    found, file = read_bytes(pcap(years_apart), tmp_path)
    assert found == whole_micros(years_apart)
    assert file.damage == []


def test_an_odd_capture_cut_anywhere_gives_every_packet_before_the_cut(tmp_path: Path) -> None:
    odd = [packet._replace(wirelen=len(packet.data) - 1) for packet in SENT[:4]]
    whole = pcap(odd)
    ends = [len(pcap(odd[:n])) for n in range(5)]
    for cut in range(ends[1], len(whole) + 1):
        found, file = read_bytes(whole[:cut], tmp_path)
        assert found == odd[: sum(end <= cut for end in ends) - 1]
        assert len(file.damage) == (cut not in ends)


def test_goes_on_behind_overwritten_bytes(tmp_path: Path) -> None:
    sent = packets(400)
    whole = bytearray(pcap(sent))
    first, behind = len(pcap(sent[:100])), len(pcap(sent[:103]))
    whole[first + 4 : behind - 5] = random.Random(3).randbytes(behind - 5 - first - 4)
    found, file = read_bytes(bytes(whole), tmp_path)
    assert found[:100] == sent[:100]
    assert [packet.data for packet in found[100:]] == [packet.data for packet in sent[103:]]
    assert file.damage == [f"damaged after packet 100, byte offset {first}: packets go on at byte offset {behind}"]


def test_goes_on_behind_a_hole_that_was_filled_with_zeros(tmp_path: Path) -> None:
    sent = packets(2000)
    whole = bytearray(pcap(sent))
    whole[40_000:90_000] = bytes(50_000)
    found, file = read_bytes(bytes(whole), tmp_path)
    data = {packet.data: packet for packet in sent}
    assert [packet.ts_ns for packet in found[-500:]] == [packet.ts_ns for packet in sent[-500:]]
    assert sum(packet.data in data for packet in found) >= len(found) - 1  # but the one that ran into the hole
    assert len(file.damage) == 1


@pytest.mark.parametrize("missing", [1, 2, 3, 17, 100, 1000])
def test_loses_only_the_packet_that_lost_bytes(tmp_path: Path, missing: int) -> None:
    sent = packets(400)
    whole = pcap(sent)
    at = len(pcap(sent[:200])) + 20  # in the data of packet 201
    found, file = read_bytes(whole[:at] + whole[at + missing :], tmp_path)
    lost = next(n for n in range(201, 400) if len(pcap(sent[:n])) >= at + missing) - 200
    assert [packet.data for packet in found[:200]] == [packet.data for packet in sent[:200]]
    tail = [packet.data for packet in sent[200 + lost + 1 :]]
    assert [packet.data for packet in found[-len(tail) :]] == tail
    assert len(file.damage) == 1
    assert "after packet 20" in file.damage[0]


def test_damage_at_the_end_says_how_much_is_lost(tmp_path: Path) -> None:
    garbage = b"\xff" * 5000
    _, file = read_bytes(pcap(SENT) + garbage, tmp_path)
    assert file.damage == [
        f"damaged after packet 30, byte offset {len(pcap(SENT))}: the last 5000 bytes cannot be read"
    ]


def test_places_of_damage_over_the_limit_are_counted_only(tmp_path: Path) -> None:
    piece = b"".join(pcap_packet(packet) for packet in packets(5))
    _, file = read_bytes(pcap_header() + (piece + b"\xff" * 50) * 150, tmp_path)
    assert file.packets == 750
    assert len(file.damage) == 100
    assert file.damage_count == 150


def test_a_capture_inside_a_packet_is_not_taken_for_packets(tmp_path: Path) -> None:
    inner = pcap(packets(20))
    outer = [Packet(START_NS, inner, len(inner), 1, 1), *packets(3)[1:]]
    found, file = read_bytes(pcap(outer), tmp_path)
    assert found == outer
    assert file.damage == []


@pytest.mark.parametrize("version", [(1, 0), (2, 2), (3, 0), (543, 0)])
def test_other_versions_are_refused(tmp_path: Path, version: tuple[int, int]) -> None:
    with pytest.raises(CaptureError, match=rf"is a pcap of version {version[0]}\.{version[1]}, .*editcap"):
        read_bytes(pcap(SENT, version=version), tmp_path)


def test_a_header_without_packets_is_a_capture(tmp_path: Path) -> None:
    found, file = read_bytes(pcap([]), tmp_path)
    assert (found, file.packets, file.link_types, file.first_ns, file.damage) == ([], 0, {}, 0, [])
