"""Idle connections that had to leave the flow table: packed as they stand, until their next packet.

Too many open connections is no reason to forget one: its row would be cut in two. What is evicted leaves a
stub, its whole state (facts, roles, cipher, place in the stream, half a message), pickled and compressed
against the first one that was: about a kilobyte in place of four. A stub that is taken out goes on as if it
had never been away. Only this program's own objects are pickled, and only in memory.

Evictions are rare, so this is plain Python.
"""

from __future__ import annotations

import io
import pickle
import struct
import zlib
from array import array
from typing import Any, Generic, TypeVar

from tlscap.engine.certificate_store import CertificateStore
from tlscap.engine.connection import Connection
from tlscap.engine.dtls import Association
from tlscap.engine.held import Held
from tlscap.engine.limits import Limits
from tlscap.engine.profile import ClientProfile, ServerProfile

WHOLE = 16_384
"""Bytes that a connection takes which is not packed, because it holds ciphers of its own that decrypt it, beside
what it holds of bytes that cannot be read yet."""

OVERHEAD = 350
"""Bytes that a stub takes beside what is packed: its key, its place in the dictionary, object headers."""

_SHARED = frozenset((Limits, CertificateStore, Held, ClientProfile, ServerProfile))
"""What many connections hold together and a stub refers to: settings, stores, interned profiles."""

_NO_HEADER = -15  # of zlib's: a raw stream with the largest window


Holder = Connection | Association


key_of = struct.Struct("=QQQQq").pack
"""The key of a TCP connection: its two addresses in halves, and its ports."""

H = TypeVar("H", Connection, Association)


class Stubs(Generic[H]):
    """Connections by their key; the one that was put aside first is the first to go for good.

    What a stub holds of bytes that cannot be read yet counts as the stub's, not as `Held`.
    """

    def __init__(self) -> None:
        self.bytes = 0  # about what all stubs take
        self._packed: dict[bytes, tuple[bytes, tuple[Any, ...]]] = {}
        self._model = b""  # what others are compressed against

    def __len__(self) -> int:
        return len(self._packed)

    def put(self, key: bytes, holder: H, *, whole: bool = False) -> None:
        """Packs what nobody else holds; `whole`, only puts it aside."""
        held = holder.held_bytes()
        holder.held.bytes -= held
        if whole:
            self._packed[key] = b"", (holder,)
            self.bytes += WHOLE + held
            return
        raw, shared = _pickled(holder)
        if not self._model:
            self._model = raw
        packer = zlib.compressobj(1, zlib.DEFLATED, _NO_HEADER, zdict=self._model)
        packed = packer.compress(raw) + packer.flush()
        self._packed[key] = packed, shared
        self.bytes += OVERHEAD + len(packed)

    def take(self, key: bytes) -> H | None:
        """Takes what was put at `key` out; None if there is nothing."""
        return self._unpacked(key) if key in self._packed else None

    def take_oldest(self) -> H:
        """Takes what was put aside first out; there must be something."""
        return self._unpacked(next(iter(self._packed)))

    def _unpacked(self, key: bytes) -> H:
        packed, shared = self._packed.pop(key)
        if packed:
            self.bytes -= OVERHEAD + len(packed)
            unpacker = zlib.decompressobj(_NO_HEADER, zdict=self._model)
            holder: H = _unpickled(unpacker.decompress(packed), shared)
            held = holder.held_bytes()
        else:
            holder = shared[0]
            held = holder.held_bytes()
            self.bytes -= WHOLE + held
        holder.held.bytes += held
        return holder


class _Pickler(pickle.Pickler):
    """Leaves out what is shared; `shared` gathers it."""

    shared: list[Any]

    def reducer_override(self, value: Any) -> Any:
        kind = type(value)
        if kind in _SHARED:
            self.shared.append(value)
            return _shared, (len(self.shared) - 1,)
        if kind.__name__ in ("memoryview", "_memoryviewslice"):  # how compiled code holds an array of 64-bit numbers
            return array, ("q", bytes(value))
        return NotImplemented


_at_hand: tuple[Any, ...] = ()
"""What the stub that is being unpacked shares with others."""


def _shared(place: int) -> Any:
    return _at_hand[place]


def _pickled(holder: Holder) -> tuple[bytes, tuple[Any, ...]]:
    out = io.BytesIO()
    pickler = _Pickler(out, 5)
    pickler.shared = []
    pickler.dump(holder)
    return out.getvalue(), tuple(pickler.shared)


def _unpickled(raw: bytes, shared: tuple[Any, ...]) -> Any:
    global _at_hand
    _at_hand = shared
    try:
        return pickle.loads(raw)
    finally:
        _at_hand = ()
