"""Packets that the capture holds twice: a second copy of one is known by what it is, and by when it comes.

An `any` device, a mirror of both directions or two captures put together give every packet again, alone
or a burst after the other, so what was seen last is not enough to compare with. Remembered is a mark of
each TCP packet of the last moments, in a table of fixed size: 63 bits that are made of its flow, its
numbers, flags, length and IP id. A retransmission has a new IP id. Where the id says nothing (IPv6, or 0),
the whole TCP header takes its place: window, checksum and timestamps tell a retransmission as well.

TTL, link layer and tunnels are left out: a mirror may stand on both sides of a router. Of datagrams that
are looked at, the payload is the mark: DTLS and QUIC number their records, and send none again as it was.
"""

from __future__ import annotations

from array import array

from tlscap import octets
from tlscap.engine.frame import Decoder

DUPLICATE_NS = 10_000_000
"""Two copies of one packet lie closer than this; TCP's timers are longer."""

SETS, WAYS = 1024, 4
"""Marks that are kept: a set is one line of the cache, and takes the place of its oldest. Of copies that come
a hundred packets later one in a quarter of a million is missed, of those a thousand later one in fifty. Where a
set is read, its WAYS stand as 4: what moves a known number of words is compiled to a few instructions."""

_DUPLICATE_NS = DUPLICATE_NS
_SET_MASK = SETS - 1
_SET_WORDS = 2 * WAYS
_WORD = 0xFFFFFFFFFFFFFFFF
_SIGNED = 0x7FFFFFFFFFFFFFFF
_MIX = 0x9E3779B97F4A7C15  # 2 ** 64 by the golden ratio


class Duplicates:
    """The packets of the last moments."""

    def __init__(self) -> None:
        self._words = array("q", bytes(8 * SETS * 2 * WAYS))  # of each set the marks, youngest first, then their times

    def is_copy(self, decoder: Decoder, key_hash: int, sender_end: int, ns: int) -> bool:
        """Whether the packet that `decoder` holds was seen within DUPLICATE_NS; if not, it is remembered.

        `key_hash` is its flow's, seeded so that no peer can aim at a mark.
        """
        mark = key_hash + sender_end
        numbers = decoder.seq  # unsigned: its highest bit may be shifted into the sign
        numbers = (numbers << 32) | decoder.ack
        mark = ((mark ^ numbers) * _MIX) & _WORD
        mark ^= mark >> 32
        mark = ((mark ^ (decoder.payload_wire << 8) ^ decoder.flags) * _MIX) & _WORD
        mark ^= mark >> 29
        ident = decoder.ip_id
        if ident > 0:
            mark = ((mark ^ ident) * _MIX) & _WORD
        else:
            mark = _with_header(decoder, mark)
        mark ^= mark >> 32
        return self.remembers(mark & _SIGNED, ns)

    def remembers(self, mark: int, ns: int) -> bool:
        """Whether a mark (63 bits) was seen within DUPLICATE_NS; if not, it is remembered."""
        first = (mark & _SET_MASK) * _SET_WORDS
        at = octets.place_of(self._words, first, first + 4, mark)
        if at >= 0 and -_DUPLICATE_NS < ns - self._words[at + 4] < _DUPLICATE_NS:
            return True
        octets.push_of_four(self._words, first, mark)
        octets.push_of_four(self._words, first + 4, ns)
        return False


def _with_header(decoder: Decoder, mark: int) -> int:
    """Mixes in the TCP header behind the ports, as far as it was captured."""
    at = decoder.at + 4
    end = decoder.payload_start
    while at + 4 <= end:
        word = octets.u32(decoder.data, at)
        mark = ((mark ^ word) * _MIX) & _WORD
        mark ^= mark >> 32
        at += 4
    return mark
