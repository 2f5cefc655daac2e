"""Bytes made of what is held in another form.

Compiled, these are the functions of `octets.pxd`, which Cython builds into every module that cimports
it: they are called for every hello, and what Cython makes of `bytes(data[start:end])` takes forty times as
long. They are the engine's only code that sees a pointer, and each checks its offsets first. Import the
module, not its names: a name that is cimported cannot be imported as well.
"""

from __future__ import annotations


def copied(data: memoryview, start: int, end: int) -> bytes:
    """What `data[start:end]` holds; IndexError if that is not inside of `data`."""
    if start < 0 or end > len(data):
        raise IndexError(f"{start} to {end} of {len(data)} bytes")
    return bytes(data[start:end])


def part(body: bytes, start: int, end: int) -> bytes:
    """What `body[start:end]` holds, less where it ends before; IndexError if `start` is negative."""
    if start < 0:
        raise IndexError(f"{start} to {end}")
    return body[start:end]


def blank(size: int) -> bytearray:
    """So many zeros."""
    if size < 0:
        raise IndexError(f"{size} bytes")
    return bytearray(size)


def head(cells: bytearray, count: int) -> bytes:
    """The first `count` bytes of `cells`; IndexError if it has not so many."""
    if count < 0 or count > len(cells):
        raise IndexError(f"{count} bytes are more than there are")
    return bytes(cells[:count])


def put(cells: bytearray, at: int, body: bytes, start: int, count: int) -> None:
    """Copies `count` bytes of `body` from `start` on into `cells` at `at`; IndexError if one is not that long."""
    if count <= 0:
        return
    if at < 0 or at > len(cells) - count or start < 0 or start > len(body) - count:
        raise IndexError(f"{count} bytes from {start} to {at}")
    cells[at : at + count] = body[start : start + count]


def address(high: int, low: int, size: int) -> bytes:
    """The last `size` of the 16 bytes of two 64-bit numbers, which is how an IP address is held."""
    if size < 0 or size > 16:
        raise IndexError(f"{size} of 16 bytes")
    return ((high << 64) | low).to_bytes(16, "big")[16 - size :]
