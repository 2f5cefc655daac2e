"""Bytes out of a buffer, as an object of their own.

Compiled, these are the functions of `octets.pxd`, which Cython builds into every module that cimports
it: they are called for every hello, and what Cython makes of `bytes(data[start:end])` takes forty times as long.
Import the module, not its names: a name that is cimported cannot be imported as well.
"""

from __future__ import annotations


def copied(data: memoryview, start: int, end: int) -> bytes:
    """What `data[start:end]` holds; IndexError if that is not inside of `data`."""
    if start < 0 or end > len(data):
        raise IndexError(f"{start} to {end} of {len(data)} bytes")
    return bytes(data[start:end])
