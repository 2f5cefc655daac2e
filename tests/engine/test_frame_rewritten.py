"""Real traffic in other clothes: the samples' packets behind every header, cut and in fragments, stay the same."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.packets import ETHERNET, payload, tunnel
from tlscap.capture import open_capture
from tlscap.engine import frame as engine_frame
from tlscap.engine.frame import Decoder

SAMPLES = Path(__file__).parent.parent.parent / "pcaps"
SAMPLE = SAMPLES / "closes.pcap"

pytestmark = pytest.mark.skipif(not SAMPLE.exists(), reason=f"no {SAMPLE}")

Segment = tuple[int, int, int, int, int, int, int, int, bytes]

ADDRESSES = bytes(12)
OUTER_UDP = "!BBHHHBBHIIHHHH"


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


def in_udp(port: int, header: bytes) -> Callable[[bytes], bytes]:
    def wrap(ip: bytes) -> bytes:
        size = 8 + len(header) + len(ip)
        outer = struct.pack(OUTER_UDP, 0x45, 0, 20 + size, 1, 0, 64, 17, 0, 1, 2, 9999, port, size, 0)
        return ADDRESSES + b"\x08\0" + outer + header + ip

    return wrap


def in_ip(protocol: int, header: bytes = b"") -> Callable[[bytes], bytes]:
    def wrap(ip: bytes) -> bytes:
        outer = struct.pack("!BBHHHBBHII", 0x45, 0, 20 + len(header) + len(ip), 1, 0, 64, protocol, 0, 1, 2)
        return ADDRESSES + b"\x08\0" + outer + header + ip

    return wrap


def behind(header: bytes) -> Callable[[bytes], bytes]:
    return lambda ip: header + ip


CLOTHES: dict[str, tuple[int, Callable[[bytes], bytes], tuple[str, ...]]] = {
    "padded ethernet": (ETHERNET, lambda ip: ADDRESSES + b"\x08\0" + ip + bytes(8), ()),
    "vlan": (ETHERNET, behind(ADDRESSES + b"\x81\0\xe0\x0c\x08\0"), ("vlan:12",)),
    "qinq": (ETHERNET, behind(ADDRESSES + b"\x88\xa8\0\5\x81\0\0\x0c\x08\0"), ("qinq:5", "vlan:12")),
    "mpls": (ETHERNET, behind(ADDRESSES + b"\x88\x47\0\1\0\x40\0\1\x11\x40"), ("mpls:16", "mpls:17")),
    "pppoe": (ETHERNET, behind(ADDRESSES + b"\x88\x64\x11\0\0\x4d\xff\xff\0\x21"), ("pppoe:77",)),
    "gre": (ETHERNET, in_ip(47, b"\x20\0\x08\0\0\0\0\x09"), ("gre:9",)),
    "erspan": (
        ETHERNET,
        in_ip(47, b"\x10\0\x88\xbe\0\0\0\1\x10\0\0\5\0\0\0\0" + ADDRESSES + b"\x08\0"),
        ("gre", "erspan:5"),
    ),
    "vxlan": (ETHERNET, in_udp(4789, b"\x08\0\0\0\0\0\7\0" + ADDRESSES + b"\x08\0"), ("vxlan:7",)),
    "geneve": (ETHERNET, in_udp(6081, b"\0\0\x65\x58\0\0\5\0" + ADDRESSES + b"\x08\0"), ("geneve:5",)),
    "gtp-u": (ETHERNET, in_udp(2152, b"\x30\xff\xff\xff\0\0\0\x63"), ("gtpu:99",)),
    "ip in ip": (ETHERNET, in_ip(4), ("ipip",)),
    "cooked": (113, behind(bytes(14) + b"\x08\0"), ()),
    "cooked 2": (276, behind(b"\x08\0" + bytes(18)), ()),
    "loopback": (0, behind(b"\2\0\0\0"), ()),
    "raw": (101, behind(b""), ()),
    "ppp": (9, behind(b"\xff\3\0\x21"), ()),
}


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


def fragments_of(ip: bytes, ident: int, mtu: int) -> list[bytes]:
    """RFC 791 §3.2; the whole packet where it fits."""
    size = (ip[0] & 15) * 4
    body, step = ip[size:], (mtu - size) // 8 * 8
    pieces = []
    for at in range(0, len(body), step):
        piece = body[at : at + step]
        more = at + step < len(body)
        head = bytearray(ip[:size])
        head[2:8] = struct.pack("!HHH", size + len(piece), ident & 0xFFFF, more << 13 | at // 8)
        pieces.append(bytes(head) + piece)
    return pieces
