"""Real captures written anew: whatever file, link, tunnel or fragments hold their packets, the tables stay the same."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import tlscap
from capture import written
from capture.packers import PACKERS
from capture.written import Packet
from engine.clothes import CLOTHES, fragments_of

SAMPLES = Path(__file__).parents[2] / "pcaps"
NAMES = ("closes", "haproxy-mtls-tls13", "renegotiation-ok")
WITH_IPV6 = "versions"
COMPARED = ("connections", "handshakes", "alerts", "certificates", "anomalies", "endpoints")

ETHERNET, RAW = 1, 101
ETHERNET_HEADER = 14
NS = 10**9

Row = dict[str, Any]


@dataclass(frozen=True)
class Sample:
    """A capture's packets, and its tables."""

    packets: list[Packet]
    told: dict[str, list[Row]]


@pytest.fixture(scope="module", params=NAMES)
def sample(request: pytest.FixtureRequest) -> Sample:
    """One with IPv4 only."""
    return analysed_sample(request.param)


@pytest.fixture(scope="module", params=["closes", WITH_IPV6])
def either(request: pytest.FixtureRequest) -> Sample:
    """One with IPv4 only, and one with IPv6 too."""
    return analysed_sample(request.param)


def analysed_sample(name: str) -> Sample:
    path = SAMPLES / f"{name}.pcap"
    packets, _ = written.read(path)
    return Sample(packets, tables(tlscap.analyze([path]), range(1, len(packets) + 1)))


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "rewritten"


def tables(analysis: tlscap.Analysis, origins: Any) -> dict[str, list[Row]]:
    """All rows; frame n is called what `origins[n - 1]` is, a uid by its place, and no file by its name."""
    uids = {uid: f"connection {i}" for i, uid in enumerate(analysis.connections["uid"].to_pylist())}
    return {name: [_renamed(row, uids, origins) for row in getattr(analysis, name).to_pylist()] for name in COMPARED}


def _renamed(value: Any, uids: dict[str, str], origins: Any) -> Any:
    if isinstance(value, dict):
        named = {key: _renamed(each, uids, origins) for key, each in value.items() if key not in ("file", "capture")}
        return {
            key: origins[each - 1] if key == "frame" and isinstance(each, int) else each for key, each in named.items()
        }
    if isinstance(value, list):
        return [_renamed(each, uids, origins) for each in value]
    return uids.get(value, value) if isinstance(value, str) else value


def without(told: dict[str, list[Row]], *columns: str) -> dict[str, list[Row]]:
    """The same without some columns of the connections."""
    rows = [{key: value for key, value in row.items() if key not in columns} for row in told["connections"]]
    return told | {"connections": rows}


def ip_packets(sample: Sample) -> Iterator[tuple[int, int, bytes]]:
    """Frame, instant and bytes of the IPv4 packets, without link header and padding."""
    for packet in sample.packets:
        data = packet.data
        if packet.linktype == ETHERNET and data[12:14] == b"\x08\0":
            size = int.from_bytes(data[16:18], "big")
            yield packet.frame, packet.ts_ns, data[ETHERNET_HEADER : ETHERNET_HEADER + size]


CONTAINERS: dict[str, Callable[[list[Packet]], bytes]] = {
    "pcap, big-endian": lambda packets: written.pcap(packets, order=">"),
    "pcap, nanoseconds": lambda packets: written.pcap(packets, nano=True),
    "pcap, nanoseconds, big-endian": lambda packets: written.pcap(packets, nano=True, order=">"),
    "pcapng": written.pcapng,
    "pcapng, big-endian": lambda packets: written.pcapng(packets, ">"),
    "pcapng, both byte orders": lambda packets: written.pcapng(packets[:50]) + written.pcapng(packets[50:], ">"),
}


@pytest.mark.parametrize("container", CONTAINERS)
def test_every_container_gives_the_same_tables(either: Sample, container: str, place: Path) -> None:
    place.write_bytes(CONTAINERS[container](either.packets))
    assert tables(tlscap.analyze([place]), range(1, len(either.packets) + 1)) == either.told


@pytest.mark.parametrize("packer", PACKERS)
def test_every_compression_gives_the_same_tables(either: Sample, packer: str, place: Path) -> None:
    place.write_bytes(PACKERS[packer](written.pcap(either.packets)))
    assert tables(tlscap.analyze([place]), range(1, len(either.packets) + 1)) == either.told


@pytest.mark.parametrize("clothes", CLOTHES)
def test_every_link_and_tunnel_gives_the_same_tables(sample: Sample, clothes: str, place: Path) -> None:
    linktype, wrap, path = CLOTHES[clothes]
    frames = [(frame, ns, wrap(ip)) for frame, ns, ip in ip_packets(sample)]
    told = analysed(frames, linktype, place)
    assert without(told, "tunnel") == without(sample.told, "tunnel")
    assert {tuple(row["tunnel"]) for row in told["connections"]} == {path}


@pytest.mark.parametrize("mtu", [276, 576])
@pytest.mark.parametrize("order", ["forwards", "backwards"])
def test_fragments_give_the_same_tables(sample: Sample, mtu: int, order: str, place: Path) -> None:
    frames = []
    for number, (frame, ns, ip) in enumerate(ip_packets(sample)):
        pieces = fragments_of(ip, number, mtu)
        frames += [(frame, ns, piece) for piece in (pieces if order == "forwards" else pieces[::-1])]
    assert len(frames) > len(sample.packets)
    assert analysed(frames, RAW, place) == sample.told


@pytest.mark.parametrize("copies", ["each at once", "bursts", "all that another interface saw later"])
def test_duplicates_give_the_same_tables(either: Sample, copies: str, place: Path) -> None:
    """Each packet is there twice, and counts once."""
    packets = either.packets
    if copies == "each at once":
        twice = [copy for packet in packets for copy in (packet, packet)]
    elif copies == "bursts":
        twice = [copy for at in range(0, len(packets), 7) for copy in packets[at : at + 7] * 2]
    else:
        later = [packet._replace(ts_ns=packet.ts_ns + 40_000) for packet in packets]
        twice = sorted([*packets, *later], key=lambda packet: packet.ts_ns)
    place.write_bytes(written.pcap(twice, nano=True))
    analysis = tlscap.analyze([place])
    assert tables(analysis, [packet.frame for packet in twice]) == either.told
    assert analysis.coverage["duplicates"].to_pylist() == [len(packets)]


def test_sequence_numbers_that_wrap_give_the_same_tables(sample: Sample, place: Path) -> None:
    """Both sides' numbers wrap in the first flight of each connection."""
    first: dict[bytes, int] = {}
    frames = []
    for frame, ns, ip in ip_packets(sample):
        moved = bytearray(ip)
        at = (ip[0] & 15) * 4
        ends, back = ip[12:20] + ip[at : at + 4], ip[16:20] + ip[12:16] + ip[at + 2 : at + 4] + ip[at : at + 2]
        seq, ack = struct.unpack_from("!II", ip, at + 4)
        if ip[at + 13] & 2:
            first[ends] = seq
        if ends not in first or (back not in first and ip[at + 13] & 16):
            continue
        new_ack = (ack - first[back] - 90) & 0xFFFFFFFF if ip[at + 13] & 16 else 0
        struct.pack_into("!II", moved, at + 4, (seq - first[ends] - 90) & 0xFFFFFFFF, new_ack)
        frames.append((frame, ns, bytes(moved)))
    assert analysed(frames, RAW, place) == sample.told


def test_ports_that_are_used_again_make_new_connections(sample: Sample, place: Path) -> None:
    """The whole capture once more, an hour later, on the same ports and with other sequence numbers."""
    later = [packet._replace(ts_ns=packet.ts_ns + 3600 * NS, data=_moved(packet.data)) for packet in sample.packets]
    place.write_bytes(written.pcap([*sample.packets, *later]))
    rows = tlscap.analyze([place]).connections.to_pylist()
    once = sample.told["connections"]
    assert len(rows) == 2 * len(once)
    names = ("client_port", "version", "cipher", "history", "handshake_outcome", "bytes_c2s", "bytes_s2c")
    for half in (rows[: len(once)], rows[len(once) :]):
        assert [[row[name] for name in names] for row in half] == [[row[name] for name in names] for row in once]


def _moved(frame: bytes) -> bytes:
    """The same TCP segment of another connection: both numbers are a million higher."""
    if frame[12:14] != b"\x08\0" or frame[23] != 6:
        return frame
    moved = bytearray(frame)
    at = ETHERNET_HEADER + (frame[14] & 15) * 4
    seq, ack = struct.unpack_from("!II", frame, at + 4)
    new_ack = (ack + 1_000_000) & 0xFFFFFFFF if frame[at + 13] & 16 else ack
    struct.pack_into("!II", moved, at + 4, (seq + 1_000_000) & 0xFFFFFFFF, new_ack)
    return bytes(moved)


def analysed(frames: list[tuple[int, int, bytes]], linktype: int, place: Path) -> dict[str, list[Row]]:
    """The tables of these frames, which are called by the frame of the sample that they come from."""
    packets = [Packet(ns, data, len(data), linktype, 0) for _, ns, data in frames]
    place.write_bytes(written.pcap(packets, nano=True, linktype=linktype))
    return tables(tlscap.analyze([place]), [frame for frame, _, _ in frames])
