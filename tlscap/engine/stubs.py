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
from typing import Any

from tlscap.engine.certificate_store import CertificateStore
from tlscap.engine.connection import Connection
from tlscap.engine.limits import Limits
from tlscap.engine.profile import ClientProfile, ServerProfile

WHOLE = 16_384
"""Bytes that a connection takes which is not packed, because it holds ciphers of its own that decrypt it."""

OVERHEAD = 350
"""Bytes that a stub takes beside what is packed: its key, its place in the dictionary, object headers."""

_SHARED = frozenset((Limits, CertificateStore, ClientProfile, ServerProfile))
"""What many connections hold together and a stub refers to: settings, stores, interned profiles."""

_key = struct.Struct("=QQQQq").pack
_NO_HEADER = -15  # of zlib's: a raw stream with the largest window


class Stubs:
    """Connections by their key; the one that was put aside first is the first to go for good."""

    def __init__(self) -> None:
        self.bytes = 0  # about what all stubs take
        self._packed: dict[bytes, tuple[bytes, tuple[Any, ...]]] = {}
        self._model = b""  # what others are compressed against

    def __len__(self) -> int:
        return len(self._packed)

    def put(self, connection: Connection) -> None:
        """Packs a connection that no flow table holds."""
        key = _key(connection.a_hi, connection.a_lo, connection.b_hi, connection.b_lo, connection.ports)
        if connection.session.decryptor is not None:
            self._packed[key] = b"", (connection,)
            self.bytes += WHOLE
            return
        raw, shared = _pickled(connection)
        if not self._model:
            self._model = raw
        packer = zlib.compressobj(1, zlib.DEFLATED, _NO_HEADER, zdict=self._model)
        packed = packer.compress(raw) + packer.flush()
        self._packed[key] = packed, shared
        self.bytes += OVERHEAD + len(packed)

    def take(self, a_hi: int, a_lo: int, b_hi: int, b_lo: int, ports: int) -> Connection | None:
        """Takes the connection with this key out; None if there is none."""
        key = _key(a_hi, a_lo, b_hi, b_lo, ports)
        return self._unpacked(key) if key in self._packed else None

    def take_oldest(self) -> Connection:
        """Takes the connection out that was put aside first; there must be one."""
        return self._unpacked(next(iter(self._packed)))

    def _unpacked(self, key: bytes) -> Connection:
        packed, shared = self._packed.pop(key)
        if not packed:
            self.bytes -= WHOLE
            whole: Connection = shared[0]
            return whole
        self.bytes -= OVERHEAD + len(packed)
        unpacker = zlib.decompressobj(_NO_HEADER, zdict=self._model)
        return _unpickled(unpacker.decompress(packed), shared)


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


def _pickled(connection: Connection) -> tuple[bytes, tuple[Any, ...]]:
    out = io.BytesIO()
    pickler = _Pickler(out, 5)
    pickler.shared = []
    pickler.dump(connection)
    return out.getvalue(), tuple(pickler.shared)


def _unpickled(raw: bytes, shared: tuple[Any, ...]) -> Connection:
    global _at_hand
    _at_hand = shared
    try:
        connection: Connection = pickle.loads(raw)
    finally:
        _at_hand = ()
    return connection
