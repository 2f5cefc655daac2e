"""From a captured frame to the TCP segment or UDP datagram in it.

The outermost header is told by the link type, every further one by the header before it; the
loop in `Decoder._peel` goes from one to the next until TCP, UDP or a dead end. Ethernet, IPv4 and
TCP, which nearly every packet is, do not enter that loop.
"""

from __future__ import annotations

from tlscap import octets
from tlscap.engine.cursor import ETHERNET, IP_BY_VERSION, L2TP_DATA, LLC, PPP, STOP, WIFI
from tlscap.engine.internet import Internet
from tlscap.engine.links import (
    MIN_ETHERTYPE,
    ethernet_header,
    link_header,
    llc_header,
    metadata_header,
    service_tag,
    vlan_tag,
    vn_tag,
)
from tlscap.engine.ppp import ppp_header, pppoe_header
from tlscap.engine.slowpath import L2TP_FRAME, SlowPath
from tlscap.engine.tunnelpaths import QINQ, VLAN
from tlscap.engine.tunnels import NO_TUNNEL, mpls_label, udp_tunnel
from tlscap.engine.undecoded import MALFORMED_TCP, MALFORMED_UDP, NOT_IP, TOO_DEEP, TRUNCATED
from tlscap.engine.wifi import wifi_header

NOTHING, TCP, UDP = 0, 6, 17
"""What `Decoder.decode` gives; the transports are their IP protocol numbers."""

MAX_LAYERS = 40
"""Headers peeled from one frame, extension headers and labels included. The sender can nest as many
as fit in a packet; a VXLAN overlay over a tagged MPLS network has ten."""

_ETHERNET, _LLC, _PPP, _IP_BY_VERSION, _WIFI = ETHERNET, LLC, PPP, IP_BY_VERSION, WIFI
_L2TP_DATA, _L2TP_FRAME = L2TP_DATA, L2TP_FRAME
_STOP, _NO_TUNNEL = STOP, NO_TUNNEL
_NOTHING, _TCP, _UDP = NOTHING, TCP, UDP
_IPV4, _IPV6, _MIN_ETHERTYPE = 0x0800, 0x86DD, MIN_ETHERTYPE
_MAX_LAYERS = MAX_LAYERS
_LOW_WORD = 0xFFFFFFFF
_VLAN, _QINQ = VLAN, QINQ
_NOT_IP, _TOO_DEEP, _TRUNCATED = NOT_IP, TOO_DEEP, TRUNCATED
_MALFORMED_TCP, _MALFORMED_UDP = MALFORMED_TCP, MALFORMED_UDP


class Decoder(Internet):
    """Decodes one frame at a time; what the last one held stands in the attributes, here and in `Internet`.

    `seq`, `ack`, `flags` and `window` are TCP's and stale after UDP. The payload is
    `data[payload_start:payload_end]` as far as it was captured, and was `payload_wire` bytes long;
    `data` is the loaded buffer, or the datagram put together from fragments of which this frame was
    the last. `tunnels[tunnel]` names what was peeled, outermost first.
    """

    def __init__(self) -> None:
        super().__init__()
        self.src_port = self.dst_port = 0
        self.seq = self.ack = self.flags = self.window = 0
        self.payload_start = self.payload_end = self.payload_wire = 0
        self._buffer = self.data
        self._linktype = 0
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
        self.replaced = False

    def decode_span(self, start: int, captured: int, linktype: int, wirelen: int, ts_ns: int) -> int:
        """As `decode`, for the frame that is the `captured` bytes at `start` of the loaded buffer.

        A frame that is handed over as a memoryview of its own costs several times what decoding it
        does, so this is for those who have many in one buffer.
        """
        if self.replaced:
            self.data = self._buffer
            self.replaced = False
        end = start + captured
        if start < 0 or captured < 0 or end > len(self.data):
            self.reasons.note(_TRUNCATED)
            return _NOTHING
        self.at = start
        self.cap = end
        self.wire = start + wirelen if wirelen > captured else end
        self.tunnel = 0
        self._linktype = linktype
        self.ts_ns = ts_ns
        if linktype == 1 and captured >= 14:
            following = octets.u16(self.data, start + 12)
            self.at = start + 14
            if following == _IPV4:
                following = self.ipv4_header()
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
                following = self.ipv4_header()
            elif following == _IPV6:
                following = self.ipv6_header()
            elif following < 256:
                following = self.ip_protocol(following)
            elif following < _MIN_ETHERTYPE:
                following = self._framed(following)
            else:
                following = self._ethertype(following)
        if following >= 0:
            self.reasons.note(_TOO_DEEP)
        return _NOTHING

    def _framed(self, following: int) -> int:
        """What stands for a kind of frame, and is no number of anybody's registry."""
        if following == _ETHERNET:
            return ethernet_header(self)
        if following == _IP_BY_VERSION:
            return self.ip_by_version()
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
            return vlan_tag(self, _VLAN)
        if ethertype == 0x88A8 or ethertype == 0x9100 or ethertype == 0x9200:
            return vlan_tag(self, _QINQ)
        if ethertype == 0x8847 or ethertype == 0x8848:
            return mpls_label(self)
        if ethertype == 0x8864:
            return pppoe_header(self)
        if ethertype == 0x8909:
            return metadata_header(self)
        if ethertype == 0x8926:
            return vn_tag(self)
        if ethertype == 0x88E7:
            return service_tag(self)
        self.reasons.note_ethertype(ethertype)
        return _STOP

    def _foreign(self, kind: int) -> int:
        """Asks the slow path for the IP packet in what remains of the frame."""
        found = self._slow_path.find_ip(kind, bytes(self.data[self.at : self.cap]))
        if found is not None:
            self.replace(found)
            return _IP_BY_VERSION
        if kind == _L2TP_FRAME:
            return self.stop(_NOT_IP)
        self.reasons.note_linktype(kind)
        return _STOP

    def _tcp_header(self) -> int:
        """RFC 9293 §3.1. Without the last fields, which a short snaplen cuts off, the header still tells enough."""
        at = self.at
        if at + 16 > self.cap:
            self.lacks(_MALFORMED_TCP)
            return _NOTHING
        word = octets.u64(self.data, at + 8)
        size = (word >> 26) & 0x3C
        start = at + size
        if size < 20 or start > self.wire:
            self.reasons.note(_MALFORMED_TCP)
            return _NOTHING
        self.ack = word >> 32
        self.flags = (word >> 16) & 0xFF
        self.window = word & 0xFFFF
        word = octets.u64(self.data, at)
        self.src_port = word >> 48
        self.dst_port = (word >> 32) & 0xFFFF
        self.seq = word & _LOW_WORD
        self.payload_start = start if start < self.cap else self.cap
        self.payload_end = self.cap
        self.payload_wire = self.wire - start
        return _TCP

    def _udp_header(self) -> int:
        """RFC 768; length 0 is a jumbogram's (RFC 2675 §4) or an offload's. UDP, or what a tunnel over it carries."""
        at = self.at
        if at + 8 > self.cap:
            return self.lacks(_MALFORMED_UDP)
        length = octets.u16(self.data, at + 4)
        if length != 0 and length < 8:
            return self.stop(_MALFORMED_UDP)
        if length != 0:
            self.ends(at + length)
        self.src_port = octets.u16(self.data, at)
        self.dst_port = octets.u16(self.data, at + 2)
        self.at = at + 8
        self.payload_start = self.at
        self.payload_end = self.cap
        self.payload_wire = self.wire - self.at
        following = udp_tunnel(self, self.src_port, self.dst_port)
        return _UDP if following == _NO_TUNNEL else following
