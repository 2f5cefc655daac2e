"""IP datagrams put together from their fragments (RFC 791 §3.2, RFC 8200 §4.5).

Where fragments overlap, the copy that came first is kept. A datagram that has been put together is
remembered for a moment, so that a capture that holds every packet twice does not begin it anew.
Fragments are rare, so this is plain Python.
"""

from __future__ import annotations

from itertools import islice

MAX_DATAGRAMS = 1024
"""Unfinished datagrams. Anyone can send first fragments for ever; beyond it the oldest is dropped."""

MAX_BYTES = 8 << 20
"""Bytes that wait in all of them; beyond it the oldest are dropped."""

MAX_PIECES = 128
"""Separate ranges of one datagram; 64 KB over the smallest MTU of IPv6 are 52 fragments."""

MAX_DATAGRAM = 65535
"""The largest datagram; what an offset puts beyond it is an attack as old as ping, and ignored."""

PATIENCE_NS = 30_000_000_000
"""How long a datagram waits for its rest, by the capture's clock: as long as Linux waits."""

FINISHED_NS = 1_000_000_000
"""How long copies of a finished datagram are ignored. A sender may use an IPv4 id again after 65,536
datagrams, which takes longer."""

Key = tuple[int, int, int, int, int, int]
"""Addresses in four halves, the datagram's id, and for IPv4 its protocol."""


class Fragments:
    """The datagrams that wait for fragments; `put` gives one back when it is whole."""

    def __init__(self) -> None:
        self._waiting: dict[Key, _Datagram] = {}  # in the order in which they began
        self._bytes = 0

    def put(self, key: Key, protocol: int, start: int, more: bool, data: bytes, ts_ns: int) -> tuple[int, bytes] | None:
        """Takes the fragment `data` at offset `start`; the protocol and the datagram, if that made it whole.

        `protocol` is what the fragment says follows; the first fragment's counts (RFC 8200 §4.5).
        """
        end = start + len(data)
        if end > MAX_DATAGRAM or not data or (more and len(data) % 8):
            return None
        self._forget(ts_ns)
        datagram = self._waiting.get(key)
        if datagram is not None and datagram.is_stale(ts_ns):
            self._drop(key)
            datagram = None
        if datagram is None:
            datagram = self._waiting[key] = _Datagram(ts_ns)
        if datagram.finished:
            return None
        self._bytes += datagram.add(start, data)
        if start == 0:
            datagram.protocol = protocol
        if not more and datagram.size < 0:
            datagram.size = end
        whole = datagram.whole()
        if whole is not None:
            self._drop(key)
            self._waiting[key] = finished = _Datagram(ts_ns)
            finished.finished = True
            return datagram.protocol, whole
        self._make_room()
        return None

    def _forget(self, now_ns: int) -> None:
        """Drops what waited too long; the oldest stand first, so it looks at no more than can come in."""
        stale = [key for key, datagram in islice(self._waiting.items(), 4) if datagram.is_stale(now_ns)]
        for key in stale:
            self._drop(key)

    def _make_room(self) -> None:
        while len(self._waiting) > MAX_DATAGRAMS or self._bytes > MAX_BYTES:
            self._drop(next(iter(self._waiting)))

    def _drop(self, key: Key) -> None:
        self._bytes -= self._waiting.pop(key).held


class _Datagram:
    """What has come of one datagram: pieces that neither overlap nor touch, by offset."""

    __slots__ = ("began_ns", "finished", "held", "pieces", "protocol", "size")

    def __init__(self, began_ns: int) -> None:
        self.began_ns = began_ns
        self.pieces: list[tuple[int, bytes]] = []
        self.held = 0
        self.protocol = -1
        self.size = -1  # known once the last fragment came
        self.finished = False

    def is_stale(self, now_ns: int) -> bool:
        return now_ns - self.began_ns > (FINISHED_NS if self.finished else PATIENCE_NS)

    def add(self, start: int, data: bytes) -> int:
        """Keeps the bytes that are new; gives how many."""
        if len(self.pieces) >= MAX_PIECES:
            return 0
        before = self.held
        end = start + len(data)
        fresh: list[tuple[int, bytes]] = []
        at = start
        for known, piece in self.pieces:
            if at < known and at < end:
                fresh.append((at, data[at - start : min(known, end) - start]))
            at = max(at, known + len(piece))
        if at < end:
            fresh.append((at, data[at - start :]))
        self.pieces = sorted(self.pieces + fresh)
        self.held = sum(len(piece) for _, piece in self.pieces)
        return self.held - before

    def whole(self) -> bytes | None:
        """The datagram, if its first and last fragment and all in between have come."""
        if self.size < 0 or self.protocol < 0 or self.held < self.size:
            return None
        at = 0
        for start, piece in self.pieces:
            if at >= self.size:
                break
            if start > at:
                return None
            at = start + len(piece)
        return b"".join(piece for _, piece in self.pieces)[: self.size]
