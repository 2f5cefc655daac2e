"""Reads one capture file: bytes come in from its source, batches of packets go out."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, Protocol

from tlscap.capture.batch import FRAME_BITS, Batch
from tlscap.capture.bytesource import FileSource
from tlscap.capture.capturefile import CaptureFile
from tlscap.capture.errors import CaptureError, NothingCaptured, printable
from tlscap.capture.identify import CONVERT, describe
from tlscap.capture.pcap import FILE_HEADER, MAGICS, PcapScanner
from tlscap.capture.pcapng import MAGIC, PcapngScanner
from tlscap.capture.pcapng_blocks import Section
from tlscap.capture.unpack import Unpacked, compression_of

if TYPE_CHECKING:
    from tlscap.capture.bpf import BatchFilter

READ_SIZE = 384 << 10
"""Bytes read at once: enough that what is done for each batch costs little, little enough to stay in the cache."""

SLACK = 64 << 10
"""Room in front of what is read for the packet that the last read cut; it grows when one does not fit."""

PEEK = 512
"""Bytes that tell what a file is."""


class Scanner(Protocol):
    """What finds packets in a buffer; see `PcapScanner`."""

    final: bool
    need: int
    damaged: bool
    packets: int
    size: int
    cut: int
    first_ns: int
    last_ns: int
    last_caplen: int

    def scan(self, batch: Batch, pos: int, end: int) -> int: ...
    def resync(self, data: memoryview, pos: int, end: int) -> int: ...


class Reader:
    """One capture file as batches.

    `fill` gives one batch after the other; `ended` says that there is no more. Raises CaptureError
    when made if the file is not there, and when identified or first filled if it is no capture.
    """

    def __init__(
        self,
        file: CaptureFile,
        index: int,
        *,
        filter: BatchFilter | None = None,
        follow: bool = False,
        stop: Callable[[], bool] | None = None,
        read_size: int = READ_SIZE,
    ) -> None:
        self.file = file
        self.source = FileSource(file.path, follow, stop)
        self.ended = False
        self._index = index
        self._filter = filter
        self._read_size = read_size
        self._bytes: FileSource | Unpacked = self.source
        self._scanner: Scanner | None = None
        self._section: Section | None = None
        self._buffer = bytearray(SLACK + read_size)
        self._view = memoryview(self._buffer)
        self._before = 0  # bytes of the file that lie before the buffer
        self._pos = 0  # the bytes from here to _end are read and not scanned
        self._end = 0
        self._damaged_from = -1  # offset in the file where it is damaged, while the next packet is looked for
        self._damaged_to = 0  # offset in the file up to which damage was met so far

    def fill(self, batch: Batch) -> None:
        """Puts the next packets into `batch`; none if it ended, or if there are none yet."""
        batch.count = 0
        if self._scanner is None and not self.identify():
            return
        scanner = self._scanner
        assert scanner is not None
        while not self.ended:
            if self._damaged_from >= 0:
                self._find_way(scanner)
            else:
                batch.data = self._view
                self._pos = scanner.scan(batch, self._pos, self._end)
                if batch.count:
                    self._count(scanner)
                    if self._filter is not None:
                        self.file.filtered += self._filter.apply(batch)
                    if batch.count:
                        return
                    continue
                if scanner.damaged:
                    self._lose_way(scanner)
                    continue
            if scanner.need and not self._read(scanner.need):
                if not self._bytes.ended:
                    return
                if scanner.final:
                    self._finish(scanner)
                scanner.final = True

    def identify(self) -> bool:
        """Finds out what the file is; False while too little of it is there."""
        if isinstance(self._bytes, FileSource):
            compression = compression_of(self.source.peek(6))
            if compression:
                self.file.compression = compression
                self._bytes = Unpacked(self.source, compression)
        while self._end < PEEK and self._read(PEEK):
            if self._end >= FILE_HEADER and self._is_capture():
                break
        if self._end < FILE_HEADER and not self._bytes.ended:
            return False
        self._begin()
        return True

    def close(self) -> None:
        """The counts are complete afterwards."""
        if self._scanner is not None:
            self._count(self._scanner)
        self.ended = True
        self.source.close()

    def _read(self, need: int) -> int:
        """Reads on after making room for `need` bytes from the current position; how many bytes came."""
        rest = self._end - self._pos
        room = max(need, rest) + self._read_size
        if room > len(self._buffer):
            grown = bytearray(room)
            grown[:rest] = self._view[self._pos : self._end]
            self._buffer, self._view = grown, memoryview(grown)
        elif self._pos:
            self._view[:rest] = self._view[self._pos : self._end]
        self._before += self._pos
        self._pos, self._end = 0, rest
        got = self._bytes.readinto(self._view[rest : rest + self._read_size])
        self._end += got
        return got

    def _is_capture(self) -> bool:
        magic = bytes(self._view[:4])
        return magic in MAGICS or magic == MAGIC

    def _begin(self) -> None:
        """Makes the scanner for what the file begins with."""
        path = printable(self.file.path)
        start = bytes(self._view[: min(self._end, PEEK)])
        if not self._is_capture() or len(start) < FILE_HEADER:
            kind = NothingCaptured if self._is_cut(start) else CaptureError
            raise kind(f"{path}: {self._why_not(start)}")
        if start[:4] == MAGIC:
            self.file.format = "pcapng"
            self._section = Section(self.file)
            self._scanner = PcapngScanner(self._section, self._index << FRAME_BITS)
            return
        order: Literal["big", "little"] = "big" if MAGICS[start[:4]][0] else "little"
        major, minor = int.from_bytes(start[4:6], order), int.from_bytes(start[6:8], order)
        if major != 2 or minor < 3:
            raise CaptureError(f"{path}: is a pcap of version {major}.{minor}, only 2.4 can be read; {CONVERT}")
        self.file.format = "pcap"
        self._scanner = PcapScanner(start[:FILE_HEADER], self._index << FRAME_BITS)
        self._pos = FILE_HEADER

    def _is_cut(self, start: bytes) -> bool:
        """Whether there is less than a capture's file header, and nothing else."""
        return len(start) < FILE_HEADER and any(start[:4] == magic[: len(start)] for magic in (*MAGICS, MAGIC))

    def _why_not(self, start: bytes) -> str:
        damage = self._bytes.damage if isinstance(self._bytes, Unpacked) else ""
        if damage:
            return f"nothing can be read: the {damage}"
        inside = f"holds, unpacked by {self.file.compression}, " if self.file.compression else "is "
        if not start:
            return inside + ("nothing" if self.file.compression else "empty: no packet was written to it")
        if self._is_cut(start):
            return "is cut inside its file header: there is no packet in it"
        looks = describe(start)
        return f"{inside}not a capture" + (f"; it looks like {looks}" if looks else "")

    def _lose_way(self, scanner: Scanner) -> None:
        """Notes the damage, and where to begin looking for the next packet.

        If the length of the packet before was wrong, that is inside of this packet; but no bytes are
        looked at twice, or a crafted file would have us read its packets over and over.
        """
        self._damaged_from = self._before + self._pos
        first = max(self._pos - scanner.last_caplen, self._damaged_to - self._before, 0)
        self._damaged_to = max(self._damaged_to, self._damaged_from + 1)
        self._pos = first if first < self._pos else self._pos + 1

    def _find_way(self, scanner: Scanner) -> None:
        """Looks for the next packet after damage."""
        self._pos = scanner.resync(self._view, self._pos, self._end)
        if not scanner.damaged:
            goes_on = f": packets go on at byte offset {self._before + self._pos}"
            self.file.note_damage(self._place("damaged", scanner, self._damaged_from) + goes_on)
            self._damaged_from = -1

    def _finish(self, scanner: Scanner) -> None:
        self.ended = True
        end = self._before + self._end
        broken = self._bytes.damage if isinstance(self._bytes, Unpacked) else ""
        reason = f"; the {broken}" if broken else ""
        if self._damaged_from >= 0:
            lost = f": the last {end - self._damaged_from} bytes cannot be read"
            self.file.note_damage(self._place("damaged", scanner, self._damaged_from) + lost + reason)
        elif self._end > self._pos or broken:
            self.file.note_damage(self._place("cut", scanner, self._before + self._pos) + reason)

    def _place(self, what: str, scanner: Scanner, offset: int) -> str:
        unpacked = " unpacked" if self.file.compression else ""
        return f"{what} after packet {scanner.packets},{unpacked} byte offset {offset}"

    def _count(self, scanner: Scanner) -> None:
        file = self.file
        file.packets, file.bytes, file.cut_by_snaplen = scanner.packets, scanner.size, scanner.cut
        if file.packets:
            file.first_ns, file.last_ns = scanner.first_ns, scanner.last_ns
        if isinstance(scanner, PcapScanner):
            file.link_types = {scanner.linktype: scanner.packets} if scanner.packets else {}
        elif isinstance(scanner, PcapngScanner) and self._section is not None:
            self._section.count_link_types(scanner)
