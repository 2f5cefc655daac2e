from __future__ import annotations

import gc
import gzip
import lzma
import random
import struct
import weakref
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from capture.packers import PACKERS
from capture.written import START_NS, Packet, packets, pcap, pcapng, read_bytes
from tlscap.capture import CaptureError
from tlscap.capture.bytesource import FileSource
from tlscap.capture.unpack import Unpacked

SENT = packets(300)


def incompressible(count: int) -> list[Packet]:
    rng = random.Random(5)
    return [Packet(START_NS + i * 1000, rng.randbytes(1000), 1000, 1, i + 1) for i in range(count)]


@pytest.fixture(params=list(PACKERS))
def packer(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_reads_captures_of_every_compression(tmp_path: Path, packer: str) -> None:
    for content in (pcap(SENT), pcapng(SENT)):
        found, file = read_bytes(PACKERS[packer](content), tmp_path)
        assert found == SENT
        assert (file.compression, file.damage) == (packer, [])


def test_streams_one_after_the_other_are_one_capture(tmp_path: Path, packer: str) -> None:
    whole = pcap(SENT)
    pieces = [whole[:10], whole[10:5000], b"", whole[5000:]]
    found, file = read_bytes(b"".join(PACKERS[packer](piece) for piece in pieces), tmp_path)
    assert found == SENT
    assert file.damage == []


def test_zeros_behind_a_stream_are_padding(tmp_path: Path, packer: str) -> None:
    found, file = read_bytes(PACKERS[packer](pcap(SENT)) + bytes(100_000), tmp_path)
    assert (found, file.damage) == (SENT, [])


def test_something_else_behind_a_stream_is_said(tmp_path: Path, packer: str) -> None:
    whole = pcap(SENT)
    found, file = read_bytes(PACKERS[packer](whole) + b"something else, of some length", tmp_path)
    assert found == SENT
    assert file.damage == [
        f"cut after packet 300, unpacked byte offset {len(whole)}; "
        f"the {packer} stream is followed by something else after {len(whole)} unpacked bytes"
    ]


def test_what_unpacks_to_very_much_is_read_in_little_memory(tmp_path: Path, packer: str) -> None:
    empty = [Packet(START_NS + i * 1000, bytes(60_000), 60_000, 1, i + 1) for i in range(600)]
    found, _ = read_bytes(PACKERS[packer](pcap(empty)), tmp_path)
    assert len(found) == 600


def test_a_stream_that_ends_early_gives_what_was_unpacked(tmp_path: Path, packer: str) -> None:
    sent = incompressible(2000)
    packed = PACKERS[packer](pcap(sent))
    found, file = read_bytes(packed[: len(packed) // 2], tmp_path)
    assert found == sent[: len(found)]
    assert len(found) > (100 if packer in ("bzip2", "xz") else 900)
    assert len(file.damage) == 1
    assert f"cut after packet {len(found)}, unpacked byte offset" in file.damage[0]
    assert f"the {packer} stream ends early" in file.damage[0]


def test_a_stream_cut_anywhere_gives_packets_or_one_line(tmp_path: Path, packer: str) -> None:
    sent = incompressible(3)
    packed = PACKERS[packer](pcap(sent))
    for cut in range(1, len(packed), 1 if len(packed) < 300 else 7):
        try:
            found, file = read_bytes(packed[:cut], tmp_path)
        except CaptureError as error:
            assert "\n" not in str(error)
            continue
        assert found == sent[: len(found)]
        assert "ends early" in file.damage[0]


def test_a_corrupt_stream_gives_what_was_unpacked_before(tmp_path: Path, packer: str) -> None:
    sent = incompressible(2000)
    packed = bytearray(PACKERS[packer](pcap(sent)))
    middle = len(packed) // 2
    packed[middle : middle + 2000] = random.Random(6).randbytes(2000)
    found, file = read_bytes(bytes(packed), tmp_path)
    good = [packet for packet, was in zip(found, sent, strict=False) if packet == was]
    assert len(good) > 700
    assert file.damage


def test_gzip_gives_every_byte_before_the_corrupt_place(tmp_path: Path) -> None:
    deflate = zlib.compressobj(wbits=31)
    whole = pcap(SENT)
    good = deflate.compress(whole) + deflate.flush(zlib.Z_SYNC_FLUSH)
    found, file = read_bytes(good + b"\xff" * 100, tmp_path)
    assert found == SENT
    assert f"unpacked byte offset {len(whole)}; the gzip stream is corrupt" in file.damage[0]


def test_a_wrong_checksum_is_damage_and_every_packet_is_there(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(pcap(SENT)))
    packed[-5] ^= 0xFF
    found, file = read_bytes(bytes(packed), tmp_path)
    assert found == SENT
    assert "is corrupt" in file.damage[0]


def test_a_compressed_file_without_a_capture_says_what_it_looks_like(tmp_path: Path, packer: str) -> None:
    with pytest.raises(CaptureError, match=f"unpacked by {packer}, not a capture; it looks like text"):
        read_bytes(PACKERS[packer](b"a list of things to do\n" * 50), tmp_path)
    with pytest.raises(CaptureError, match="unpack it first"):
        read_bytes(PACKERS[packer](gzip.compress(pcap(SENT))), tmp_path)
    with pytest.raises(CaptureError, match=f"unpacked by {packer}, nothing"):
        read_bytes(PACKERS[packer](b""), tmp_path)


def test_an_xz_stream_that_asks_for_gigabytes_is_refused(tmp_path: Path) -> None:
    packed = bytearray(lzma.compress(pcap(SENT)))
    block_header = packed[
        12:24
    ]  # size, flags, filter id and size, dictionary size, padding, CRC32 (xz-file-format §3.1)
    assert block_header[2:4] == b"\x21\x01"
    block_header[4] = 36  # 1 GiB
    block_header[8:] = struct.pack("<I", zlib.crc32(bytes(block_header[:8])))
    packed[12:24] = block_header
    with pytest.raises(CaptureError, match="Memory usage limit"):
        read_bytes(bytes(packed), tmp_path)


@pytest.fixture
def uncollected() -> Iterator[None]:
    gc.disable()
    yield
    gc.enable()


def test_a_corrupt_stream_is_let_go_without_the_cycle_collector(tmp_path: Path, packer: str, uncollected: None) -> None:
    """It is off while captures are read, and a set may have thousands of corrupt ones."""
    path = tmp_path / "corrupt"
    packed = PACKERS[packer](pcap(incompressible(300)))
    path.write_bytes(packed[: len(packed) // 2] + random.Random(6).randbytes(90_000))
    source = FileSource(str(path))
    unpacked = Unpacked(source, packer)
    room = memoryview(bytearray(1 << 16))
    while not unpacked.ended:
        unpacked.readinto(room)
    source.close()
    assert "corrupt" in unpacked.damage or packer == "zstd"  # whose blocks are long
    alive = weakref.ref(unpacked)
    del unpacked
    assert alive() is None
