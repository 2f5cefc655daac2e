"""The decoder on frames made by scapy: what it finds, and what it never does."""

from __future__ import annotations

import pytest
from scapy.layers.inet import IP, TCP, UDP, IPOption_RR
from scapy.layers.inet6 import IPv6ExtHdrDestOpt, IPv6ExtHdrHopByHop, IPv6ExtHdrRouting
from scapy.layers.ipsec import AH
from scapy.layers.l2 import ARP, CookedLinux, CookedLinuxV2, Dot1AD, Dot1Q, Ether
from scapy.packet import Packet, Raw

from engine.packets import (
    ETHERNET,
    LINK,
    LOOP,
    MAC,
    NULL,
    SEGMENT,
    SLL,
    SLL2,
    V4,
    V6,
    address,
    decode,
    payload,
    tunnel,
)
from tlscap.engine import frame as engine_frame
from tlscap.engine.frame import MAX_LAYERS, NOTHING, Decoder

AUTHENTICATION = AH(nh=6, payloadlen=4, icv=b"\0" * 12)


def test_reads_every_field_of_an_ipv4_segment() -> None:
    found, d = decode(LINK / V4 / SEGMENT)
    assert found == engine_frame.TCP
    assert (d.ip_version, d.ttl, d.ip_id) == (4, 61, 4711)
    assert (address(d, "src"), d.src_port) == ("10.1.2.3", 40000)
    assert (address(d, "dst"), d.dst_port) == ("192.0.2.9", 443)
    assert (d.seq, d.ack, d.flags, d.window) == (0xFFFFFFF0, 7, 0x18, 501)
    assert payload(d) == b"hello"
    assert d.payload_wire == 5
    assert tunnel(d) == ()


def test_reads_an_ipv6_segment() -> None:
    found, d = decode(LINK / V6 / SEGMENT)
    assert found == engine_frame.TCP
    assert (d.ip_version, d.ttl, d.ip_id) == (6, 57, -1)
    assert address(d, "src") == "2001:db8::1"
    assert address(d, "dst") == "2001:db8::ffff:2"
    assert payload(d) == b"hello"


@pytest.mark.parametrize("network", [V4, V6], ids=["ipv4", "ipv6"])
@pytest.mark.parametrize(
    ("linktype", "link"),
    [
        (ETHERNET, LINK),
        (ETHERNET, LINK / Dot1Q(vlan=12)),
        (SLL, CookedLinux(src=b"\2\0\0\0\0\1")),
        (SLL2, CookedLinuxV2()),
        (101, None),
        (12, None),
        (14, None),
    ],
    ids=["ethernet", "vlan", "sll", "sll2", "raw", "raw of BSD", "raw of OpenBSD"],
)
def test_finds_ip_behind_every_link_header(linktype: int, link: Packet | None, network: Packet) -> None:
    found, d = decode(network / SEGMENT if link is None else link / network / SEGMENT, linktype)
    assert found == engine_frame.TCP
    assert payload(d) == b"hello"


@pytest.mark.parametrize("order", ["little", "big"])
@pytest.mark.parametrize(("family", "network"), [(2, V4), (10, V6), (24, V6), (28, V6), (30, V6)])
def test_takes_a_loopback_family_in_either_byte_order(order: str, family: int, network: Packet) -> None:
    frame = family.to_bytes(4, order) + bytes(network / SEGMENT)
    assert decode(frame, NULL)[0] == engine_frame.TCP
    assert decode(frame, LOOP)[0] == engine_frame.TCP


@pytest.mark.parametrize(("linktype", "network"), [(228, V4), (229, V6)])
def test_finds_ip_on_links_that_carry_one_version(linktype: int, network: Packet) -> None:
    assert decode(network / SEGMENT, linktype)[0] == engine_frame.TCP


def test_names_vlan_tags_from_the_outside_in() -> None:
    _, d = decode(LINK / Dot1AD(vlan=5) / Dot1Q(vlan=12) / V4 / SEGMENT)
    assert tunnel(d) == ("qinq:5", "vlan:12")
    assert payload(d) == b"hello"


@pytest.mark.parametrize(
    ("ethertype", "tag", "name"),
    [
        (0x8909, "01 01 0001 0002 0800", "sgt:2"),
        (0x8909, "01 02 0001 ffff 00000000 0800", "sgt:65535"),
        (0x8926, "80010002 0800", "vntag"),
        (0x88E7, "00012345" + MAC.replace(":", "") * 2 + "0800", "pbb:74565"),
    ],
)
def test_goes_behind_the_tags_of_switches(ethertype: int, tag: str, name: str) -> None:
    link = bytes(LINK)[:12] + ethertype.to_bytes(2)
    found, d = decode(link + bytes.fromhex(tag) + bytes(V4 / SEGMENT))
    assert found == engine_frame.TCP
    assert (tunnel(d), payload(d)) == ((name,), b"hello")
    for end in range(14, 14 + len(bytes.fromhex(tag))):
        assert decode((link + bytes.fromhex(tag))[:end])[0] == NOTHING


def test_keeps_one_entry_for_a_path_seen_again() -> None:
    d = Decoder()
    frame = memoryview(bytes(LINK / Dot1Q(vlan=7) / V4 / SEGMENT))
    plain = memoryview(bytes(LINK / V4 / SEGMENT))
    d.decode(frame, ETHERNET, len(frame), 0)
    first = d.tunnel
    d.decode(plain, ETHERNET, len(plain), 0)
    assert d.tunnel == 0
    d.decode(frame, ETHERNET, len(frame), 0)
    assert d.tunnel == first
    assert list(d.tunnels) == [(), ("vlan:7",)]


def test_leaves_ethernet_padding_out_of_the_payload() -> None:
    frame = bytes(LINK / V4 / TCP(dport=443) / Raw(b"x")) + b"\xaa" * 17
    _, d = decode(frame)
    assert payload(d) == b"x"
    assert d.payload_wire == 1


def test_takes_total_length_zero_for_the_rest_of_the_frame() -> None:
    frame = bytearray(bytes(LINK / V4 / SEGMENT))
    frame[16:18] = b"\0\0"
    _, d = decode(bytes(frame), wirelen=len(frame) + 3000)
    assert payload(d) == b"hello"
    assert d.payload_wire == 3005


def test_tells_captured_bytes_from_bytes_on_the_wire() -> None:
    whole = bytes(LINK / V4 / TCP(dport=443) / Raw(b"x" * 1000))
    found, d = decode(whole[:96], wirelen=len(whole))
    assert found == engine_frame.TCP
    assert d.payload_end - d.payload_start == 96 - 54
    assert d.payload_wire == 1000


def test_still_reads_a_header_whose_options_were_cut_off() -> None:
    whole = bytes(LINK / V4 / TCP(dport=443, flags="S", options=[("MSS", 1460), ("SAckOK", b"")]))
    found, d = decode(whole[:54], wirelen=len(whole))
    assert found == engine_frame.TCP
    assert d.flags == 2
    assert d.payload_start == d.payload_end
    assert d.payload_wire == 0


def test_skips_ipv4_options() -> None:
    found, d = decode(
        LINK / IP(src="10.1.2.3", dst="192.0.2.9", options=[IPOption_RR(length=11, routers=["0.0.0.0"] * 2)]) / SEGMENT
    )
    assert found == engine_frame.TCP
    assert payload(d) == b"hello"


def test_skips_ipv6_extension_headers() -> None:
    headers = IPv6ExtHdrHopByHop() / IPv6ExtHdrRouting(addresses=["::1"]) / IPv6ExtHdrDestOpt(nh=51)
    found, d = decode(LINK / V6 / headers / AUTHENTICATION / SEGMENT)
    assert found == engine_frame.TCP
    assert payload(d) == b"hello"


def test_skips_an_authentication_header_over_ipv4() -> None:
    found, d = decode(LINK / V4.copy() / AUTHENTICATION / SEGMENT)
    assert found == engine_frame.TCP
    assert payload(d) == b"hello"


def test_takes_the_length_of_a_jumbogram_from_its_option() -> None:
    frame = bytearray(bytes(LINK / V6 / IPv6ExtHdrHopByHop(options=[]) / SEGMENT))
    frame[18:20] = b"\0\0"
    frame[56:62] = b"\xc2\x04" + (8 + 20 + 5 + 70000).to_bytes(4, "big")
    _, d = decode(bytes(frame), wirelen=len(frame) + 70000)
    assert payload(d) == b"hello"
    assert d.payload_wire == 70005


def test_ends_a_datagram_that_claims_too_much_with_its_frame() -> None:
    frame = bytearray(bytes(LINK / V4 / SEGMENT))
    frame[16:18] = b"\x20\x00"
    _, d = decode(bytes(frame))
    assert payload(d) == b"hello"
    assert d.payload_wire == 5


def test_ends_a_datagram_where_udp_says() -> None:
    frame = bytearray(bytes(LINK / V4 / UDP(sport=5, dport=6) / Raw(b"datagram and more")))
    frame[38:40] = (8 + 8).to_bytes(2, "big")
    found, d = decode(bytes(frame))
    assert found == engine_frame.UDP
    assert (d.src_port, d.dst_port) == (5, 6)
    assert payload(d) == b"datagram"
    assert d.payload_wire == 8


@pytest.mark.parametrize(
    ("packet", "linktype", "reason"),
    [
        (LINK / ARP(hwsrc=MAC, psrc="10.0.0.1"), ETHERNET, "arp"),
        (
            LINK / IP(src="10.1.2.3", dst="192.0.2.9", proto=1) / Raw(b"\3\1" + b"\0" * 6 + bytes(V4 / SEGMENT)),
            ETHERNET,
            "icmp",
        ),
        (LINK / V6 / Raw(b"x"), ETHERNET, "ipv6 without payload"),
        (Ether(src=MAC, dst=MAC, type=0x1234) / Raw(b"x" * 50), ETHERNET, "ethertype 0x1234"),
        (LINK / IP(src="10.1.2.3", dst="192.0.2.9", proto=200) / Raw(b"x"), ETHERNET, "ip protocol 200"),
        (Ether(src=MAC, dst=MAC, type=0x800) / Raw(b"\x41" + b"\0" * 40), ETHERNET, "malformed ipv4"),
        (LINK / V4 / TCP(dataofs=4), ETHERNET, "malformed tcp"),
        (Raw(b"x" * 80), 107, "linktype 107 (FRELAY)"),
        (Raw(b"\7\0\0\0" + b"x" * 80), NULL, "loopback of another family"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_says_why_a_frame_gave_nothing(packet: Packet, linktype: int, reason: str) -> None:
    found, d = decode(packet, linktype)
    assert found == NOTHING
    assert d.undecoded == {reason: 1}


@pytest.mark.parametrize("network", [V4, V6], ids=["ipv4", "ipv6"])
def test_calls_every_cut_inside_the_headers_truncated(network: Packet) -> None:
    whole = bytes(LINK / network / SEGMENT)
    headers = 14 + (20 if network is V4 else 40) + 16
    for kept in range(headers):
        found, d = decode(whole[:kept], wirelen=len(whole))
        assert (found, d.undecoded) == (NOTHING, {"truncated": 1})
    for kept in range(headers, len(whole) + 1):
        assert decode(whole[:kept], wirelen=len(whole))[0] == engine_frame.TCP


def test_a_span_gives_what_the_frame_alone_gives() -> None:
    """However the bytes beside a frame look, they do not become part of it."""
    whole = bytes(LINK / V4 / SEGMENT)
    for kept in range(len(whole) + 1):
        alone_found, alone = decode(whole[:kept], wirelen=len(whole))
        d = Decoder()
        d.load(memoryview(b"\x45" * 7 + whole[:kept] + whole[kept:] + b"\xff" * 80))
        assert d.decode_span(7, kept, ETHERNET, len(whole), 0) == alone_found
        assert d.undecoded == alone.undecoded
        if alone_found:
            assert payload(d) == payload(alone)
            assert d.payload_wire == alone.payload_wire


def test_refuses_a_span_outside_the_buffer() -> None:
    d = Decoder()
    d.load(memoryview(bytes(60)))
    assert d.decode_span(40, 30, ETHERNET, 30, 0) == NOTHING
    assert d.decode_span(-10, 20, ETHERNET, 20, 0) == NOTHING


def test_gives_up_after_as_many_layers_as_it_may_peel() -> None:
    deepest = LINK
    for _ in range(MAX_LAYERS + 5):
        deepest = deepest / Dot1Q(vlan=1)
    found, d = decode(deepest / V4 / SEGMENT)
    assert (found, d.undecoded) == (NOTHING, {"too many layers": 1})
