"""Opens a path or standard input and gives its bytes as they come."""

from __future__ import annotations

import errno
import io
import os
import select
import stat
import sys
import time
from collections.abc import Callable
from typing import Protocol

from tlscap.capture.errors import CaptureError, printable

POLL_S = 0.25
"""Seconds to wait for bytes of a file that grows, or of a pipe, before the caller gets a say."""


class ByteSource(Protocol):
    """`readinto` gives what is there; 0 once there is no more (`ended`), or not yet."""

    ended: bool

    def readinto(self, room: memoryview) -> int: ...


class FileSource:
    """The bytes of a file, a pipe, or standard input ("-").

    With `follow` the end of a regular file is not the end; `stop`, asked at every wait, makes it one,
    of a pipe too. Raises CaptureError if the path cannot be opened.
    """

    def __init__(self, path: str, follow: bool = False, stop: Callable[[], bool] | None = None) -> None:
        self.path = path
        self.follow = follow
        self.ended = False
        self.position = 0  # bytes read so far
        self._stop = stop
        self._file = _open(path)
        self._peeked = b""
        self.regular = stat.S_ISREG(os.fstat(self._file.fileno()).st_mode)

    @property
    def size(self) -> int:
        """Bytes in all, as far as it is known; 0 of a pipe."""
        return os.fstat(self._file.fileno()).st_size if self.regular else 0

    def peek(self, count: int) -> bytes:
        """The next `count` bytes, fewer if they are not there (yet); they stay unread."""
        while len(self._peeked) < count:
            room = bytearray(count - len(self._peeked))
            got = self._read(memoryview(room))
            self._peeked += room[:got]
            if not got:
                break
        return self._peeked[:count]

    def readinto(self, room: memoryview) -> int:
        if self._peeked:
            taken = min(len(self._peeked), len(room))
            room[:taken] = self._peeked[:taken]
            self._peeked = self._peeked[taken:]
            return taken
        return self._read(room)

    def close(self) -> None:
        self._file.close()

    def _read(self, room: memoryview) -> int:
        if not self.regular and (self.follow or self._stop) and not self._readable():
            return 0
        try:
            got = self._file.readinto(room) or 0
        except OSError as error:
            raise CaptureError(f"{printable(self.path)}: cannot be read: {error.strerror}") from None
        self.position += got
        if not got:
            self._at_end()
        return got

    def _readable(self) -> bool:
        """Whether a read of a pipe would not wait."""
        if select.select([self._file], [], [], POLL_S)[0]:
            return True
        self.ended = self._stop is not None and self._stop()
        return False

    def _at_end(self) -> None:
        if not self.regular or not self.follow or (self._stop is not None and self._stop()):
            self.ended = True
        else:
            time.sleep(POLL_S)


def _open(path: str) -> io.FileIO:
    try:
        if path == "-":
            if sys.stdin is not None and sys.stdin.isatty():
                raise CaptureError("standard input is a terminal: pipe a capture into it, with `tcpdump -U -w -`")
            return io.FileIO(0, closefd=False)
        return io.FileIO(path)
    except OSError as error:
        raise CaptureError(f"{printable(path)}: {_advice(error)}") from None
    except ValueError:  # a NUL in the name
        raise CaptureError(f"{printable(path)}: no such file") from None


def _advice(error: OSError) -> str:
    if error.errno == errno.ENOENT:
        return "no such file; check the name"
    if error.errno == errno.EACCES:
        return "no permission to read it; ask its owner, or run as a user that may"
    if error.errno == errno.EISDIR:
        return "is a directory; name captures in it"
    if error.errno in (errno.EMFILE, errno.ENFILE):
        return "too many open files: too many captures overlap in time; analyze fewer at once, or raise `ulimit -n`"
    return f"cannot be opened: {error.strerror}"
