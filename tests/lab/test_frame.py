"""What a hop reads of a frame, and the frames that it makes."""

from __future__ import annotations

from dataclasses import replace

from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.l2 import ARP, Ether

from tlscap.lab.frame import ACK, PSH, RST, read, write

FRAME = bytes(
    Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02")
    / IP(src="10.20.1.1", dst="10.20.2.1", ttl=61)
    / TCP(sport=40001, dport=443, seq=0xFFFFFFFE, ack=7, flags="PA", window=99, options=[("NOP", None)] * 4)
    / b"hello"
)


def test_reads_the_fields_of_a_segment() -> None:
    segment = read(FRAME)
    assert segment is not None
    assert (segment.source, segment.target) == (("10.20.1.1", 40001), ("10.20.2.1", 443))
    assert (segment.sequence, segment.acknowledgment, segment.ttl, segment.window) == (0xFFFFFFFE, 7, 61, 99)
    assert (segment.flags, segment.options, segment.payload) == (PSH | ACK, b"\x01" * 4, b"hello")
    assert segment.next_sequence == 3


def test_takes_no_padding_for_payload() -> None:
    segment = read(FRAME + bytes(6))
    assert segment is not None and segment.payload == b"hello"


def test_writes_frames_with_right_checksums() -> None:
    segment = read(FRAME)
    assert segment is not None
    for payload in (b"", b"odd", b"even"):
        made = Ether(write(replace(segment, flags=RST, payload=payload)))
        sums = made[IP].chksum, made[TCP].chksum
        del made[IP].chksum, made[TCP].chksum
        again = Ether(bytes(made))
        assert sums == (again[IP].chksum, again[TCP].chksum)
        assert bytes(again[TCP].payload) == payload and again[TCP].flags == "R"


def test_knows_nothing_but_tcp_over_ipv4() -> None:
    assert read(bytes(Ether() / ARP())) is None
    assert read(bytes(Ether() / IP() / UDP() / bytes(40))) is None
    assert read(FRAME[:30]) is None
