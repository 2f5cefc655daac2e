"""Every tunnel and every less common link: what is peeled, how it is named, what is left alone."""

from __future__ import annotations

import struct

import pytest
from scapy.contrib.erspan import ERSPAN_II, ERSPAN_III, ERSPAN_PlatformSpecific
from scapy.contrib.geneve import GENEVE
from scapy.contrib.gtp import GTP_U_Header, GTPPDUSessionContainer
from scapy.contrib.mpls import MPLS
from scapy.layers.dot11 import Dot11, Dot11QoS, RadioTap
from scapy.layers.inet import ICMP, TCP, UDP
from scapy.layers.l2 import GRE, GRE_PPTP, LLC, SNAP, Dot1Q, Dot3, Ether
from scapy.layers.l2tp import L2TP
from scapy.layers.ppp import HDLC, PPP, PPPoE
from scapy.layers.vxlan import VXLAN
from scapy.packet import Packet, Raw

from engine.packets import (
    ETHERNET,
    LINK,
    MAC,
    OUTER4,
    OUTER6,
    SEGMENT,
    V4,
    V6,
    address,
    decode,
    payload,
    tunnel,
)
from tlscap.engine import frame as engine_frame
from tlscap.engine.frame import NOTHING, Decoder
from tlscap.engine.tunnelpaths import MAX_PATHS, MAX_PATHS_WITH_ID

PPPS, HDLCS, CISCO, WIFI, RADIOTAP, NFLOG, PKTAP, USER2, PPI = 9, 50, 104, 105, 127, 239, 258, 149, 192
SNAP_IP = LLC(dsap=0xAA, ssap=0xAA, ctrl=3) / SNAP(OUI=0)
INNER = Ether(src=MAC, dst=MAC)
STATION = Dot11(type=2, subtype=0, FCfield=1, addr1=MAC, addr2=MAC, addr3=MAC)


def udp(port: int) -> Packet:
    return LINK / OUTER4 / UDP(sport=50000, dport=port)


def capwap(flags: int, body: Packet | bytes) -> Packet:
    """RFC 5415 §4.3: a header of 8 bytes, then the frame."""
    return udp(5247) / Raw(struct.pack("!BBHHH", 0, 2 << 3, flags, 0, 0) + bytes(body))


def teredo(indication: bytes = b"") -> Packet:
    return LINK / OUTER4 / UDP(sport=3544, dport=50000) / Raw(indication + bytes(V6 / SEGMENT))


TUNNELS = {
    "mpls": (LINK / MPLS(label=16, s=0) / MPLS(label=17, s=1) / V4 / SEGMENT, ("mpls:16", "mpls:17")),
    "mpls with ethernet": (LINK / MPLS(label=9, s=1) / Raw(b"\0" * 4) / INNER / V6 / SEGMENT, ("mpls:9",)),
    "pppoe": (LINK / PPPoE(sessionid=77) / PPP() / V4 / SEGMENT, ("pppoe:77",)),
    "gre": (LINK / OUTER4 / GRE() / V4 / SEGMENT, ("gre",)),
    "gre with a key": (LINK / OUTER4 / GRE(key_present=1, key=9) / V6 / SEGMENT, ("gre:9",)),
    "gre with all": (
        LINK / OUTER6 / GRE(chksum_present=1, key_present=1, key=9, seqnum_present=1) / V4 / SEGMENT,
        ("gre:9",),
    ),
    "gre with ethernet": (LINK / OUTER4 / GRE(key_present=1, key=0x1234) / INNER / V4 / SEGMENT, ("gre:4660",)),
    "pptp": (
        LINK / OUTER4 / GRE_PPTP(call_id=5, seqnum_present=1, acknum_present=1) / HDLC() / PPP() / V4 / SEGMENT,
        ("pptp:5",),
    ),
    "erspan 1": (LINK / OUTER4 / GRE(proto=0x88BE) / INNER / V4 / SEGMENT, ("gre",)),
    "erspan 2": (
        LINK / OUTER4 / GRE(proto=0x88BE, seqnum_present=1) / ERSPAN_II(session_id=5) / INNER / V4 / SEGMENT,
        ("gre", "erspan:5"),
    ),
    "erspan 3": (
        LINK / OUTER4 / GRE(seqnum_present=1) / ERSPAN_III(session_id=6) / INNER / V4 / SEGMENT,
        ("gre", "erspan:6"),
    ),
    "erspan 3 with a subheader": (
        LINK / OUTER4 / GRE(seqnum_present=1) / ERSPAN_III(o=1) / ERSPAN_PlatformSpecific() / INNER / V4 / SEGMENT,
        ("gre", "erspan:0"),
    ),
    "vxlan": (udp(4789) / Raw(b"\x08\0\0\0\0\0\x07\0") / INNER / V4 / SEGMENT, ("vxlan:7",)),
    "vxlan with a group policy": (udp(4789) / Raw(b"\x88\0\0\1\0\0\x07\0") / INNER / V4 / SEGMENT, ("vxlan:7",)),
    "vxlan with ip": (udp(4789) / VXLAN(vni=7) / V4 / SEGMENT, ("vxlan:7",)),
    "vxlan on linux' port": (udp(8472) / VXLAN(vni=7) / INNER / Dot1Q(vlan=3) / V6 / SEGMENT, ("vxlan:7", "vlan:3")),
    "geneve": (udp(6081) / GENEVE(vni=5, proto=0x6558) / INNER / V4 / SEGMENT, ("geneve:5",)),
    "geneve with options": (
        udp(6081) / Raw(bytes(GENEVE(vni=5, proto=0x0800, optionlen=2)) + b"\1\2\3\1abcd") / V4 / SEGMENT,
        ("geneve:5",),
    ),
    "gtp-u": (udp(2152) / GTP_U_Header(teid=99) / V4 / SEGMENT, ("gtpu:99",)),
    "gtp-u with an extension": (
        udp(2152) / GTP_U_Header(teid=99, E=1, next_ex=0x85) / GTPPDUSessionContainer(type=1, QFI=3) / V6 / SEGMENT,
        ("gtpu:99",),
    ),
    "ip in ip": (LINK / OUTER4 / V4 / SEGMENT, ("ipip",)),
    "6in4": (LINK / OUTER4 / V6 / SEGMENT, ("6in4",)),
    "4in6": (LINK / OUTER6 / V4 / SEGMENT, ("4in6",)),
    "6in6": (LINK / OUTER6 / V6 / SEGMENT, ("6in6",)),
    "teredo": (teredo(), ("teredo",)),
    "teredo with an origin": (teredo(b"\0\0" + b"x" * 6), ("teredo",)),
    "teredo with both": (teredo(b"\0\1\2\3" + b"x" * 14 + b"\0\0" + b"x" * 6), ("teredo",)),
    "capwap": (capwap(0x0000, INNER / V4 / SEGMENT), ("capwap",)),
    "capwap with 802.11": (capwap(0x0300, STATION / SNAP_IP / V4 / SEGMENT), ("capwap",)),
    "l2tp": (udp(1701) / L2TP(session_id=8) / HDLC() / PPP() / V4 / SEGMENT, ("l2tp:8",)),
    "a stack": (
        LINK / Dot1Q(vlan=2) / OUTER4 / UDP(dport=4789) / VXLAN(vni=7) / INNER / OUTER6 / GRE() / V4 / SEGMENT,
        ("vlan:2", "vxlan:7", "gre"),
    ),
}


@pytest.mark.parametrize("name", TUNNELS)
def test_peels_and_names_a_tunnel(name: str) -> None:
    packet, path = TUNNELS[name]
    found, d = decode(packet)
    assert found == engine_frame.TCP, d.undecoded
    assert address(d, "src") in ("10.1.2.3", "2001:db8::1")
    assert (d.src_port, d.dst_port) == (40000, 443)
    assert payload(d) == b"hello"
    assert d.payload_wire == 5
    assert tunnel(d) == path


@pytest.mark.parametrize("name", TUNNELS)
def test_reads_nothing_beyond_a_cut_in_a_tunnel(name: str) -> None:
    """Cut at every byte: never more payload than there is, never another segment than the whole frame's."""
    whole = bytes(TUNNELS[name][0])
    for kept in range(len(whole)):
        found, d = decode(whole[:kept], wirelen=len(whole))
        if found == engine_frame.TCP and d.src_port == 40000:
            assert b"hello".startswith(payload(d))
            assert d.payload_wire == 5
        else:
            assert found in (NOTHING, engine_frame.UDP)


LINKS = {
    "ppp": (PPP() / V4 / SEGMENT, PPPS),
    "ppp with address and control": (HDLC() / PPP() / V6 / SEGMENT, PPPS),
    "ppp with half a protocol": (b"\x21" + bytes(V4 / SEGMENT), PPPS),
    "ppp in hdlc": (HDLC() / PPP() / V4 / SEGMENT, HDLCS),
    "cisco hdlc under ppp's link type": (b"\x0f\0\x08\0" + bytes(V4 / SEGMENT), HDLCS),
    "cisco hdlc": (b"\x0f\0\x86\xdd" + bytes(V6 / SEGMENT), CISCO),
    "802.3 with snap": (Dot3(src=MAC, dst=MAC) / SNAP_IP / V4 / SEGMENT, ETHERNET),
    "802.11": (STATION / SNAP_IP / V4 / SEGMENT, WIFI),
    "802.11 with qos": (
        Dot11(type=2, subtype=8, FCfield=1, addr1=MAC, addr2=MAC, addr3=MAC) / Dot11QoS() / SNAP_IP / V4 / SEGMENT,
        WIFI,
    ),
    "802.11 with four addresses": (
        Dot11(type=2, FCfield=3, addr1=MAC, addr2=MAC, addr3=MAC, addr4=MAC) / SNAP_IP / V4 / SEGMENT,
        WIFI,
    ),
    "radiotap": (RadioTap() / STATION / SNAP_IP / V4 / SEGMENT, RADIOTAP),
    "nflog": (
        b"\2\0\0\0" + b"\x08\0\1\0\x08\0\1\0" + b"\5\0\x0a\0a\0\0\0" + b"\x2d\0\x09\0" + bytes(V4 / SEGMENT),
        NFLOG,
    ),
    "pktap": (struct.pack("<III", 108, 1, 1) + bytes(96) + bytes(LINK / V4 / SEGMENT), PKTAP),
    "pktap as user 2": (struct.pack("<III", 112, 1, 101) + bytes(100) + bytes(V4 / SEGMENT), USER2),
    "ppi, by the slow path": (
        struct.pack("<BBHI", 0, 0, 8, WIFI) + bytes(STATION / SNAP_IP / V4 / SEGMENT),
        PPI,
    ),
}


@pytest.mark.parametrize("name", LINKS)
def test_finds_ip_behind_a_less_common_link_header(name: str) -> None:
    packet, linktype = LINKS[name]
    found, d = decode(packet, linktype)
    assert found == engine_frame.TCP, d.undecoded
    assert payload(d) == b"hello"
    assert tunnel(d) == ()


def test_says_what_the_slow_path_cannot_find_ip_in() -> None:
    found, d = decode(b"\0" * 60, 201)
    assert (found, d.undecoded) == (NOTHING, {"linktype 201 (BLUETOOTH_HCI_H4_WITH_PHDR)": 1})


def test_returns_to_the_buffer_after_a_frame_of_the_slow_path() -> None:
    packet, linktype = LINKS["ppi, by the slow path"]
    foreign, plain = bytes(packet), bytes(LINK / V4 / SEGMENT)
    d = Decoder()
    d.load(memoryview(foreign + plain))
    assert d.decode_span(0, len(foreign), linktype, len(foreign), 0) == engine_frame.TCP
    assert d.decode_span(len(foreign), len(plain), ETHERNET, len(plain), 0) == engine_frame.TCP
    assert d.payload_start == len(foreign) + 54
    assert payload(d) == b"hello"


@pytest.mark.parametrize(
    ("packet", "reason"),
    [
        (STATION.copy() / Raw(b"x" * 60), "not ip"),
        (Dot11(type=0, subtype=8, addr1=MAC, addr2=MAC, addr3=MAC) / Raw(b"x" * 60), "802.11 without data"),
        (
            Dot11(type=2, FCfield=0x41, addr1=MAC, addr2=MAC, addr3=MAC) / Raw(b"x" * 60),
            "encrypted 802.11",
        ),
        (Dot11(type=2, FCfield=0x05, addr1=MAC, addr2=MAC, addr3=MAC) / Raw(b"x" * 60), "fragment"),
    ],
)
def test_says_why_an_802_11_frame_gave_nothing(packet: Packet, reason: str) -> None:
    found, d = decode(packet, WIFI)
    assert (found, d.undecoded) == (NOTHING, {reason: 1})


@pytest.mark.parametrize("port", [4789, 8472, 6081, 2152, 3544, 5247, 1701])
@pytest.mark.parametrize(
    "content",
    [
        b"\x16\xfe\xfd" + bytes(10) + b"\x01" * 40,  # DTLS
        b"\xc3\0\0\0\1\x08" + b"q" * 40,  # QUIC
        b"\x08",
        b"",
    ],
    ids=["dtls", "quic", "one byte", "nothing"],
)
def test_leaves_what_is_no_tunnel_on_a_tunnels_port_as_udp(port: int, content: bytes) -> None:
    found, d = decode(udp(port) / Raw(content))
    assert found == engine_frame.UDP
    assert d.dst_port == port
    assert payload(d) == content
    assert tunnel(d) == ()


def test_an_error_that_quotes_a_segment_is_no_segment() -> None:
    for outer in (LINK / OUTER4, udp(4789) / VXLAN(vni=1) / INNER / OUTER4):
        found, d = decode(outer / ICMP(type=3, code=1) / V4 / SEGMENT)
        assert (found, d.undecoded) == (NOTHING, {"icmp": 1})


def test_the_sender_cannot_make_paths_without_end() -> None:
    """Beyond the limit ids are left out, and what was seen before keeps its name."""
    d = Decoder()

    def path_of(label: int) -> tuple[str, ...]:
        frame = bytes(INNER)[:12] + b"\x88\x47" + struct.pack("!I", label << 12 | 0x1FF) + ip
        d.decode(memoryview(frame), ETHERNET, len(frame), 0)
        return tunnel(d)

    ip = bytes(V4 / TCP())
    paths = {path_of(label) for label in range(MAX_PATHS_WITH_ID + 500)}
    assert ("mpls:0",) in paths
    assert ("mpls",) in paths
    assert len(d.tunnels) <= MAX_PATHS
    assert path_of(5) == ("mpls:5",)
    assert path_of(1 << 19) == ("mpls",)
