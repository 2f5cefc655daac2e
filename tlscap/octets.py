"""Numbers and bytes read from buffers, and bytes made of what is held in another form.

Compiled, these are the functions of `octets.pxd`, which Cython builds into every module that cimports
it: they are called for every packet or hello, and what Cython makes of `bytes(data[start:end])` takes forty times as
long. They are the only code of capture and engine that sees a pointer, and each checks its offsets first. Import the
module, not its names: a name that is cimported cannot be imported as well.
"""

from __future__ import annotations

from array import array


def u16(data: memoryview, at: int) -> int:
    """The big-endian 16-bit number at `at`, 0 where `data` does not hold all of it: one check for both bytes."""
    return int.from_bytes(data[at : at + 2]) if 0 <= at <= len(data) - 2 else 0


def u32(data: memoryview, at: int) -> int:
    """The same of 32 bits."""
    return int.from_bytes(data[at : at + 4]) if 0 <= at <= len(data) - 4 else 0


def u64(data: memoryview, at: int) -> int:
    """The same of 64 bits."""
    return int.from_bytes(data[at : at + 8]) if 0 <= at <= len(data) - 8 else 0


def word16(data: memoryview, at: int, big: bool) -> int:
    """As `u16`, of either byte order."""
    return int.from_bytes(data[at : at + 2], "big" if big else "little") if 0 <= at <= len(data) - 2 else 0


def word32(data: memoryview, at: int, big: bool) -> int:
    """As `u32`, of either byte order."""
    return int.from_bytes(data[at : at + 4], "big" if big else "little") if 0 <= at <= len(data) - 4 else 0


def u16_in(body: bytes, at: int) -> int:
    """As `u16`, of a message that was copied."""
    return int.from_bytes(body[at : at + 2]) if 0 <= at <= len(body) - 2 else 0


def u64_in(body: bytes, at: int) -> int:
    """As `u64`, of a message that was copied."""
    return int.from_bytes(body[at : at + 8]) if 0 <= at <= len(body) - 8 else 0


def same(body: bytes, other: bytes, start: int, end: int) -> bool:
    """Whether both hold all of `[start:end]`, and the same there."""
    return start >= 0 and end <= len(body) and end <= len(other) and body[start:end] == other[start:end]


def place_of(words: array[int], start: int, end: int, word: int) -> int:
    """Where `word` stands first in `words[start:end]`, -1 if it does not or that is not inside of `words`."""
    if start < 0 or end > len(words):
        return -1
    return next((at for at in range(start, end) if words[at] == word), -1)


def push_of_four(words: array[int], start: int, word: int) -> bool:
    """Moves four words at `start` on by one place, the last one out, and puts `word` before; if they are there."""
    if start < 0 or start > len(words) - 4:
        return False
    words[start + 1 : start + 4] = words[start : start + 3]
    words[start] = word
    return True


def words(count: int) -> memoryview[int]:
    """`count` words, all 0, in a buffer of their own."""
    return memoryview(blank(8 * count)).cast("q")


def copy_words(target: memoryview[int], at: int, source: memoryview[int], count: int) -> None:
    """Copies the first `count` words of `source` into `target` at `at`; IndexError if one is not that long."""
    if count <= 0:
        return
    if at < 0 or at > len(target) - count or count > len(source):
        raise IndexError(f"{count} words to {at}")
    target[at : at + count] = source[:count]


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


def begins_with(cells: bytearray, start: bytes, count: int) -> bool:
    """Whether the first `count` bytes of `cells` are `start`, no more and no less."""
    return 0 <= count <= len(cells) and cells[:count] == start


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
