from __future__ import annotations

import struct
from pathlib import Path

import pytest

from capture.written import START_NS, Packet, enhanced, interface, pcap, pcapng, read, section
from tlscap.capture import CaptureError
from tlscap.capture.bpf import compile_filter


def segment(source: int, destination: int, *, linktype: int = 1, vlan: bool = False, payload: bytes = b"") -> bytes:
    """A TCP segment in IPv4 on Ethernet, Linux cooked, or raw IP."""
    tcp = struct.pack(">HHIIBBHHH", source, destination, 1, 1, 0x50, 0x18, 1000, 0, 0) + payload
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), 1, 0, 64, 6, 0, b"\n\0\0\1", b"\n\0\0\2") + tcp
    if linktype == 101:
        return ip
    if linktype == 113:
        return struct.pack(">HHHQH", 0, 1, 6, 0, 0x0800) + ip
    return bytes(12) + (b"\x81\x00\x00\x0c" if vlan else b"") + b"\x08\x00" + ip


def sent(frames: list[bytes], linktype: int = 1) -> list[Packet]:
    return [Packet(START_NS + i * 1000, data, len(data), linktype, i + 1) for i, data in enumerate(frames)]


def filtered(tmp_path: Path, content: bytes, expression: str) -> list[int]:
    """The frames that match."""
    path = tmp_path / "capture"
    path.write_bytes(content)
    found, files = read(path, filter=expression)
    assert files[0].filtered == files[0].packets - len(found)
    return [packet.frame for packet in found]


PORTS = sent([segment(5000, 443), segment(443, 5000), segment(5000, 80), segment(5001, 443, payload=b"x" * 900)])


def test_leaves_what_matches_with_its_frame_numbers(tmp_path: Path) -> None:
    assert filtered(tmp_path, pcap(PORTS), "tcp port 443") == [1, 2, 4]
    assert filtered(tmp_path, pcap(PORTS), "dst port 443 and greater 500") == [4]
    assert filtered(tmp_path, pcap(PORTS), "udp") == []
    assert filtered(tmp_path, pcap(PORTS), "") == [1, 2, 3, 4]


def test_what_the_filter_takes_out_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "capture"
    path.write_bytes(pcap(PORTS))
    _, files = read(path, filter="port 80")
    assert (files[0].packets, files[0].filtered, files[0].link_types) == (4, 3, {1: 4})
    assert files[0].last_ns == PORTS[-1].ts_ns


def test_the_packets_that_are_left_are_whole(tmp_path: Path) -> None:
    path = tmp_path / "capture"
    path.write_bytes(pcap(PORTS, nano=True))
    assert read(path, filter="port 443")[0] == [PORTS[0], PORTS[1], PORTS[3]]


@pytest.mark.parametrize("linktype", [1, 101, 113])
def test_a_filter_is_compiled_for_the_link_type(tmp_path: Path, linktype: int) -> None:
    frames = [segment(5000, port, linktype=linktype) for port in (443, 80, 443)]
    assert filtered(tmp_path, pcap(sent(frames), linktype=linktype), "port 443") == [1, 3]


def test_every_interface_has_the_filter_of_its_link_type(tmp_path: Path) -> None:
    content = section() + interface(1) + interface(113) + interface(101)
    frames = []
    for i in range(300):
        port = (443, 80)[i % 2]
        linktype = (1, 113, 101)[i % 3]
        packet = sent([segment(5000, port, linktype=linktype)])[0]
        content += enhanced(packet, of=i % 3)
        if port == 443:
            frames.append(i + 1)
    assert filtered(tmp_path, content, "port 443") == frames


def test_the_words_of_tagged_packets_are_where_the_filter_says(tmp_path: Path) -> None:
    frames = sent([segment(1, 443, vlan=True), segment(1, 443), segment(1, 80, vlan=True)])
    assert filtered(tmp_path, pcap(frames), "vlan 12 and port 443") == [1]
    assert filtered(tmp_path, pcap(frames), "port 443 or (vlan and port 443)") == [1, 2]


def test_packets_too_short_for_a_filter_do_not_match(tmp_path: Path) -> None:
    frames = sent([segment(1, 443)[:n] for n in range(60)])
    assert filtered(tmp_path, pcap(frames), "dst port 443") == list(range(39, 61))


def test_long_runs_of_filtered_packets_are_no_end(tmp_path: Path) -> None:
    frames = [segment(1, 80)] * 20_000 + [segment(1, 443)]
    assert filtered(tmp_path, pcap(sent(frames)), "port 443") == [20_001]
    assert filtered(tmp_path, pcapng(sent(frames)), "port 443") == [20_001]


def test_a_filter_that_is_none_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(CaptureError) as caught:
        filtered(tmp_path, pcap(PORTS), "tcp prot 443")
    assert "filter 'tcp prot 443': " in str(caught.value)
    assert "pcap-filter(7)" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_filter_that_a_link_type_cannot_have_names_it(tmp_path: Path) -> None:
    frames = sent([segment(1, 443, linktype=101)])
    with pytest.raises(CaptureError, match="filter 'ether multicast' cannot be used on packets of link type 101"):
        filtered(tmp_path, pcap(frames, linktype=101), "ether multicast")
    with pytest.raises(CaptureError, match="link type 65000"):
        filtered(tmp_path, pcap(frames, linktype=65_000), "tcp port 443")


def test_a_program_that_libpcap_compiled_is_accepted() -> None:
    for expression in (
        "",
        "host 10.0.0.1",
        "tcp[tcpflags] & tcp-rst != 0",
        "ip6 proto 6",
        "len % 3 = 1 and ip[0] * 2 > 8",
    ):
        compile_filter(expression, 1)
    with pytest.raises(ValueError, match="syntax error"):
        compile_filter("host host", 1)
