"""Which files a capture is made of: paths as they are, directories as the captures in them, lists of files."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable

from tlscap.capture.errors import CaptureError, printable
from tlscap.capture.pcap import MAGICS
from tlscap.capture.pcapng import MAGIC
from tlscap.capture.unpack import compression_of

MAX_LISTED = 1_000_000
"""Names that a list file may hold; more than a file system has captures, less than the frame ids can count."""


def expand(paths: Iterable[str]) -> list[str]:
    """`paths` with every directory replaced by the captures in it, by name; no file twice.

    Raises CaptureError for a directory without a capture in it.
    """
    files: list[str] = []
    seen: set[tuple[int, int]] = set()
    for path in paths:
        inside = captures_in(path) if path != "-" and os.path.isdir(path) else [path]
        if not inside:
            raise CaptureError(f"{printable(path)}: is a directory without a capture in it; name the captures")
        for file in inside:
            identity = _identity(file)
            if identity is None or identity not in seen:
                files.append(file)
            if identity is not None:
                seen.add(identity)
    return files


def captures_in(directory: str) -> list[str]:
    """The captures right in `directory`, told by their first bytes, in the order of the numbers in their names.

    A compressed file counts if its name says that it is a capture, as it costs too much to look into all.
    """
    try:
        with os.scandir(directory) as entries:
            names = sorted((entry.name for entry in entries if entry.is_file()), key=_natural)
    except OSError as error:
        raise CaptureError(f"{printable(directory)}: cannot be read: {error.strerror}") from None
    return [path for path in (os.path.join(directory, name) for name in names) if _looks_like_capture(path)]


def read_list(path: str) -> list[str]:
    """The paths in a list of files, one a line, as `tcpdump -V` takes it; "-" reads it from standard input.

    Empty lines are skipped. Raises CaptureError if it cannot be read or names no file.
    """
    try:
        with open(0 if path == "-" else path, "rb", closefd=path != "-") as file:
            lines = file.read(MAX_LISTED * 4096).split(b"\n")
    except OSError as error:
        raise CaptureError(f"{printable(path)}: the list of captures cannot be read: {error.strerror}") from None
    files = [os.fsdecode(line.rstrip(b"\r")) for line in lines if line.strip()]
    if not files:
        raise CaptureError(f"{printable(path)}: the list names no capture; put one path on a line")
    if any("\0" in file for file in files) or len(files) > MAX_LISTED:
        raise CaptureError(f"{printable(path)}: is no list of captures; put one path on a line")
    return files


def _looks_like_capture(path: str) -> bool:
    try:
        with open(path, "rb") as file:
            start = file.read(6)
    except OSError:
        return False
    if compression_of(start):
        return re.search(r"\.(pcap|pcapng|cap|dmp)", os.path.basename(path), re.IGNORECASE) is not None
    return start[:4] in MAGICS or start[:4] == MAGIC


def _identity(path: str) -> tuple[int, int] | None:
    """What tells two names of one regular file; None of what is no regular file, or not there."""
    if path == "-":
        return None
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return None
    return (status.st_dev, status.st_ino) if stat.S_ISREG(status.st_mode) else None


def _natural(name: str) -> list[tuple[int, str]]:
    """A sort key for which `lb.pcap2` comes before `lb.pcap10`, as tcpdump -C numbers them."""
    return [
        (int(part), "") if part.isdigit() and part.isascii() else (-1, part) for part in re.split(r"([0-9]+)", name)
    ]
