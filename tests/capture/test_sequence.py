from __future__ import annotations

import os
import random
import struct
import threading
from itertools import pairwise
from pathlib import Path

import pytest

from capture.written import (
    SECRETS,
    START_NS,
    Packet,
    block,
    enhanced,
    interface,
    packets,
    pcap,
    pcap_header,
    pcapng,
    read,
    section,
    taken_from,
)
from tlscap.capture import CaptureError, open_capture
from tlscap.capture.batch import FRAME_BITS

SECOND = 1_000_000_000
TLS_KEY_LOG = 0x544C534B


def write(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def marked(sent: list[Packet], mark: bytes) -> list[Packet]:
    """The packets with other bytes, so that those of several files can be told apart."""
    return [packet._replace(data=mark + packet.data) for packet in sent]


def content(found: list[Packet]) -> list[tuple[int, bytes]]:
    return [(packet.ts_ns, packet.data) for packet in found]


def test_files_are_read_in_the_order_of_their_packets_and_not_of_their_names(tmp_path: Path) -> None:
    parts = [packets(500, START_NS + i * SECOND) for i in range(4)]
    paths = [write(tmp_path, f"{name}.pcap", pcap(part)) for name, part in zip("cadb", parts, strict=True)]
    found, files = read(*sorted(paths))
    assert content(found) == content(parts[0] + parts[1] + parts[2] + parts[3])
    assert [file.path for file in files] == [str(path) for path in paths]


def test_a_frame_id_has_the_index_of_its_file_and_the_frame_in_it(tmp_path: Path) -> None:
    early = write(tmp_path, "early", pcap(packets(3)))
    late = write(tmp_path, "late", pcapng(packets(2, START_NS + SECOND)))
    found, files = read(late, early)
    assert [packet.frame for packet in found] == [1, 2, 3, (1 << FRAME_BITS) + 1, (1 << FRAME_BITS) + 2]
    assert [Path(file.path).name for file in files] == ["early", "late"]


def test_files_that_do_not_overlap_are_handed_on_without_a_copy(tmp_path: Path) -> None:
    paths = [write(tmp_path, str(i), pcap(packets(50, START_NS + i * SECOND))) for i in range(3)]
    with open_capture([str(path) for path in paths]) as capture:
        assert [batch.count for batch in capture] == [50, 50, 50]


def test_files_that_touch_in_one_instant_do_not_overlap(tmp_path: Path) -> None:
    first, second = packets(50), packets(50, packets(50)[-1].ts_ns)
    paths = [write(tmp_path, "1", pcap(first)), write(tmp_path, "2", pcap(second))]
    assert content(read(*paths)[0]) == content(first + second)


def test_files_of_two_capture_points_are_merged_packet_by_packet(tmp_path: Path) -> None:
    one = marked(packets(3000, START_NS, 1_000_000), b"one")
    two = marked(packets(3000, START_NS + 500_000, 1_000_000), b"two")
    paths = [write(tmp_path, "1", pcap(one)), write(tmp_path, "2", pcap(two))]
    found, files = read(*paths)
    assert content(found) == content(sorted(one + two, key=lambda packet: packet.ts_ns))
    assert [file.packets for file in files] == [3000, 3000]


def test_many_files_that_overlap_in_parts_come_in_order(tmp_path: Path) -> None:
    rng = random.Random(7)
    sent: list[Packet] = []
    paths = []
    for i in range(12):
        part = marked(packets(rng.randrange(1, 2000), START_NS + rng.randrange(20) * SECOND // 10, 997_000), b"%d " % i)
        sent += part
        paths.append(write(tmp_path, str(i), pcap(part)))
    found, _ = read(*paths)
    assert [packet.ts_ns for packet in found] == sorted(packet.ts_ns for packet in sent)
    assert sorted(content(found)) == sorted(content(sent))


def test_large_packets_are_merged_whole(tmp_path: Path) -> None:
    one = [Packet(START_NS + i * 2000, bytes([i]) * 262_144, 262_144, 1, i + 1) for i in range(5)]
    two = [Packet(START_NS + 1000 + i * 2000, bytes([128 + i]) * 262_144, 262_144, 1, i + 1) for i in range(5)]
    found, _ = read(write(tmp_path, "1", pcap(one)), write(tmp_path, "2", pcap(two)))
    assert content(found) == content(sorted(one + two, key=lambda packet: packet.ts_ns))


def test_packets_of_one_file_keep_their_order_when_their_times_go_back(tmp_path: Path) -> None:
    restless = [packet._replace(ts_ns=START_NS + i * 7919 % 100 * 1000) for i, packet in enumerate(packets(100))]
    other = marked(packets(100, START_NS, 1000), b"other")
    found, _ = read(write(tmp_path, "1", pcap(restless)), write(tmp_path, "2", pcap(other)))
    assert [p.data for p in found if not p.data.startswith(b"other")] == [p.data for p in restless]
    assert [p.data for p in found if p.data.startswith(b"other")] == [p.data for p in other]


def test_a_file_named_twice_is_read_once(tmp_path: Path) -> None:
    path = write(tmp_path, "a.pcap", pcap(packets(5)))
    (tmp_path / "link").symlink_to(path)
    found, files = read(path, tmp_path / "link", tmp_path)
    assert (len(found), len(files)) == (5, 1)


def test_a_directory_is_the_captures_in_it(tmp_path: Path) -> None:
    write(tmp_path, "lb.pcap10", pcap(packets(3, START_NS + 10 * SECOND)))
    write(tmp_path, "lb.pcap9", pcapng(packets(3, START_NS + 9 * SECOND)))
    write(tmp_path, "notes.txt", b"nothing of interest")
    (tmp_path / "old").mkdir()
    _, files = read(tmp_path)
    assert [Path(file.path).name for file in files] == ["lb.pcap9", "lb.pcap10"]


def test_an_empty_file_among_others_is_said_and_not_fatal(tmp_path: Path) -> None:
    paths = [
        write(tmp_path, "empty", b""),
        write(tmp_path, "cut", pcap([])[:10]),
        write(tmp_path, "full", pcap(packets(4))),
    ]
    found, files = read(*paths)
    assert len(found) == 4
    assert {Path(file.path).name: len(file.damage) for file in files} == {"empty": 1, "cut": 1, "full": 0}


def test_files_with_a_header_and_no_packet_are_fine(tmp_path: Path) -> None:
    paths = [
        write(tmp_path, "1", pcap_header()),
        write(tmp_path, "2", pcap(packets(4))),
        write(tmp_path, "3", pcapng([])),
    ]
    found, files = read(*paths)
    assert (len(found), [file.damage for file in files]) == (4, [[], [], []])


def test_one_file_that_is_no_capture_stops_all_before_the_first_packet(tmp_path: Path) -> None:
    good, bad = write(tmp_path, "good", pcap(packets(4))), write(tmp_path, "bad", b"hello world\n" * 9)
    with pytest.raises(CaptureError, match="bad: is not a capture; it looks like text"):
        open_capture([str(good), str(bad)])
    with pytest.raises(CaptureError, match="missing: no such file"):
        open_capture([str(good), str(tmp_path / "missing")])


def test_only_empty_files_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(CaptureError, match="none of the 2 captures"):
        read(write(tmp_path, "1", b""), write(tmp_path, "2", b""))
    with pytest.raises(CaptureError, match="no capture was named"):
        open_capture([])


def test_a_named_pipe_among_files_is_merged_and_read_once(tmp_path: Path) -> None:
    piped, stored = marked(packets(600), b"piped"), marked(packets(600, START_NS + 300), b"stored")
    path = write(tmp_path, "stored", pcap(stored, nano=True))
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    writer = threading.Thread(target=fifo.write_bytes, args=(pcap(piped),))
    writer.start()
    found, files = read(fifo, path)
    writer.join()
    assert content(found) == content(sorted(piped + stored, key=lambda packet: packet.ts_ns))
    assert files[1].path == str(fifo)


def test_stop_ends_a_capture_between_two_batches(tmp_path: Path) -> None:
    path = write(tmp_path, "long", pcap(packets(50_000)))
    seen = 0
    with open_capture([str(path)], stop=lambda: seen > 5000) as capture:
        for batch in capture:
            seen += batch.count
    assert 5000 < seen < 50_000
    assert capture.files[0].packets == seen


def test_key_logs_of_files_that_overlap_come_one_behind_another(tmp_path: Path) -> None:
    def secrets(name: bytes) -> bytes:
        return block(SECRETS, struct.pack("<II", TLS_KEY_LOG, len(name)) + name)

    of_first, of_second = packets(10_000), packets(3000, START_NS + 1000)
    first = section() + interface() + secrets(b"a.1\n") + b"".join(map(enhanced, of_first)) + secrets(b"a.2\n")
    second = section() + interface() + secrets(b"b.1\n") + b"".join(map(enhanced, of_second))
    paths = [str(write(tmp_path, str(i), content)) for i, content in enumerate((first, second))]
    with open_capture(paths) as capture:
        known = [list(capture.secrets) for _ in capture] + [capture.secrets]
    assert known[-1] == [b"a.1\n", b"b.1\n", b"a.2\n"]
    assert all(later[: len(earlier)] == earlier for earlier, later in pairwise(known))


def test_of_many_files_only_the_one_that_is_read_is_measured_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [str(write(tmp_path, f"{i:02}", pcap(packets(3, START_NS + i * SECOND)))) for i in range(20)]
    measured: list[str] = []
    getsize = os.path.getsize
    monkeypatch.setattr(os.path, "getsize", lambda path: measured.append(path) or getsize(path))
    with open_capture(paths) as capture:
        sizes = {capture.size for _ in capture}
    assert sizes == {sum(getsize(path) for path in paths)}
    assert len(measured) <= 3 * len(paths)


def test_position_and_size_are_those_of_the_files_on_the_disk(tmp_path: Path) -> None:
    paths = [write(tmp_path, str(i), pcap(packets(9000, START_NS + i * 60 * SECOND))) for i in range(3)]
    total = sum(path.stat().st_size for path in paths)
    with open_capture([str(path) for path in paths]) as capture:
        positions = [capture.position for _ in capture]
        assert capture.size == total
    assert positions == sorted(positions)
    assert positions[0] < total / 3
    assert capture.position == total


def test_a_single_batch_is_filled_again_and_again(tmp_path: Path) -> None:
    path = write(tmp_path, "long", pcap(packets(20_000)))
    with open_capture([str(path)]) as capture:
        found = [packet for batch in capture for packet in taken_from(batch)]
    assert content(found) == content(packets(20_000))
