"""IPv4 and IPv6: from an IP header to the protocol in the datagram, which may come in fragments.

Lengths: on the wire a datagram ends where its own length field says, so padding of short Ethernet
frames is no payload; what the capture holds of it may end earlier (snaplen). A length of 0 is what
an interface that segments for the kernel shows (TSO, BIG TCP): the datagram ends with its frame. So
does one that claims to be longer than its frame: it is corrupt, or was cut by a tool that did not
say so, and to believe it would make old bytes of those that follow. Checksums are not verified,
since the same offloads leave them unfilled.
"""

from __future__ import annotations

from tlscap import octets
from tlscap.engine.cursor import STOP, Cursor
from tlscap.engine.fragments import Fragments
from tlscap.engine.tunnelpaths import FOUR_IN_SIX, IPIP, NO_ID, SIX_IN_FOUR, SIX_IN_SIX
from tlscap.engine.tunnels import gre_header
from tlscap.engine.undecoded import FRAGMENT, MALFORMED_IPV4, MALFORMED_IPV6, NOT_IP, TRUNCATED

_STOP = STOP
_IPV4, _IPV6 = 0x0800, 0x86DD
_IPIP, _SIX_IN_FOUR, _FOUR_IN_SIX, _SIX_IN_SIX = IPIP, SIX_IN_FOUR, FOUR_IN_SIX, SIX_IN_SIX
_NO_ID = NO_ID
_LOW_WORD = 0xFFFFFFFF
_FRAGMENT, _NOT_IP, _TRUNCATED = FRAGMENT, NOT_IP, TRUNCATED
_MALFORMED_IPV4, _MALFORMED_IPV6 = MALFORMED_IPV4, MALFORMED_IPV6


class Internet(Cursor):
    """A cursor that reads IP headers; what the innermost one said stands in the attributes.

    Addresses are two unsigned 64-bit halves (IPv4: `src_hi` 0, `src_lo` the address). `ip_id` is -1
    for IPv6. `data` is the frame's buffer, or the datagram put together from fragments.
    """

    def __init__(self) -> None:
        super().__init__()
        self.ip_version = 0
        self.src_hi = self.src_lo = self.dst_hi = self.dst_lo = 0
        self.ttl = 0
        self.ip_id = -1
        self.ts_ns = 0  # of the frame, by which fragments age
        self.replaced = False  # data is not the frame's buffer
        self._jumbo = 0  # where the hop-by-hop header stands that must tell the length
        self._fragments = Fragments()

    def ip_by_version(self) -> int:
        if self.at >= self.cap:
            return self.lacks(_NOT_IP)
        version = self.data[self.at] >> 4
        if version == 4:
            return _IPV4
        if version == 6:
            return _IPV6
        return self.stop(_NOT_IP)

    def ipv4_header(self) -> int:
        """RFC 791 §3.1."""
        at = self.at
        if at + 20 > self.cap:
            return self.lacks(_MALFORMED_IPV4)
        word = octets.u64(self.data, at)
        size = (word >> 54) & 0x3C
        total = (word >> 32) & 0xFFFF
        if word >> 60 != 4 or size < 20 or (total < size and total != 0):
            return self.stop(_MALFORMED_IPV4)
        self.ip_version = 4
        self.ip_id = (word >> 16) & 0xFFFF
        fragment = word & 0xFFFF
        word = octets.u16(self.data, at + 8)
        self.ttl = word >> 8
        protocol = word & 0xFF
        word = octets.u64(self.data, at + 12)
        self.src_hi = 0
        self.src_lo = word >> 32
        self.dst_hi = 0
        self.dst_lo = word & _LOW_WORD
        if total != 0:
            self.ends(at + total)
        self.at = at + size
        if fragment & 0x3FFF:  # more fragments, or an offset
            return self._fragment(self.ip_id, protocol, (fragment & 0x1FFF) << 3, fragment & 0x2000)
        return protocol

    def ipv6_header(self) -> int:
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
        self.src_hi = octets.u64(self.data, at + 8)
        self.src_lo = octets.u64(self.data, at + 16)
        self.dst_hi = octets.u64(self.data, at + 24)
        self.dst_lo = octets.u64(self.data, at + 32)
        self._jumbo = 0
        if length != 0:
            self.ends(at + 40 + length)
        elif following == 0:
            self._jumbo = at + 40
        self.at = at + 40
        return following

    def ip_protocol(self, protocol: int) -> int:
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

    def ends(self, end: int) -> None:
        """The datagram says itself where it ends, which is not behind its frame, whatever it says."""
        if end < self.wire:
            self.wire = end
            if end < self.cap:
                self.cap = end

    def replace(self, found: bytes) -> None:
        """Goes on in bytes that are not the frame's; the next frame is read from the buffer again."""
        cut = self.wire - self.cap
        self.data = memoryview(found)
        self.replaced = True
        self.at = 0
        self.cap = len(found)
        self.wire = self.cap + cut

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
                high = (self.data[option + 2] << 8) | self.data[option + 3]
                low = (self.data[option + 4] << 8) | self.data[option + 5]
                self.ends(start + (high << 16) + low)
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
        whole = self._fragments.put(key, protocol, start, more != 0, data, self.ts_ns)
        if whole is None:
            return self.stop(_FRAGMENT)
        self.replace(whole[1])
        return int(whole[0])
