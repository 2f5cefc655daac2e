"""pcapng: finds the packets in a buffer (draft-ietf-opsawg-pcapng).

A file is sections, each with its own byte order and its own numbered interfaces; everything is a
block that has its type and length in front and its length again behind, so that a damaged block
shows. The blocks with packets are read here; the rare others go to `pcapng_blocks.Section`.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from tlscap import octets
from tlscap.capture.batch import Batch

if TYPE_CHECKING:
    from tlscap.capture.pcapng_blocks import Section

MAX_PACKET = 262_144
"""Captured bytes of a packet; tcpdump's largest snaplen. A longer one is left out, with a note."""

MAX_BLOCK = 16 << 20
"""Bytes of a block of any kind: a longer one is taken for damage. The buffer grows to what a block needs."""

MAX_INTERFACES = 65_536
"""Interfaces of a section; the old packet block cannot name more, and each costs us memory."""

SECTION, INTERFACE, OLD_PACKET, SIMPLE_PACKET, NAMES, STATISTICS, PACKET, SECRETS = 0x0A0D0D0A, 1, 2, 3, 4, 5, 6, 10

MAGIC = b"\x0a\x0d\x0d\x0a"
"""What every pcapng file begins with, in either byte order."""

_MAX_PACKET = MAX_PACKET
_MAX_BLOCK = MAX_BLOCK
_NS = 1_000_000_000
_NEVER = (1 << 63) - 1
_HIGH_END = 1 << 31  # of the upper half of a time, so that the whole stays positive
_LAST_NS = 1 << 62  # the year 2116: later instants are damage, and what is computed with them must not wrap
_SECTION, _INTERFACE, _OLD_PACKET, _SIMPLE_PACKET, _PACKET, _SECRETS = 0x0A0D0D0A, 1, 2, 3, 6, 10
_BIG_MAGIC, _LITTLE_MAGIC = 0x1A2B3C4D, 0x4D3C2B1A
_COMMENT, _DROP_COUNT = 1, 4
_UNLIKELY, _LIKELY, _MORE = 0, 1, 2


class PcapngScanner:
    """Finds packets one buffer after the other; the same protocol as `PcapScanner`."""

    def __init__(self, section: Section, frame_base: int) -> None:
        self.section = section
        self.big = False
        self.frame_base = frame_base
        self.final = False
        self.need = 0
        self.damaged = False
        self.packets = 0
        self.size = 0
        self.cut = 0
        self.first_ns = _NEVER
        self.last_ns = 0
        self.last_caplen = 0  # a block's length stands at both its ends, so what is read of it is right
        # The section's interfaces, one a row: room for as many as `interfaces` has grown to.
        self.interfaces = 0
        self._linktype, self._snaplen = _zeros(4), _zeros(4)
        self._ticks, self._coarsen = _zeros(4), _zeros(4)
        self._scale, self._below = _zeros(4), _zeros(4)
        self._offset, self._count = _zeros(4), _zeros(4)
        # The packet at hand.
        self._interface = 0
        self._body = 0
        self._caplen = 0
        self._wirelen = 0
        self._ns = 0

    def scan(self, batch: Batch, pos: int, end: int) -> int:
        """Fills `batch` with the packets of `batch.data[pos:end]`; the position of the first block not taken."""
        data = batch.data
        self.need = 0
        self.damaged = False
        i = 0
        while i < batch.capacity:
            if end - pos < 12:
                self.need = 12
                break
            big = self.big
            kind = octets.word32(data, pos, big)
            if kind == _SECTION:  # reads the same in both byte orders
                if not _is_section(data, pos):
                    self.damaged = True
                    break
                big = data[pos + 8] == 0x1A
            length = octets.word32(data, pos + 4, big)
            if length < 12 or length > _MAX_BLOCK or length & 3:
                self.damaged = True
                break
            if end - pos < length:
                self.need = length
                break
            if octets.word32(data, pos + length - 4, big) != length:
                self.damaged = True
                break
            self.big = big
            taken = 0
            if kind == _PACKET and length >= 32:
                caplen = octets.word32(data, pos + 20, big)
                self._interface = octets.word32(data, pos + 8, big)
                self._caplen = caplen
                self._wirelen = octets.word32(data, pos + 24, big)
                taken = self._packet(
                    pos, length, octets.word32(data, pos + 12, big), octets.word32(data, pos + 16, big)
                )
                if taken and length - 32 - caplen > 3:
                    self._packet_options(data, pos + 28 + ((caplen + 3) & ~3), pos + length - 4)
            elif kind == _OLD_PACKET and length >= 32:
                taken = self._old_packet(data, pos, length)
            elif kind == _SIMPLE_PACKET and length >= 16:
                taken = self._simple_packet(data, pos, length)
            else:
                self._other_block(data, pos, kind, length)
            if taken:
                self._add(batch, i)
                i += 1
            pos += length
        batch.count = i
        return pos

    def resync(self, data: memoryview, pos: int, end: int) -> int:
        """The first position from `pos` on where whole blocks follow each other; then `damaged` is False.

        Else the position from which to go on when `need` bytes from there are in the buffer.
        """
        self.need = 0
        while end - pos >= 12:
            verdict = self._begins_chain(data, pos, end)
            if verdict == _MORE:
                return pos
            if verdict == _LIKELY:
                self.damaged = False
                return pos
            pos += 1
        self.need = 12
        return pos

    def add_interface(self, linktype: int, snaplen: int, ticks: int, coarsen: int, offset: int) -> None:
        """The section's next interface.

        Its instants are counted in units of 1 / (`ticks` * `coarsen`) seconds from `offset` seconds
        after 1970 on; `ticks` is at most 2**33.
        """
        i = self.interfaces
        if i == len(self._linktype):
            self._linktype, self._snaplen = _doubled(self._linktype), _doubled(self._snaplen)
            self._ticks, self._coarsen = _doubled(self._ticks), _doubled(self._coarsen)
            self._scale, self._below = _doubled(self._scale), _doubled(self._below)
            self._offset, self._count = _doubled(self._offset), _doubled(self._count)
        self._linktype[i] = linktype
        self._snaplen[i] = snaplen
        self._ticks[i] = ticks
        self._coarsen[i] = coarsen
        self._offset[i] = offset
        if coarsen == 1 and offset == 0 and _NS % ticks == 0:  # whole nanoseconds, by one multiplication
            self._scale[i] = _NS // ticks
            self._below[i] = _LAST_NS // self._scale[i]
        else:
            self._below[i] = 0
        self._count[i] = 0
        self.interfaces = i + 1

    def forget_interfaces(self) -> None:
        """A new section begins."""
        self.interfaces = 0

    def linktype(self, interface: int) -> int:
        return self._linktype[interface]

    def take_count(self, interface: int) -> int:
        """The packets of one interface of the section since this was last asked."""
        count = self._count[interface]
        self._count[interface] = 0
        return count

    def _add(self, batch: Batch, i: int) -> None:
        self.packets += 1
        batch.ts_ns[i] = self._ns
        batch.start[i] = self._body
        batch.caplen[i] = self._caplen
        batch.wirelen[i] = self._wirelen
        batch.linktype[i] = self._linktype[self._interface]
        batch.frame[i] = self.frame_base + self.packets
        self._count[self._interface] += 1
        self.size += self._caplen
        if self._wirelen > self._caplen:
            self.cut += 1
        if self._ns > self.last_ns:
            self.last_ns = self._ns
        if self._ns < self.first_ns:
            self.first_ns = self._ns

    def _packet(self, pos: int, length: int, high: int, low: int) -> int:
        """§4.3: an enhanced packet block whose words are read; 1 if it is a packet."""
        if self._interface >= self.interfaces:
            self.section.note(self.packets, f"a packet of interface {self._interface}, which is not described")
            return 0
        if self._caplen > length - 32 or self._caplen > _MAX_PACKET:
            self.section.note(self.packets, f"a packet of {self._caplen} bytes in a block of {length}")
            return 0
        self._body = pos + 28
        self._ns = self._instant(high, low)
        return 1

    def _old_packet(self, data: memoryview, pos: int, length: int) -> int:
        """Appendix A: the packet block that the enhanced one replaced; 1 if it is a packet."""
        self._interface = octets.word16(data, pos + 8, self.big)
        drops = octets.word16(data, pos + 10, self.big)
        self._caplen = octets.word32(data, pos + 20, self.big)
        self._wirelen = octets.word32(data, pos + 24, self.big)
        if not self._packet(
            pos, length, octets.word32(data, pos + 12, self.big), octets.word32(data, pos + 16, self.big)
        ):
            return 0
        if drops and drops != 0xFFFF:
            self.section.lost(self._interface, drops)
        if length - 32 - self._caplen > 3:
            self._packet_options(data, self._body + ((self._caplen + 3) & ~3), pos + length - 4)
        return 1

    def _simple_packet(self, data: memoryview, pos: int, length: int) -> int:
        """§4.4: a packet of the first interface that says nothing of its time; the last one's is taken."""
        if self.interfaces == 0:
            self.section.note(self.packets, "a simple packet block without an interface")
            return 0
        self._interface = 0
        self._wirelen = octets.word32(data, pos + 8, self.big)
        self._caplen = min(self._wirelen, length - 16)
        if 0 < self._snaplen[0] < self._caplen:
            self._caplen = self._snaplen[0]
        self._body = pos + 12
        if self._caplen > _MAX_PACKET:
            self.section.note(self.packets, f"a packet of {self._caplen} bytes")
            return 0
        self._ns = self.last_ns
        self.section.timeless()
        return 1

    def _instant(self, high: int, low: int) -> int:
        """Nanoseconds since 1970 of a time of the current interface; the last packet's if it is impossible."""
        i = self._interface
        if high >= _HIGH_END:
            self.section.note(self.packets, "an impossible time")
            return self.last_ns
        low += high << 32
        if low < self._below[i]:
            return low * self._scale[i]
        second = low // self._coarsen[i] // self._ticks[i]
        fraction = low // self._coarsen[i] - second * self._ticks[i]
        second += self._offset[i]
        if second < 0 or second >= _LAST_NS // _NS:
            self.section.note(self.packets, "an impossible time")
            return self.last_ns
        return second * _NS + fraction * _NS // self._ticks[i]

    def _packet_options(self, data: memoryview, pos: int, end: int) -> None:
        """§3.5, §4.3.1: comments and counts of dropped packets; what else a packet is annotated with is skipped."""
        while end - pos >= 4:
            code = octets.word16(data, pos, self.big)
            length = octets.word16(data, pos + 2, self.big)
            if code == 0 or length > end - pos - 4:
                return
            if code == _COMMENT:
                self.section.comment(self.packets + 1, bytes(data[pos + 4 : pos + 4 + length]))
            elif code == _DROP_COUNT and length == 8:
                low, high = (8, 4) if self.big else (4, 8)
                drops = octets.word32(data, pos + high, self.big) << 32 | octets.word32(data, pos + low, self.big)
                self.section.lost(self._interface, drops)
            pos += 4 + ((length + 3) & ~3)

    def _other_block(self, data: memoryview, pos: int, kind: int, length: int) -> None:
        if kind in (_PACKET, _OLD_PACKET, _SIMPLE_PACKET):
            self.section.note(self.packets, f"a packet block of {length} bytes")
        self.section.block(self, kind, bytes(data[pos + 8 : pos + length - 4]))

    def _begins_chain(self, data: memoryview, pos: int, end: int) -> int:
        """Whether two whole blocks of known types follow each other, or one that ends where the file ends."""
        self.need = 0
        big = self.big
        for blocks in range(2):
            if end - pos < 12:
                self.need += 12
                if self.final:
                    return _LIKELY if blocks else _UNLIKELY
                return _MORE
            kind = octets.word32(data, pos, big)
            if kind == _SECTION:
                big = data[pos + 8] == 0x1A
            elif kind < _INTERFACE or kind > _SECRETS:
                return _UNLIKELY
            length = octets.word32(data, pos + 4, big)
            if length < 12 or length > _MAX_BLOCK or length & 3 or (kind == _SECTION and not _is_section(data, pos)):
                return _UNLIKELY
            self.need += length
            if end - pos < length:
                if self.final:
                    return _LIKELY if blocks else _UNLIKELY
                return _MORE
            if octets.word32(data, pos + length - 4, big) != length:
                return _UNLIKELY
            pos += length
        self.need = 0
        return _LIKELY


def _zeros(room: int) -> array[int]:
    return array("q", bytes(8 * room))


def _doubled(column: array[int]) -> array[int]:
    room = _zeros(2 * len(column))
    for i in range(len(column)):
        room[i] = column[i]
    return room


def _is_section(data: memoryview, pos: int) -> bool:
    """Whether the section header block has its byte-order magic (§4.1); 12 bytes must be there."""
    magic = octets.word32(data, pos + 8, True)
    return magic in (_BIG_MAGIC, _LITTLE_MAGIC)
