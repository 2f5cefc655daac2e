"""An analysis that processes share has the tables of one that a single process made."""

from __future__ import annotations

import os
import signal
import struct
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

import tlscap
from corpus.truth import FOLDER
from engine.clothes import CLOTHES, fragments_of
from tlscap import sharing
from tlscap.capture import CaptureError
from tlscap.engine.limits import Limits
from tlscap.tables.schema import TABLES

ROOT = Path(__file__).parent.parent
SAMPLES = sorted((ROOT / "pcaps").glob("*.pcap"))
BUSY, SMALL = ROOT / "pcaps" / "healthy-busy.pcap", ROOT / "pcaps" / "closes.pcap"
ALL = 1000
"""More connections than `healthy-busy` has."""
LARGE = 150_000
"""Bytes from which a capture of the corpus is one of the larger ones."""


def larger_captures() -> list[Path]:
    found = FOLDER.glob("pcaps/**/*.pcap*") if FOLDER.is_dir() else ()
    return sorted(path for path in found if path.is_file() and path.stat().st_size > LARGE)


def assert_equal(shared: tlscap.Analysis, alone: tlscap.Analysis) -> None:
    for table in TABLES:
        one, other = getattr(shared, table.name), getattr(alone, table.name)
        differing = [name for name in other.column_names if not one[name].equals(other[name])]
        assert one.equals(other), f"{table.name}: {differing}"


def rewritten(path: Path, out: Path, linktype: int, frames_of: Callable[[int, bytes], Iterable[bytes]]) -> Path:
    """A copy of a capture with each IP packet in frames of another kind, none of them for what is not IPv4."""
    raw = path.read_bytes()
    written = [raw[:20] + struct.pack("<I", linktype)]
    for number, at in enumerate(_records(raw)):
        size = int.from_bytes(raw[at + 8 : at + 12], "little")
        packet = raw[at + 16 : at + 16 + size]
        for frame in frames_of(number, packet[14:]) if packet[12:14] == b"\x08\0" else ():
            written.append(raw[at : at + 8] + struct.pack("<II", len(frame), len(frame)) + frame)
    out.write_bytes(b"".join(written))
    return out


def _records(raw: bytes) -> Iterable[int]:
    at = 24
    while at < len(raw):
        yield at
        at += 16 + int.from_bytes(raw[at + 8 : at + 12], "little")


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_the_samples_have_equal_tables(path: Path) -> None:
    assert_equal(tlscap.analyze(path, jobs=3), tlscap.analyze(path))


@pytest.mark.parametrize("path", larger_captures(), ids=lambda path: path.name)
def test_the_larger_captures_of_the_corpus_have_equal_tables(path: Path) -> None:
    assert_equal(tlscap.analyze(path, jobs=2), tlscap.analyze(path))


@pytest.mark.parametrize("clothes", ["vxlan", "erspan", "gtp-u"])
def test_tunnels_have_equal_tables(clothes: str, tmp_path: Path) -> None:
    linktype, wrap, _ = CLOTHES[clothes]
    path = rewritten(SMALL, tmp_path / "tunnel.pcap", linktype, lambda number, ip: [wrap(ip)])
    alone = tlscap.analyze(path)
    assert alone.connections.num_rows == tlscap.analyze(SMALL).connections.num_rows
    assert_equal(tlscap.analyze(path, jobs=4), alone)


def test_fragments_have_equal_tables(tmp_path: Path) -> None:
    path = rewritten(SMALL, tmp_path / "cut.pcap", 101, lambda number, ip: fragments_of(ip, number, 300))
    alone = tlscap.analyze(path)
    assert alone.connections.num_rows == tlscap.analyze(SMALL).connections.num_rows
    assert_equal(tlscap.analyze(path, jobs=3), alone)


@pytest.mark.parametrize("most", [1, 2, 8, ALL])
def test_what_leaves_at_the_limit_is_the_same(most: int) -> None:
    limits = Limits(connections=most)
    alone = tlscap.analyze(BUSY, limits=limits)
    assert_equal(tlscap.analyze(BUSY, limits=limits, jobs=2), alone)
    assert (alone.coverage["evicted"][0].as_py() > 0) == (most < ALL)


def test_several_captures_are_one(tmp_path: Path) -> None:
    assert_equal(tlscap.analyze([SMALL, BUSY], jobs=2), tlscap.analyze([SMALL, BUSY]))


def test_a_filter_and_a_key_log_hold_for_all() -> None:
    options = {"filter": "port 443", "keylog": ROOT / "pcaps" / "closes.keys"}
    assert_equal(tlscap.analyze(SMALL, jobs=2, **options), tlscap.analyze(SMALL, **options))


def test_more_processes_than_connections_are_no_harm() -> None:
    path = ROOT / "pcaps" / "silence.pcap"
    assert_equal(tlscap.analyze(path, jobs=9), tlscap.analyze(path))


def test_every_verdict_is_told_though_it_cannot_be_shared() -> None:
    told: list[str] = []
    analysis = tlscap.analyze(SMALL, jobs=2, on_verdict=lambda facts, verdict: told.append(verdict.outcome))
    assert len(told) == analysis.connections.num_rows


def test_what_is_no_capture_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "letter.pcap").write_text("Dear sir,\n" * 10)
    with pytest.raises(CaptureError) as error:
        tlscap.analyze(tmp_path / "letter.pcap", jobs=2)
    assert "\n" not in str(error.value)


def test_a_process_that_is_killed_is_said_in_one_line() -> None:
    def read(share: int, stop: Callable[[], bool], progress: Callable[[int, int], None]) -> sharing.Part:
        if share == 1:
            os.kill(os.getpid(), signal.SIGKILL)
        while not stop():
            progress(0, 1)
        raise AssertionError("nobody told it to stop")

    with pytest.raises(CaptureError, match="ended from outside"):
        sharing.read_shared(read, 2)


def test_progress_is_that_of_the_slowest_and_reaches_the_end() -> None:
    told: list[tuple[int, int]] = []
    tlscap.analyze(BUSY, jobs=2, progress=lambda done, size: told.append((done, size)))
    assert told == sorted(told)
    assert told[-1] == (BUSY.stat().st_size, BUSY.stat().st_size)


def test_a_wish_to_stop_reaches_all() -> None:
    stopped = tlscap.analyze(BUSY, jobs=2, stop=lambda: True)
    assert stopped.coverage.num_rows == 1
