"""Compressed captures: the decoders, told apart by their first bytes, and one reader for all of them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, Protocol

from tlscap.capture.bytesource import ByteSource

INPUT = 1 << 16
"""Compressed bytes read at once."""

STEP = 1 << 15
"""Bytes unpacked at once: what a corrupt stream can cost before its corrupt place, but for gzip, which costs none."""

MAX_XZ_MEMORY = 256 << 20
"""Bytes that an xz stream may ask for; `xz -9` needs 65 MiB, and a crafted one would ask for 4 GiB."""


class Decoder(Protocol):
    """One compressed stream, with the protocol of lzma and bz2."""

    @property
    def needs_input(self) -> bool: ...
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


class GzipDecoder:
    """zlib with the protocol of the others; every byte before a corrupt place is given."""

    def __init__(self) -> None:
        import zlib

        self._zlib = zlib
        self._stream = zlib.decompressobj(wbits=31)
        self._rest = b""
        self._holds_output = False
        self._error = ""  # its text: an exception would hold this stream, and all that reads it, in a cycle

    @property
    def needs_input(self) -> bool:
        return not self._rest and not self._holds_output and not self._error

    @property
    def eof(self) -> bool:
        return self._stream.eof

    @property
    def unused_data(self) -> bytes:
        return self._stream.unused_data

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        if self._error:
            raise self._zlib.error(self._error)
        data = self._rest + data
        before = self._stream.copy()
        try:
            out = self._stream.decompress(data, max_length)
        except self._zlib.error as error:
            self._error = str(error)
            out = self._up_to_error(before, data, max_length)
            if not out:
                raise
            return out
        self._holds_output = len(out) == max_length
        self._rest = self._stream.unconsumed_tail
        return out

    def _up_to_error(self, stream: Any, data: bytes, max_length: int) -> bytes:
        """zlib drops what it unpacked in a call that fails, so the bytes are given to it one by one."""
        out = b""
        try:
            for i in range(len(data)):
                out += stream.decompress(data[i : i + 1], max_length - len(out))
                if len(out) == max_length:
                    break
        except self._zlib.error:
            pass
        return out


def _xz() -> Decoder:
    import lzma

    return lzma.LZMADecompressor(memlimit=MAX_XZ_MEMORY)


def _bzip2() -> Decoder:
    import bz2

    return bz2.BZ2Decompressor()


def _zstd() -> Decoder:
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd

    return zstd.ZstdDecompressor()


def _lz4() -> Decoder:
    import lz4.frame

    decoder: Decoder = lz4.frame.LZ4FrameDecompressor()
    return decoder


FORMATS: dict[bytes, tuple[str, Callable[[], Decoder]]] = {
    b"\x1f\x8b": ("gzip", GzipDecoder),
    b"\x28\xb5\x2f\xfd": ("zstd", _zstd),
    b"\xfd7zXZ\x00": ("xz", _xz),
    b"\x04\x22\x4d\x18": ("lz4", _lz4),
    b"BZh": ("bzip2", _bzip2),
}


def compression_of(start: bytes) -> str:
    """The name of the compression of a file that begins so, or "" if it is none that is known."""
    return next((name for magic, (name, _) in FORMATS.items() if start.startswith(magic)), "")


class Unpacked:
    """What the compressed streams in `packed`, one after the other, unpack to.

    A stream that is corrupt ends it, and `damage` says so in words that follow "the".
    """

    def __init__(self, packed: ByteSource, compression: str) -> None:
        self.compression = compression
        self.damage = ""
        self._packed = packed
        self._new_decoder = next(new for name, new in FORMATS.values() if name == compression)
        self._decoder = self._new_decoder()
        self._unpacked = 0
        self._fresh = False  # nothing was given to the decoder yet, so that ending here is no loss
        self._over = False

    @property
    def ended(self) -> bool:
        return self._over

    def readinto(self, room: memoryview) -> int:
        step = len(room) if self.compression == "gzip" else min(len(room), STEP)
        while not self._over:
            data = b""
            if self._decoder.eof:
                data = self._decoder.unused_data
                self._decoder = self._new_decoder()
                self._fresh = True
            if not data and self._decoder.needs_input:
                data = self._more()
                if not data:
                    return 0
            if self._fresh:
                data = data.lstrip(b"\0")  # padding between or after streams
                if not data:
                    continue
            out = self._decode(data, step)
            if out:
                room[: len(out)] = out
                self._unpacked += len(out)
                return len(out)
        return 0

    def _decode(self, data: bytes, step: int) -> bytes:
        try:
            out = self._decoder.decompress(data, step)
        except Exception as error:  # each library has its own, and lz4 raises RuntimeError
            what = "is followed by something else" if self._fresh else f"is corrupt ({error})"
            self.damage = f"{self.compression} stream {what} after {self._unpacked} unpacked bytes"
            self._over = True
            return b""
        self._fresh = False
        return out

    def _more(self) -> bytes:
        """The next compressed bytes; none for now, or for good."""
        buffer = bytearray(INPUT)
        got = self._packed.readinto(memoryview(buffer))
        if not got and self._packed.ended:
            self._over = True
            if not self._fresh:
                self.damage = f"{self.compression} stream ends early, after {self._unpacked} unpacked bytes"
        return bytes(buffer[:got])
