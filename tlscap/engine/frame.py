"""From a captured frame to the TCP segment or UDP datagram in it.

The outermost header is told by the link type, every further one by the header before it; the
loop in `Decoder._peel` goes from one to the next until TCP, UDP or a dead end. Ethernet, IPv4 and
TCP, which nearly every packet is, do not enter that loop.

Lengths: on the wire a datagram ends where its own length field says, so padding of short Ethernet
frames is no payload; what the capture holds of it may end earlier (snaplen), and never reaches
beyond the frame. A length of 0 is what an interface that segments for the kernel shows (TSO, BIG
TCP): the datagram then ends with its frame. Checksums are not verified, since the same offloads
leave them unfilled.
"""

from __future__ import annotations

from tlscap.engine.cursor import ETHERNET, IP_BY_VERSION, LLC, STOP, Cursor
from tlscap.engine.links import ethernet_header, link_header, llc_header
from tlscap.engine.tunnelpaths import QINQ, VLAN
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

NOTHING, TCP, UDP = 0, 6, 17
"""What `Decoder.decode` gives; the transports are their IP protocol numbers."""

MAX_LAYERS = 40
"""Headers peeled from one frame, extension headers and labels included. The sender can nest as many
as fit in a packet; a VXLAN overlay over a tagged MPLS network has ten."""

_STOP = STOP
_ETHERNET = ETHERNET
_LLC = LLC
_IP_BY_VERSION = IP_BY_VERSION
_NOTHING = NOTHING
_TCP = TCP
_UDP = UDP
_IPV4 = 0x0800
_IPV6 = 0x86DD
_MAX_LAYERS = MAX_LAYERS
_VLAN = VLAN
_QINQ = QINQ
_FRAGMENT = FRAGMENT
_MALFORMED_IPV4 = MALFORMED_IPV4
_MALFORMED_IPV6 = MALFORMED_IPV6
_MALFORMED_LINK = MALFORMED_LINK
_MALFORMED_TCP = MALFORMED_TCP
_MALFORMED_UDP = MALFORMED_UDP
_NOT_IP = NOT_IP
_TOO_DEEP = TOO_DEEP
_TRUNCATED = TRUNCATED


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
        if linktype == 1 and captured >= 14:
            following = (self.data[start + 12] << 8) | self.data[start + 13]
            self.at = start + 14
            if following == _IPV4:
                following = self._ipv4_header()
                if following == _TCP:
                    return self._tcp_header()
        else:
            following = link_header(self, linktype)
        return self._peel(following)

    def _peel(self, following: int) -> int:
        """Goes from header to header; every one moves `at` on and tells what comes next."""
        for _layer in range(_MAX_LAYERS):
            if following == _TCP:
                return self._tcp_header()
            if following == _UDP:
                return self._udp_header()
            if following == _IPV4:
                following = self._ipv4_header()
            elif following == _IPV6:
                following = self._ipv6_header()
            elif following < 0:
                return _NOTHING
            elif following < 256:
                following = self._ip_protocol(following)
            elif following == _IP_BY_VERSION:
                following = self._ip_by_version()
            elif following == _ETHERNET:
                following = ethernet_header(self)
            elif following == _LLC:
                following = llc_header(self)
            else:
                following = self._ethertype(following)
        self.reasons.note(_TOO_DEEP)
        return _NOTHING

    def _ethertype(self, ethertype: int) -> int:
        if ethertype == 0x8100:
            return self._vlan_tag(_VLAN)
        if ethertype == 0x88A8 or ethertype == 0x9100 or ethertype == 0x9200:
            return self._vlan_tag(_QINQ)
        if ethertype < 0x600:
            return _LLC  # a tag may stand before a length too
        self.reasons.note_ethertype(ethertype)
        return _STOP

    def _vlan_tag(self, kind: int) -> int:
        """IEEE 802.1Q: priority, DEI and the VLAN's id, then the next ethertype."""
        if not self.has(4):
            return self.lacks(_MALFORMED_LINK)
        self.enter(kind, self.u16(0) & 0xFFF)
        ethertype = self.u16(2)
        self.at += 4
        return ethertype if ethertype >= 0x600 else _LLC

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
            return self.stop(_FRAGMENT)
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
        """The datagram says itself where it ends on the wire."""
        self.wire = end
        if end < self.cap:
            self.cap = end

    def _ip_protocol(self, protocol: int) -> int:
        """Extension headers (RFC 8200 §4), and the end for what is neither these nor a transport."""
        if self.ip_version == 6:
            if protocol == 0:
                return self._hop_by_hop_header()
            if protocol == 43 or protocol == 60 or protocol == 135 or protocol == 139 or protocol == 140:
                return self._extension_header(8, 8)
            if protocol == 44:
                return self._fragment_header()
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
        if self.u16(2) & 0xFFF9:
            return self.stop(_FRAGMENT)
        self.at += 8
        return following

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
        """RFC 768; length 0 is a jumbogram's (RFC 2675 §4) or an offload's."""
        at = self.at
        if at + 8 > self.cap:
            self.lacks(_MALFORMED_UDP)
            return _NOTHING
        length = (self.data[at + 4] << 8) | self.data[at + 5]
        if length != 0 and length < 8:
            self.reasons.note(_MALFORMED_UDP)
            return _NOTHING
        if length != 0 and at + length < self.wire:
            self._ends(at + length)
        self.src_port = (self.data[at] << 8) | self.data[at + 1]
        self.dst_port = (self.data[at + 2] << 8) | self.data[at + 3]
        self.at = at + 8
        self.payload_start = self.at
        self.payload_end = self.cap
        self.payload_wire = self.wire - self.at
        return _UDP
