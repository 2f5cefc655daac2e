"""Captures that are still being written: pipes and, with follow, files."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from capture.written import START_NS, Packet, packets, pcap, pcap_header, pcap_packet, pcapng, taken_from
from tlscap.capture import open_capture

SENT = packets(20)
SECOND = 1_000_000_000

READ_STDIN = """
import sys
from tlscap.capture import open_capture
with open_capture(["-"]) as capture:
    for batch in capture:
        for i in range(batch.count):
            print(batch.ts_ns[i], batch.caplen[i], flush=True)
print(capture.files[0].path, capture.files[0].packets, capture.files[0].damage)
"""


class Program:
    """A Python process that prints the packets of its standard input as they come."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", READ_STDIN],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ
            | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "LD_PRELOAD": os.environ["TLSCAP_PRELOAD"]},
        )

    def write(self, content: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(content)
        self.process.stdin.flush()

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().decode().strip()

    def end(self) -> str:
        assert self.process.stdin is not None
        self.process.stdin.close()
        said = self.line()
        self.process.wait(10)
        return said


def test_packets_on_standard_input_are_there_as_soon_as_they_are_written() -> None:
    program = Program()
    program.write(pcap_header())
    for packet in SENT[:5]:
        program.write(pcap_packet(packet))
        assert program.line() == f"{packet.ts_ns} {len(packet.data)}"
    assert program.end() == "- 5 []"


def test_blocks_on_standard_input_are_there_as_soon_as_they_are_written() -> None:
    program = Program()
    whole = pcapng(SENT[:3])
    sent = len(pcapng([]))
    program.write(whole[:sent])
    for i, packet in enumerate(SENT[:3]):
        program.write(whole[sent : len(pcapng(SENT[: i + 1]))])
        sent = len(pcapng(SENT[: i + 1]))
        assert program.line() == f"{packet.ts_ns} {len(packet.data)}"
    assert program.end() == "- 3 []"


def test_standard_input_that_arrives_byte_by_byte_is_read() -> None:
    program = Program()
    for byte in pcap(SENT[:3]):
        program.write(bytes([byte]))
    assert [program.line() for _ in range(3)] == [f"{packet.ts_ns} {len(packet.data)}" for packet in SENT[:3]]
    assert program.end() == "- 3 []"


def test_compressed_standard_input_is_unpacked() -> None:
    program = Program()
    program.write(gzip.compress(pcap(SENT[:2])))
    assert [program.line() for _ in range(2)] == [f"{packet.ts_ns} {len(packet.data)}" for packet in SENT[:2]]
    assert program.end() == "- 2 []"


def test_standard_input_that_ends_inside_a_packet_says_so() -> None:
    program = Program()
    program.write(pcap(SENT[:2])[:-1])
    program.line()
    assert program.end() == f"- 1 ['cut after packet 1, byte offset {len(pcap(SENT[:1]))}']"


def write_slowly(path: Path, pieces: list[bytes]) -> threading.Thread:
    def run() -> None:
        for piece in pieces:
            time.sleep(0.1)
            with path.open("ab") as file:
                file.write(piece)

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def follow(path: Path, until: int) -> list[int]:
    """The times of the packets of what grows at `path`, until there are so many, or ten seconds have passed."""
    found: list[int] = []
    deadline = time.monotonic() + 10
    stop = lambda: len(found) >= until or time.monotonic() > deadline  # noqa: E731
    with open_capture([str(path)], follow=True, stop=stop) as capture:
        for batch in capture:
            found += [packet.ts_ns for packet in taken_from(batch)]
    return found


def test_a_file_is_followed_while_it_grows(tmp_path: Path) -> None:
    path = tmp_path / "growing"
    whole = pcap(SENT)
    path.write_bytes(whole[:30])
    writer = write_slowly(path, [whole[30:200], whole[200:201], whole[201:]])
    assert follow(path, 20) == [packet.ts_ns for packet in SENT]
    writer.join()


def test_a_file_that_is_still_empty_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "growing"
    path.write_bytes(b"")
    writer = write_slowly(path, [pcapng(SENT)[:10], pcapng(SENT)[10:]])
    assert follow(path, 20) == [packet.ts_ns for packet in SENT]
    writer.join()


def test_a_compressed_file_is_followed(tmp_path: Path) -> None:
    path = tmp_path / "growing"
    packed = gzip.compress(pcap(SENT))
    path.write_bytes(packed[:100])
    writer = write_slowly(path, [packed[100:300], packed[300:]])
    assert follow(path, 20) == [packet.ts_ns for packet in SENT]
    writer.join()


def test_a_rotated_set_is_followed_from_file_to_file(tmp_path: Path) -> None:
    second = packets(20, START_NS + 10 * SECOND)
    (tmp_path / "lb.pcap0").write_bytes(pcap(SENT))
    writer = write_slowly(tmp_path / "lb.pcap1", [pcap(second)[:500], pcap(second)[500:]])
    assert follow(tmp_path, 40) == [packet.ts_ns for packet in SENT + second]
    writer.join()


@pytest.mark.parametrize("wait", range(1, 5))
def test_the_end_of_a_file_that_comes_together_with_the_next_file_is_not_lost(wait: int, tmp_path: Path) -> None:
    second = packets(20, START_NS + 10 * SECOND)
    (tmp_path / "lb.pcap0").write_bytes(pcap(SENT[:10]))
    found: list[int] = []
    waits = 0
    deadline = time.monotonic() + 10
    with open_capture(
        [str(tmp_path)], follow=True, stop=lambda: len(found) >= 40 or time.monotonic() > deadline
    ) as capture:
        for batch in capture:
            found += [packet.ts_ns for packet in taken_from(batch)]
            waits += not batch.count
            if not batch.count and waits == wait:
                with (tmp_path / "lb.pcap0").open("ab") as file:
                    file.write(b"".join(pcap_packet(packet) for packet in SENT[10:]))
                (tmp_path / "lb.pcap1").write_bytes(pcap(second))
    assert found == [packet.ts_ns for packet in SENT + second]


def test_a_file_of_a_ring_that_is_begun_anew_is_read_again(tmp_path: Path) -> None:
    second, third = packets(20, START_NS + 10 * SECOND), packets(30, START_NS + 20 * SECOND)
    (tmp_path / "lb.pcap0").write_bytes(pcap(SENT))
    (tmp_path / "lb.pcap1").write_bytes(pcap(second))
    thread = threading.Timer(0.5, (tmp_path / "lb.pcap0").write_bytes, [pcap(third)])
    thread.start()
    assert follow(tmp_path, 70) == [packet.ts_ns for packet in SENT + second + third]
    thread.join()


def test_a_file_that_is_packed_after_its_rotation_is_not_read_twice(tmp_path: Path) -> None:
    second = packets(20, START_NS + 10 * SECOND)
    (tmp_path / "lb.pcap0").write_bytes(pcap(SENT))

    def rotate() -> None:
        time.sleep(0.5)
        (tmp_path / "lb.pcap1").write_bytes(pcap(second[:10]))
        (tmp_path / "lb.pcap0.gz").write_bytes(gzip.compress(pcap(SENT)))
        (tmp_path / "lb.pcap0").unlink()
        time.sleep(2.5)
        with (tmp_path / "lb.pcap1").open("ab") as file:
            file.write(b"".join(pcap_packet(packet) for packet in second[10:]))

    thread = threading.Thread(target=rotate)
    thread.start()
    assert follow(tmp_path, 40) == [packet.ts_ns for packet in SENT + second]
    thread.join()


def test_a_pipe_that_is_slow_loses_nothing_to_another(tmp_path: Path) -> None:
    paths = [tmp_path / "a", tmp_path / "b"]
    later = [packet._replace(ts_ns=packet.ts_ns + 500_000) for packet in SENT]

    def write(path: Path, of: list[Packet]) -> None:
        with path.open("wb", buffering=0) as file:
            file.write(pcap(of[:5]))
            time.sleep(0.7)
            file.write(b"".join(pcap_packet(packet) for packet in of[5:]))

    threads = []
    for path, of in zip(paths, (SENT, later)):
        os.mkfifo(path)
        threads.append(threading.Thread(target=write, args=(path, of)))
        threads[-1].start()
    with open_capture([str(path) for path in paths], stop=lambda: False) as capture:
        found = [packet.ts_ns for batch in capture for packet in taken_from(batch)]
    assert found == sorted(packet.ts_ns for packet in SENT + later)
    for thread in threads:
        thread.join()


def test_while_nothing_comes_empty_batches_do(tmp_path: Path) -> None:
    path = tmp_path / "growing"
    path.write_bytes(pcap(SENT))
    counts: list[int] = []
    with open_capture([str(path)], follow=True, stop=lambda: len(counts) > 3) as capture:
        counts.extend(batch.count for batch in capture)
    assert counts == [20, 0, 0, 0]


def test_stop_ends_the_wait_for_a_silent_pipe(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    writer = os.open(fifo, os.O_RDWR)
    os.write(writer, pcap(SENT))
    stopped = time.monotonic() + 0.6
    with open_capture([str(fifo)], stop=lambda: time.monotonic() > stopped) as capture:
        assert sum(batch.count for batch in capture) == 20
    os.close(writer)
