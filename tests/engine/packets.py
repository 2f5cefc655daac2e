"""Packets and helpers for the tests of the decoder: one segment, in IPv4 and in IPv6, and how to read it."""

from __future__ import annotations

from ipaddress import ip_address

from scapy.layers.inet import IP, TCP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Ether
from scapy.packet import Packet, Raw

from tlscap.engine.frame import Decoder

ETHERNET, NULL, LOOP, RAW, SLL, SLL2 = 1, 0, 108, 101, 113, 276

MAC = "02:00:00:00:00:01"  # scapy would look up what it is not told
LINK = Ether(src=MAC, dst=MAC)
SEGMENT = TCP(sport=40000, dport=443, seq=0xFFFFFFF0, ack=7, flags="PA", window=501) / Raw(b"hello")
V4 = IP(src="10.1.2.3", dst="192.0.2.9", ttl=61, id=4711)
V6 = IPv6(src="2001:db8::1", dst="2001:db8::ffff:2", hlim=57)
OUTER4 = IP(src="10.9.9.1", dst="10.9.9.2")
OUTER6 = IPv6(src="2001:db8:9::1", dst="2001:db8:9::2")


def decode(packet: Packet | bytes, linktype: int = ETHERNET, wirelen: int = 0) -> tuple[int, Decoder]:
    """What a new decoder gives for one frame, and the decoder."""
    decoder = Decoder()
    data = bytes(packet)
    return decoder.decode(memoryview(data), linktype, wirelen or len(data), 0), decoder


def payload(decoder: Decoder) -> bytes:
    return bytes(decoder.data[decoder.payload_start : decoder.payload_end])


def tunnel(decoder: Decoder) -> tuple[str, ...]:
    return decoder.tunnels[decoder.tunnel]


def address(decoder: Decoder, side: str) -> str:
    """The address of `src` or `dst`."""
    number = getattr(decoder, f"{side}_hi") << 64 | getattr(decoder, f"{side}_lo")
    return str(ip_address(number.to_bytes(4 if decoder.ip_version == 4 else 16, "big")))
