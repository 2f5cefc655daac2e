"""The blocks of pcapng that are not packets: sections, interfaces, statistics, secrets; comments anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from tlscap.capture.capturefile import CaptureFile
from tlscap.capture.pcapng import INTERFACE, MAX_INTERFACES, SECRETS, SECTION, STATISTICS, PcapngScanner

COMMENT = 1
IF_TSRESOL, IF_TSOFFSET = 9, 14
ISB_IFDROP, ISB_OSDROP = 5, 7
TLS_KEY_LOG = 0x544C534B

MAX_NOTES = 20
"""Oddities of blocks that get a sentence each, so that they leave room for those on where a file is damaged."""

MAX_OFFSET_S = 1 << 33
"""Seconds of if_tsoffset, either way: beyond it the sums would not be instants."""


class Section:
    """What the blocks of a section say of its interfaces, and what they tell of the file as a whole."""

    def __init__(self, file: CaptureFile) -> None:
        self._file = file
        self._big = False
        self._notes = 0
        self._timeless = 0
        self._drops: dict[int, int] = {}  # interface: packets lost by its latest statistics, or by its packets' counts
        self._drops_before = 0  # of the sections before
        self._stated: set[int] = set()  # interfaces that have statistics

    def block(self, scanner: PcapngScanner, kind: int, body: bytes) -> None:
        """One block without its frame of type and lengths; unknown ones, and names, are skipped."""
        if kind == SECTION:
            self._begin(scanner, body)
        elif kind == INTERFACE and len(body) >= 8:
            self._interface(scanner, body)
        elif kind == STATISTICS and len(body) >= 12:
            self._statistics(body)
        elif kind == SECRETS and len(body) >= 8:
            if self._int(body[:4]) == TLS_KEY_LOG:
                self._file.note_secrets(body[8 : 8 + self._int(body[4:8])])

    def note(self, packets: int, oddity: str) -> None:
        """Something that cannot be stands after so many packets."""
        self._notes += 1
        if self._notes <= MAX_NOTES:
            self._file.note_damage(f"{oddity}, after packet {packets}")

    def timeless(self) -> None:
        """A packet without a time was met."""
        self._timeless += 1
        if self._timeless == 1:
            self._file.note_damage("simple packet blocks carry no time: their packets have that of the packet before")

    def comment(self, frame: int, text: bytes) -> None:
        self._file.note_comment(frame, text)

    def lost(self, interface: int, packets: int) -> None:
        """So many packets were lost just before this one; an interface's statistics know better."""
        if interface not in self._stated:
            self._drops[interface] = self._drops.get(interface, 0) + packets
            self._tell_drops()

    def count_link_types(self, scanner: PcapngScanner) -> None:
        """Adds what came from the section's interfaces since the last time to the file's counts by link type."""
        for i in range(scanner.interfaces):
            link_type, count = scanner.linktype(i), scanner.take_count(i)
            self._file.link_types[link_type] = self._file.link_types.get(link_type, 0) + count

    def _begin(self, scanner: PcapngScanner, body: bytes) -> None:
        """§4.1"""
        self._big = scanner.big
        self.count_link_types(scanner)
        scanner.forget_interfaces()
        self._drops_before += sum(self._drops.values())
        self._drops, self._stated = {}, set()
        self._keep_comments(body[16:])

    def _interface(self, scanner: PcapngScanner, body: bytes) -> None:
        """§4.2"""
        if scanner.interfaces >= MAX_INTERFACES:
            self.note(scanner.packets, "more interfaces than can be")
            return
        unit, offset = 6, 0
        for code, value in self._options(body[8:]):
            if code == IF_TSRESOL and len(value) >= 1:
                unit = value[0]
            elif code == IF_TSOFFSET and len(value) == 8:
                offset = int.from_bytes(value, self._order(), signed=True)
        ticks, coarsen = self._resolution(scanner, unit)
        if not -MAX_OFFSET_S < offset < MAX_OFFSET_S:
            self.note(scanner.packets, f"an interface whose time is off by {offset} seconds")
            offset = 0
        self._keep_comments(body[8:])
        scanner.add_interface(self._int(body[:2]), self._int(body[4:8]), ticks, coarsen, offset)

    def _resolution(self, scanner: PcapngScanner, unit: int) -> tuple[int, int]:
        """if_tsresol as (ticks, coarsen), see `PcapngScanner.add_interface`: what is finer than 2**-33 s is cut off."""
        exponent = unit & 0x7F
        if unit & 0x80 and exponent <= 62:
            return 1 << min(exponent, 33), 1 << max(exponent - 33, 0)
        if exponent <= 18 and not unit & 0x80:
            return int(10 ** min(exponent, 9)), int(10 ** max(exponent - 9, 0))
        base = 2 if unit & 0x80 else 10
        self.note(scanner.packets, f"an interface that counts time in units of {base}**-{exponent} seconds")
        return 1_000_000, 1

    def _statistics(self, body: bytes) -> None:
        """§4.6: the counts are since the capture's start, so that an interface's latest block holds."""
        drops = [
            int.from_bytes(value, self._order())
            for code, value in self._options(body[12:])
            if code in (ISB_IFDROP, ISB_OSDROP) and len(value) == 8
        ]
        if drops:
            interface = self._int(body[:4])
            if len(self._stated) < MAX_INTERFACES:
                self._stated.add(interface)
                self._drops[interface] = sum(drops)
                self._tell_drops()
        self._keep_comments(body[12:])

    def _tell_drops(self) -> None:
        self._file.kernel_dropped = self._drops_before + sum(self._drops.values())

    def _keep_comments(self, options: bytes) -> None:
        for code, value in self._options(options):
            if code == COMMENT:
                self._file.note_comment(0, value)

    def _options(self, body: bytes) -> Iterator[tuple[int, bytes]]:
        """§3.5"""
        pos = 0
        while len(body) - pos >= 4:
            code, length = self._int(body[pos : pos + 2]), self._int(body[pos + 2 : pos + 4])
            if code == 0 or length > len(body) - pos - 4:
                return
            yield code, body[pos + 4 : pos + 4 + length]
            pos += 4 + ((length + 3) & ~3)

    def _int(self, word: bytes) -> int:
        return int.from_bytes(word, self._order())

    def _order(self) -> Literal["big", "little"]:
        return "big" if self._big else "little"
