"""Classic pcap: finds the packets in a buffer.

A file header of 24 bytes gives byte order, unit of time and link type; then every packet has a
header of four 32-bit words: seconds, fraction, captured length, length on the wire
(draft-ietf-opsawg-pcap §4, §5). Nothing marks where a packet begins, so a damaged length loses the
way. A header is believed at once when it is like those of a healthy file; one that is merely odd
(many tools write odd files) is believed if two more headers follow where it says; else the file is
damaged there, and `resync` looks for the next place from which three healthy headers follow.
"""

from __future__ import annotations

from tlscap import octets
from tlscap.capture.batch import Batch

FILE_HEADER = 24

MAX_PACKET = 262_144
"""Captured bytes of a packet; tcpdump's largest snaplen. A longer one is damage, and no buffer grows beyond it."""

MAX_WIRE = 1 << 24
"""Bytes of a packet on the wire that are believable where one must guess."""

QUIET_S = 86_400
"""Seconds between neighbours after which a header is looked at twice, either way."""

RESYNC_S = 30 * 86_400
"""Seconds from the last good packet within which packets after damage are believed."""

_MAX_PACKET = MAX_PACKET
_MAX_WIRE = MAX_WIRE
_QUIET_S = QUIET_S
_RESYNC_S = RESYNC_S
_NS = 1_000_000_000
_NEVER = (1 << 63) - 1

_UNLIKELY, _LIKELY, _MORE = 0, 1, 2

MAGICS = {
    # first four bytes: big-endian, nanoseconds in a unit of time, bytes of a packet header
    b"\xa1\xb2\xc3\xd4": (True, 1000, 16),
    b"\xd4\xc3\xb2\xa1": (False, 1000, 16),
    b"\xa1\xb2\x3c\x4d": (True, 1, 16),
    b"\x4d\x3c\xb2\xa1": (False, 1, 16),
    b"\xa1\xb2\xcd\x34": (True, 1000, 24),  # Kuznetzov's libpcap: interface, protocol and type follow the four words
    b"\x34\xcd\xb2\xa1": (False, 1000, 24),
}


class PcapScanner:
    """Finds packets one buffer after the other; `file_header` is the file's first 24 bytes.

    `need` says how many bytes from the returned position on must be there before it can go on (0: it
    stopped because the batch is full), `damaged` that it can only go on by `resync`, and `final` must be
    set once no more bytes will come. The counts are of all packets so far; `last_caplen` is the last
    one's length, which may be what was damaged.
    """

    def __init__(self, file_header: bytes, frame_base: int) -> None:
        self.big, self.unit_ns, self.header = MAGICS[file_header[:4]]
        # The upper bits tell the length of a frame check sequence, which no link layer of ours looks at.
        self.linktype = int.from_bytes(file_header[20:24], "big" if self.big else "little") & 0x03FFFFFF
        self.frame_base = frame_base
        self.final = False
        self.need = 0
        self.damaged = False
        self.packets = 0
        self.size = 0
        self.cut = 0
        self.first_ns = 0
        self.last_ns = 0
        self.last_caplen = 0
        self._last_s = -1

    def scan(self, batch: Batch, pos: int, end: int) -> int:
        """Fills `batch` with the packets of `batch.data[pos:end]`; the position of the first one not taken."""
        data, ts_ns, starts, caplens = batch.data, batch.ts_ns, batch.start, batch.caplen
        wirelens, linktypes, frames = batch.wirelen, batch.linktype, batch.frame
        big, unit, header, capacity, linktype = self.big, self.unit_ns, self.header, batch.capacity, self.linktype
        units = _NS // unit
        last_s, first_ns, last_ns = self._last_s, self.first_ns, self.last_ns
        frame = self.frame_base + self.packets
        size, cut, i = 0, 0, 0
        self.need = 0
        self.damaged = False
        while i < capacity:
            if end - pos < header:
                self.need = header
                break
            second = octets.word32(data, pos, big)
            fraction = octets.word32(data, pos + 4, big)
            caplen = octets.word32(data, pos + 8, big)
            wirelen = octets.word32(data, pos + 12, big)
            if last_s < 0:
                last_s = second
                first_ns = _NEVER
            apart = second - last_s
            if (
                wirelen == 0
                or caplen > wirelen
                or caplen > _MAX_PACKET
                or fraction >= units
                or apart > _QUIET_S
                or apart < -_QUIET_S
            ):
                verdict = self._odd_but_real(data, pos, end)
                if verdict != _LIKELY:
                    self.damaged = verdict == _UNLIKELY
                    break
            if end - pos - header < caplen:
                self.need = header + caplen
                break
            last_s = second
            ns = second * _NS + fraction * unit
            frame += 1
            ts_ns[i] = ns
            starts[i] = pos + header
            caplens[i] = caplen
            wirelens[i] = wirelen
            linktypes[i] = linktype
            frames[i] = frame
            i += 1
            pos += header + caplen
            size += caplen
            if wirelen > caplen:
                cut += 1
            if ns > last_ns:
                last_ns = ns
            if ns < first_ns:
                first_ns = ns
        batch.count = i
        self._last_s = last_s if i else self._last_s
        self.packets += i
        self.size += size
        self.cut += cut
        if i:
            self.first_ns, self.last_ns = first_ns, last_ns
            self.last_caplen = caplens[i - 1]
        return pos

    def resync(self, data: memoryview, pos: int, end: int) -> int:
        """The first position from `pos` on where healthy headers follow each other; then `damaged` is False.

        Else the position from which to go on when `need` bytes from there are in the buffer.
        """
        self.need = 0
        while end - pos >= self.header:
            verdict = self._begins_chain(data, pos, end)
            if verdict == _MORE:
                return pos
            if verdict == _LIKELY:
                self.damaged = False
                return pos
            pos += 1
        self.need = self.header
        return pos

    def _odd_but_real(self, data: memoryview, pos: int, end: int) -> int:
        """Whether a header that no healthy file has is followed by two that at least have believable lengths."""
        for more in range(3):
            if end - pos < self.header:
                self.need += self.header
                return _LIKELY if self.final else _MORE
            caplen = octets.word32(data, pos + 8, self.big)
            if caplen > _MAX_PACKET or octets.word32(data, pos + 12, self.big) > _MAX_WIRE:
                return _UNLIKELY
            if caplen == 0 and octets.word32(data, pos, self.big) == 0:  # a hole that a file system filled with zeros
                return _UNLIKELY
            self.need += self.header + caplen
            if end - pos - self.header < caplen:
                if self.final:
                    return _LIKELY if more else _UNLIKELY
                return _MORE
            pos += self.header + caplen
        self.need = 0
        return _LIKELY

    def _begins_chain(self, data: memoryview, pos: int, end: int) -> int:
        """Whether three plausible headers follow each other, or fewer if they end where the file ends."""
        self.need = 0
        for headers in range(3):
            if end - pos < self.header:
                self.need += self.header
                return _LIKELY if self.final else _MORE
            if not self._plausible(data, pos):
                return _UNLIKELY
            caplen = octets.word32(data, pos + 8, self.big)
            self.need += self.header + caplen
            if end - pos - self.header < caplen and headers < 2:
                if self.final:
                    return _LIKELY if headers else _UNLIKELY
                return _MORE
            pos += self.header + caplen
        self.need = 0
        return _LIKELY

    def _plausible(self, data: memoryview, pos: int) -> bool:
        """Whether a healthy file could have this header soon after the last good one; an empty packet is none."""
        caplen = octets.word32(data, pos + 8, self.big)
        if caplen == 0 or caplen > _MAX_PACKET or caplen > octets.word32(data, pos + 12, self.big):
            return False
        if (
            octets.word32(data, pos + 12, self.big) > _MAX_WIRE
            or octets.word32(data, pos + 4, self.big) * self.unit_ns >= _NS
        ):
            return False
        apart = octets.word32(data, pos, self.big) - self._last_s
        return self._last_s < 0 or -_RESYNC_S < apart < _RESYNC_S
