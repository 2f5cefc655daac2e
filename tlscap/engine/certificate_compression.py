"""Compressed Certificate messages (RFC 8879), unpacked to no more than a chain can need.

The peer chooses what it sends, and some kilobytes can unpack to gigabytes: every algorithm is asked for
at most the length that the message announces, and a message that announces more than the limit is not
unpacked at all.
"""

from __future__ import annotations

import sys
import zlib
from collections.abc import Callable

from tlscap.engine.certificates import Chain, parse_certificate

MAX_UNPACKED = 524_288
"""Bytes that a chain may unpack to: as much as a Certificate message may have uncompressed."""

MAX_WINDOW_LOG = 23
"""Zstandard may look back 8 MiB, and so has to keep them: what RFC 8878 §3.1.1.1.2 asks every decoder for."""

_HEAD = 8  # algorithm, uncompressed_length, length of compressed_certificate_message


def parse_compressed_certificate(body: bytes) -> Chain:
    """Takes the body of a CompressedCertificate message apart; what is in it is TLS 1.3's Certificate."""
    if len(body) < _HEAD:
        return Chain((), "the compressed certificate ends within its lengths")
    announced = int.from_bytes(body[2:5])
    packed = body[_HEAD:]
    if int.from_bytes(body[5:8]) != len(packed):
        return Chain((), "the compressed certificate does not have the length that it says")
    if announced > MAX_UNPACKED:
        return Chain((), f"the compressed certificate would unpack to {announced} bytes and was not read")
    unpack = _ALGORITHMS.get(int.from_bytes(body[:2]))
    if unpack is None:
        return Chain((), f"the certificate is compressed with algorithm {int.from_bytes(body[:2])}, which is not known")
    try:
        unpacked = unpack(packed, announced)
    except ModuleNotFoundError as missing:
        return Chain((), f"the certificate is compressed, and the library to unpack it, {missing.name}, is not there")
    except Exception:  # each library has its own errors for bytes that it did not pack
        return Chain((), "the compressed certificate cannot be unpacked")
    if len(unpacked) != announced:
        return Chain((), "the compressed certificate does not unpack to the length that it says")
    return parse_certificate(unpacked, tls13=True)


def _zlib(packed: bytes, size: int) -> bytes:
    return zlib.decompressobj().decompress(packed, size + 1)


def _brotli(packed: bytes, size: int) -> bytes:
    import brotli

    unpacked: bytes = brotli.Decompressor().process(packed, output_buffer_limit=size + 1)
    return unpacked


def _zstd(packed: bytes, size: int) -> bytes:
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd

    options: dict[int, int] = {zstd.DecompressionParameter.window_log_max: MAX_WINDOW_LOG}
    unpacked: bytes = zstd.ZstdDecompressor(options=options).decompress(packed, max_length=size + 1)
    return unpacked


_ALGORITHMS: dict[int, Callable[[bytes, int], bytes]] = {1: _zlib, 2: _brotli, 3: _zstd}
"""IANA's TLS Certificate Compression Algorithm IDs."""
