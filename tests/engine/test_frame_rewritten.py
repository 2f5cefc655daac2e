"""Real traffic in other clothes: the samples' packets behind every header, cut and in fragments, stay the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.clothes import CLOTHES, fragments_of
from engine.packets import ETHERNET, payload, tunnel
from tlscap.capture import open_capture
from tlscap.engine import frame as engine_frame
from tlscap.engine.frame import Decoder

SAMPLES = Path(__file__).parent.parent.parent / "pcaps"
SAMPLE = SAMPLES / "closes.pcap"

pytestmark = pytest.mark.skipif(not SAMPLE.exists(), reason=f"no {SAMPLE}")

Segment = tuple[int, int, int, int, int, int, int, int, bytes]


def ip_packets() -> Iterator[bytes]:
    """The IPv4 packets of the sample that hold TCP, without link header and padding."""
    with open_capture([str(SAMPLE)]) as batches:
        for batch in batches:
            for i in range(batch.count):
                frame = bytes(batch.data[batch.start[i] : batch.start[i] + batch.caplen[i]])
                assert batch.linktype[i] == ETHERNET
                if frame[12:14] == b"\x08\0" and frame[23] == 6:
                    yield frame[14 : 14 + int.from_bytes(frame[16:18], "big")]


def segment(d: Decoder) -> Segment:
    return (d.src_lo, d.src_port, d.dst_lo, d.dst_port, d.seq, d.ack, d.flags, d.payload_wire, payload(d))


def decoded(d: Decoder, frame: bytes, linktype: int = ETHERNET, wirelen: int = 0) -> Segment | None:
    found = d.decode(memoryview(frame), linktype, wirelen or len(frame), 0)
    return segment(d) if found == engine_frame.TCP else None


def test_the_sample_has_what_these_tests_need() -> None:
    bare = [decoded(Decoder(), ip, 101) for ip in ip_packets()]
    assert None not in bare
    assert len(bare) > 100
    assert max(row[7] for row in bare if row) > 1000


@pytest.mark.parametrize("name", CLOTHES)
def test_finds_the_same_segments_behind_other_headers(name: str) -> None:
    linktype, wrap, path = CLOTHES[name]
    d, bare = Decoder(), Decoder()
    for ip in ip_packets():
        assert decoded(d, wrap(ip), linktype) == decoded(bare, ip, 101)
        assert tunnel(d) == path


@pytest.mark.parametrize("snaplen", [40, 52, 64, 96, 128, 256])
@pytest.mark.parametrize("name", ["raw", "vlan", "vxlan"])
def test_a_snaplen_takes_payload_and_nothing_else(name: str, snaplen: int) -> None:
    linktype, wrap, _ = CLOTHES[name]
    d, bare = Decoder(), Decoder()
    for ip in ip_packets():
        frame = wrap(ip)
        head = len(frame) - len(ip)
        kept = decoded(d, frame[: head + snaplen], linktype, len(frame))
        whole = decoded(bare, ip, 101)
        assert kept is not None and whole is not None
        assert kept[:-1] == whole[:-1]
        assert kept[-1] == ip[(ip[0] & 15) * 4 + (ip[(ip[0] & 15) * 4 + 12] >> 4) * 4 : snaplen]


@pytest.mark.parametrize("mtu", [68, 576, 1280])
@pytest.mark.parametrize("order", ["forwards", "backwards"])
def test_finds_the_same_segments_in_fragments(mtu: int, order: str) -> None:
    d, bare = Decoder(), Decoder()
    for number, ip in enumerate(ip_packets()):
        pieces = fragments_of(ip, number, mtu)
        if order == "backwards":
            pieces.reverse()
        rows = [decoded(d, piece, 101) for piece in pieces]
        assert rows[:-1] == [None] * (len(rows) - 1)
        assert rows[-1] == decoded(bare, ip, 101)
