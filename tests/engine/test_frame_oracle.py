"""tshark as the oracle: the innermost segment of every frame of every capture there is."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from engine.packets import address
from engine.segments import Row, read_segments
from tlscap.capture import open_capture
from tlscap.capture.batch import FRAME_MASK
from tlscap.engine import frame as engine_frame
from tlscap.engine.frame import Decoder

ROOT = Path(__file__).parent.parent.parent
CORPUS = Path(os.environ.get("TLSCAP_CORPUS") or ROOT.parent / "shared" / "corpus") / "pcaps"

DIFFERENCES = {
    (
        "bigtcp-ipv4-geneve-ipv4.pcap",
        1,
    ): "BIG TCP: lengths of 0 mean to the end of the frame, tshark 4.0 gives up on UDP's",
    ("bigtcp-ipv4-vxlan-ipv6.pcap", 1): "the same",
    ("esp_truncated.pcap", 1): "a first fragment without the rest: tshark shows the head of a datagram that never came",
}
"""What tshark says otherwise, by file name and frame, and why that is no error here."""

pytestmark = pytest.mark.skipif(shutil.which("tshark") is None, reason="no tshark")


def captures_below(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if ".pcap" in path.name)


def decoded_segments(capture: Path) -> dict[int, Row | None]:
    """What the decoder gives for every frame, in the oracle's words."""
    decoder = Decoder()
    rows: dict[int, Row | None] = {}
    with open_capture([str(capture)]) as batches:
        for batch in batches:
            decoder.load(batch.data)
            for i in range(batch.count):
                found = decoder.decode_span(
                    batch.start[i], batch.caplen[i], batch.linktype[i], batch.wirelen[i], batch.ts_ns[i]
                )
                rows[batch.frame[i] & FRAME_MASK] = row_of(decoder, found)
    return rows


def row_of(d: Decoder, found: int) -> Row | None:
    if found == engine_frame.NOTHING:
        return None
    ends = address(d, "src"), d.src_port, address(d, "dst"), d.dst_port
    tcp = found == engine_frame.TCP
    return ("tcp" if tcp else "udp", *ends, d.seq if tcp else None, d.payload_wire)


def compare(capture: Path) -> None:
    ours = decoded_segments(capture)
    theirs = read_segments(capture)
    different = {
        frame: (row, theirs[frame])
        for frame, row in ours.items()
        if frame in theirs and row != theirs[frame] and (capture.name, frame) not in DIFFERENCES
    }
    assert not different


@pytest.mark.parametrize("capture", captures_below(ROOT / "pcaps"), ids=lambda path: path.name)
def test_finds_the_segments_that_tshark_finds(capture: Path) -> None:
    compare(capture)


@pytest.mark.slow
@pytest.mark.parametrize("capture", captures_below(CORPUS), ids=lambda path: str(path.relative_to(CORPUS)))
def test_finds_the_segments_of_the_corpus_that_tshark_finds(capture: Path) -> None:
    compare(capture)
