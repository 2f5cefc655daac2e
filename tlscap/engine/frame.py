"""From a captured frame to the TCP segment or UDP datagram in it.

The outermost header is told by the link type, every further one by the header before it; the
loop in `Decoder._peel` goes from one to the next until TCP, UDP or a dead end. Ethernet, IPv4 and
TCP, which nearly every packet is, do not enter that loop.

Lengths: on the wire a datagram ends where its own length field says, so padding of short Ethernet
frames is no payload; what the capture holds of it may end earlier (snaplen). A length of 0 is what
an interface that segments for the kernel shows (TSO, BIG TCP): the datagram ends with its frame. So
does one that claims to be longer than its frame: it is corrupt, or was cut by a tool that did not
say so, and to believe it would make old bytes of those that follow. Checksums are not verified,
since the same offloads leave them unfilled.
"""

from __future__ import annotations

from tlscap.engine.cursor import ETHERNET, FOREIGN, IP_BY_VERSION, L2TP_DATA, LLC, PPP, STOP, WIFI, Cursor
from tlscap.engine.fragments import Fragments
from tlscap.engine.links import MIN_ETHERTYPE, ethernet_header, link_header, llc_header
from tlscap.engine.ppp import ppp_header, pppoe_header
from tlscap.engine.slowpath import L2TP_FRAME, SlowPath
from tlscap.engine.tunnelpaths import FOUR_IN_SIX, IPIP, NO_ID, QINQ, SIX_IN_FOUR, SIX_IN_SIX, VLAN
from tlscap.engine.tunnels import NO_TUNNEL, gre_header, mpls_label, udp_tunnel
from tlscap.engine.undecoded import (
    FRAGMENT,
    MALFORMED_IPV4,
    MALFORMED_IPV6,
    MALFORMED_LINK,
    MALFORMED_TCP,
    MALFORMED_UDP,
    NOT_IP,
    TOO_DEEP,
    TRUNCATED,
)
from tlscap.engine.wifi import wifi_header

NOTHING, TCP, UDP = 0, 6, 17
"""What `Decoder.decode` gives; the transports are their IP protocol numbers."""

MAX_LAYERS = 40
"""Headers peeled from one frame, extension headers and labels included. The sender can nest as many
as fit in a packet; a VXLAN overlay over a tagged MPLS network has ten."""

_ETHERNET, _LLC, _PPP, _IP_BY_VERSION, _WIFI = ETHERNET, LLC, PPP, IP_BY_VERSION, WIFI
_FOREIGN, _L2TP_DATA = FOREIGN, L2TP_DATA
_STOP = STOP
_NOTHING, _TCP, _UDP = NOTHING, TCP, UDP
_IPV4, _IPV6, _MIN_ETHERTYPE = 0x0800, 0x86DD, MIN_ETHERTYPE
_MAX_LAYERS = MAX_LAYERS
_VLAN, _QINQ = VLAN, QINQ
_IPIP, _SIX_IN_FOUR, _FOUR_IN_SIX, _SIX_IN_SIX = IPIP, SIX_IN_FOUR, FOUR_IN_SIX, SIX_IN_SIX
_NO_ID, _NO_TUNNEL, _L2TP_FRAME = NO_ID, NO_TUNNEL, L2TP_FRAME
_FRAGMENT, _NOT_IP, _TOO_DEEP, _TRUNCATED = FRAGMENT, NOT_IP, TOO_DEEP, TRUNCATED
_MALFORMED_LINK, _MALFORMED_IPV4, _MALFORMED_IPV6 = MALFORMED_LINK, MALFORMED_IPV4, MALFORMED_IPV6
_MALFORMED_TCP, _MALFORMED_UDP = MALFORMED_TCP, MALFORMED_UDP


def _u16(c: Cursor, at: int) -> int:
    return (c.data[at] << 8) | c.data[at + 1]


def _u32(c: Cursor, at: int) -> int:
    return _word(c.data[at], c.data[at + 1], c.data[at + 2], c.data[at + 3])


def _word(a: int, b: int, c: int, d: int) -> int:
    return (a << 24) | (b << 16) | (c << 8) | d


def _u64(c: Cursor, at: int) -> int:
    high = _word(c.data[at], c.data[at + 1], c.data[at + 2], c.data[at + 3])
    low = _word(c.data[at + 4], c.data[at + 5], c.data[at + 6], c.data[at + 7])
    return (high << 32) | low


class Decoder(Cursor):
    """Decodes one frame at a time; what the last one held stands in the attributes.

    Addresses are two unsigned 64-bit halves (IPv4: `src_hi` 0, `src_lo` the address). `ip_id` is -1
    for IPv6. `seq`, `ack`, `flags` and `window` are TCP's and stale after UDP. The payload is
    `data[payload_start:payload_end]` as far as it was captured, and was `payload_wire` bytes long;
    `data` is the frame, or the datagram put together from fragments of which this frame was the
    last. `tunnels[tunnel]` names what was peeled, outermost first.
    """

    def __init__(self) -> None:
        super().__init__()
        self.ip_version = 0
        self.src_hi = self.src_lo = self.dst_hi = self.dst_lo = 0
        self.src_port = self.dst_port = 0
        self.ttl = 0
        self.ip_id = -1
        self.seq = self.ack = self.flags = self.window = 0
        self.payload_start = self.payload_end = self.payload_wire = 0
        self._jumbo = 0
        self._buffer = self.data
        self._put_together = False
        self._linktype = 0
        self._ts_ns = 0
        self._fragments = Fragments()
        self._slow_path = SlowPath()

    @property
    def tunnels(self) -> list[tuple[str, ...]]:
        return self.paths.paths

    @property
    def undecoded(self) -> dict[str, int]:
        """How many frames gave nothing, by a short reason, since the decoder was made."""
        return self.reasons.as_dict()

    def decode(self, frame: memoryview, linktype: int, wirelen: int, ts_ns: int) -> int:
        """Reads a frame of `wirelen` bytes on the wire, seen at `ts_ns`, of which `frame` was captured.

        Returns TCP or UDP, or NOTHING after counting why. Never raises, whatever the bytes.
        """
        self.load(frame)
        return self.decode_span(0, len(frame), linktype, wirelen, ts_ns)

    def load(self, buffer: memoryview) -> None:
        """Takes the buffer of which `decode_span` will read parts, until the next `load`."""
        self._buffer = buffer
        self.data = buffer
        self._put_together = False

    def decode_span(self, start: int, captured: int, linktype: int, wirelen: int, ts_ns: int) -> int:
        """As `decode`, for the frame that is the `captured` bytes at `start` of the loaded buffer.

        A frame that is handed over as a memoryview of its own costs several times what decoding it
        does, so this is for those who have many in one buffer.
        """
        if self._put_together:
            self.data = self._buffer
            self._put_together = False
        end = start + captured
        if start < 0 or captured < 0 or end > len(self.data):
            self.reasons.note(_TRUNCATED)
            return _NOTHING
        self.at = start
        self.cap = end
        self.wire = start + wirelen if wirelen > captured else end
        self.tunnel = 0
        self._linktype = linktype
        self._ts_ns = ts_ns
        if linktype == 1 and captured >= 14:
            following = (self.data[start + 12] << 8) | self.data[start + 13]
            self.at = start + 14
            if following == _IPV4:
                following = self._ipv4_header()
                if following == _TCP:
                    return self._tcp_header()
            elif following < _MIN_ETHERTYPE:
                following = _LLC
        else:
            following = link_header(self, linktype)
        return self._peel(following)

    def _peel(self, following: int) -> int:
        """Goes from header to header; every one moves `at` on and tells what comes next."""
        for _layer in range(_MAX_LAYERS):
            if following == _TCP:
                return self._tcp_header()
            if following == _UDP:
                following = self._udp_header()
                if following == _UDP:
                    return _UDP
            elif following < 0:
                return _NOTHING
            elif following == _IPV4:
                following = self._ipv4_header()
            elif following == _IPV6:
                following = self._ipv6_header()
            elif following < 256:
                following = self._ip_protocol(following)
            elif following < _MIN_ETHERTYPE:
                following = self._framed(following)
            else:
                following = self._ethertype(following)
        self.reasons.note(_TOO_DEEP)
        return _NOTHING

    def _framed(self, following: int) -> int:
        """What stands for a kind of frame, and is no number of anybody's registry."""
        if following == _ETHERNET:
            return ethernet_header(self)
        if following == _IP_BY_VERSION:
            return self._ip_by_version()
        if following == _LLC:
            return llc_header(self)
        if following == _PPP:
            return ppp_header(self)
        if following == _WIFI:
            return wifi_header(self)
        if following == _L2TP_DATA:
            return self._foreign(_L2TP_FRAME)
        return self._foreign(self._linktype)

    def _ethertype(self, ethertype: int) -> int:
        if ethertype == 0x8100:
            return self._vlan_tag(_VLAN)
        if ethertype == 0x88A8 or ethertype == 0x9100 or ethertype == 0x9200:
            return self._vlan_tag(_QINQ)
        if ethertype == 0x8847 or ethertype == 0x8848:
            return mpls_label(self)
        if ethertype == 0x8864:
            return pppoe_header(self)
        self.reasons.note_ethertype(ethertype)
        return _STOP

    def _vlan_tag(self, kind: int) -> int:
        """IEEE 802.1Q: priority, DEI and the VLAN's id, then the next ethertype."""
        if not self.has(4):
            return self.lacks(_MALFORMED_LINK)
        self.enter(kind, self.u16(0) & 0xFFF)
        ethertype = self.u16(2)
        self.at += 4
        return ethertype if ethertype >= _MIN_ETHERTYPE else _LLC

    def _ip_by_version(self) -> int:
        if self.at >= self.cap:
            return self.lacks(_NOT_IP)
        version = self.data[self.at] >> 4
        if version == 4:
            return _IPV4
        if version == 6:
            return _IPV6
        return self.stop(_NOT_IP)

    def _ipv4_header(self) -> int:
        """RFC 791 §3.1."""
        at = self.at
        if at + 20 > self.cap:
            return self.lacks(_MALFORMED_IPV4)
        first = self.data[at]
        size = (first & 15) << 2
        total = (self.data[at + 2] << 8) | self.data[at + 3]
        if first >> 4 != 4 or size < 20 or (total < size and total != 0):
            return self.stop(_MALFORMED_IPV4)
        self.ip_version = 4
        self.ip_id = (self.data[at + 4] << 8) | self.data[at + 5]
        fragment = (self.data[at + 6] << 8) | self.data[at + 7]
        self.ttl = self.data[at + 8]
        protocol = self.data[at + 9]
        self.src_hi = 0
        self.src_lo = _word(self.data[at + 12], self.data[at + 13], self.data[at + 14], self.data[at + 15])
        self.dst_hi = 0
        self.dst_lo = _word(self.data[at + 16], self.data[at + 17], self.data[at + 18], self.data[at + 19])
        if total != 0:
            self._ends(at + total)
        self.at = at + size
        if fragment & 0x3FFF:  # more fragments, or an offset
            return self._fragment(self.ip_id, protocol, (fragment & 0x1FFF) << 3, fragment & 0x2000)
        return protocol

    def _ipv6_header(self) -> int:
        """RFC 8200 §3."""
        at = self.at
        if at + 40 > self.cap:
            return self.lacks(_MALFORMED_IPV6)
        if self.data[at] >> 4 != 6:
            return self.stop(_MALFORMED_IPV6)
        length = (self.data[at + 4] << 8) | self.data[at + 5]
        following = self.data[at + 6]
        self.ip_version = 6
        self.ip_id = -1
        self.ttl = self.data[at + 7]
        self.src_hi = _u64(self, at + 8)
        self.src_lo = _u64(self, at + 16)
        self.dst_hi = _u64(self, at + 24)
        self.dst_lo = _u64(self, at + 32)
        self._jumbo = 0
        if length != 0:
            self._ends(at + 40 + length)
        elif following == 0:
            self._jumbo = at + 40
        self.at = at + 40
        return following

    def _ends(self, end: int) -> None:
        """The datagram says itself where it ends, which is not behind its frame, whatever it says."""
        if end < self.wire:
            self.wire = end
            if end < self.cap:
                self.cap = end

    def _ip_protocol(self, protocol: int) -> int:
        """Extension headers (RFC 8200 §4), IP in IP, GRE; the end for what is neither these nor a transport."""
        if self.ip_version == 6:
            if protocol == 0:
                return self._hop_by_hop_header()
            if protocol == 43 or protocol == 60 or protocol == 135 or protocol == 139 or protocol == 140:
                return self._extension_header(8, 8)
            if protocol == 44:
                return self._fragment_header()
        if protocol == 4:
            self.enter(_IPIP if self.ip_version == 4 else _FOUR_IN_SIX, _NO_ID)
            return _IPV4
        if protocol == 41:
            self.enter(_SIX_IN_FOUR if self.ip_version == 4 else _SIX_IN_SIX, _NO_ID)
            return _IPV6
        if protocol == 47:
            return gre_header(self)
        if protocol == 51:  # authentication header: RFC 4302 §2.2 counts in units of 4, less 2
            return self._extension_header(8, 4)
        self.reasons.note_protocol(protocol)
        return _STOP

    def _extension_header(self, base: int, unit: int) -> int:
        if not self.has(8):
            return self.lacks(_MALFORMED_IPV6)
        following = self.u8(0)
        self.at += base + unit * self.u8(1)
        return following

    def _hop_by_hop_header(self) -> int:
        """Looks for the Jumbo Payload option (RFC 2675 §2), without which length 0 is to the end of the frame."""
        start = self.at
        following = self._extension_header(8, 8)
        if following < 0 or self._jumbo != start:
            return following
        option = start + 2
        end = self.at if self.at < self.cap else self.cap
        while option + 6 <= end:
            if self.data[option] == 0xC2:
                self._ends(start + _u32(self, option + 2))
                break
            # Pad1 (RFC 8200 §4.2) is the one option without a length.
            option += 1 if self.data[option] == 0 else 2 + self.data[option + 1]
        return following

    def _fragment_header(self) -> int:
        """RFC 8200 §4.5; an atomic fragment (RFC 6946) is a whole datagram."""
        if not self.has(8):
            return self.lacks(_MALFORMED_IPV6)
        following = self.u8(0)
        place = self.u16(2)
        ident = self.u32(4)
        self.at += 8
        if place & 0xFFF9:
            return self._fragment(ident, following, place & 0xFFF8, place & 1)
        return following

    def _fragment(self, ident: int, protocol: int, start: int, more: int) -> int:
        """Takes the fragment at the cursor; if that made its datagram whole, decoding goes on in that."""
        if self.cap < self.wire:
            return self.stop(_TRUNCATED)
        key = (self.src_hi, self.src_lo, self.dst_hi, self.dst_lo, ident, protocol if self.ip_version == 4 else -1)
        data = bytes(self.data[self.at : self.cap])
        whole = self._fragments.put(key, protocol, start, more != 0, data, self._ts_ns)
        if whole is None:
            return self.stop(_FRAGMENT)
        self._replace(whole[1])
        return int(whole[0])

    def _foreign(self, kind: int) -> int:
        """Asks the slow path for the IP packet in what remains of the frame."""
        found = self._slow_path.find_ip(kind, bytes(self.data[self.at : self.cap]))
        if found is not None:
            self._replace(found)
            return _IP_BY_VERSION
        if kind == _L2TP_FRAME:
            return self.stop(_NOT_IP)
        self.reasons.note_linktype(kind)
        return _STOP

    def _replace(self, found: bytes) -> None:
        """Goes on in bytes that are not the frame's; the next frame is read from the buffer again."""
        cut = self.wire - self.cap
        self.data = memoryview(found)
        self._put_together = True
        self.at = 0
        self.cap = len(found)
        self.wire = self.cap + cut

    def _tcp_header(self) -> int:
        """RFC 9293 §3.1. Without the last fields, which a short snaplen cuts off, the header still tells enough."""
        at = self.at
        if at + 16 > self.cap:
            self.lacks(_MALFORMED_TCP)
            return _NOTHING
        size = (self.data[at + 12] >> 4) << 2
        start = at + size
        if size < 20 or start > self.wire:
            self.reasons.note(_MALFORMED_TCP)
            return _NOTHING
        self.src_port = (self.data[at] << 8) | self.data[at + 1]
        self.dst_port = (self.data[at + 2] << 8) | self.data[at + 3]
        self.seq = _word(self.data[at + 4], self.data[at + 5], self.data[at + 6], self.data[at + 7])
        self.ack = _word(self.data[at + 8], self.data[at + 9], self.data[at + 10], self.data[at + 11])
        self.flags = self.data[at + 13]
        self.window = (self.data[at + 14] << 8) | self.data[at + 15]
        self.payload_start = start if start < self.cap else self.cap
        self.payload_end = self.cap
        self.payload_wire = self.wire - start
        return _TCP

    def _udp_header(self) -> int:
        """RFC 768; length 0 is a jumbogram's (RFC 2675 §4) or an offload's. UDP, or what a tunnel over it carries."""
        at = self.at
        if at + 8 > self.cap:
            return self.lacks(_MALFORMED_UDP)
        length = (self.data[at + 4] << 8) | self.data[at + 5]
        if length != 0 and length < 8:
            return self.stop(_MALFORMED_UDP)
        if length != 0:
            self._ends(at + length)
        self.src_port = (self.data[at] << 8) | self.data[at + 1]
        self.dst_port = (self.data[at + 2] << 8) | self.data[at + 3]
        self.at = at + 8
        self.payload_start = self.at
        self.payload_end = self.cap
        self.payload_wire = self.wire - self.at
        following = udp_tunnel(self, self.src_port, self.dst_port)
        return _UDP if following == _NO_TUNNEL else following
