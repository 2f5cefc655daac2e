"""Several capture files as one capture in time order.

Files are begun in the order of their first packets. As long as a file's packets are older than all
that is still to come, its batches are handed on as they are: the usual case, a rotated set, costs
nothing. Where files overlap, as those of two capture points do, their packets are merged one by one.
Within a file packets keep their order, also where their times go back.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from types import TracebackType
from typing import TYPE_CHECKING

from tlscap.capture.batch import Batch
from tlscap.capture.capturefile import CaptureFile
from tlscap.capture.errors import CaptureError, NothingCaptured
from tlscap.capture.fileset import expand
from tlscap.capture.merge import Merged
from tlscap.capture.reader import READ_SIZE, Reader

if TYPE_CHECKING:
    from tlscap.capture.bpf import BatchFilter

MERGE_READ = 32 << 10
"""Bytes read at once of a file that overlaps others, as any number of them may be open at a time."""

MERGE_PACKETS = 512

POLLS_PER_LOOK = 4
"""Waits of a quarter of a second between two looks into a directory for new captures."""

_LAST = (1 << 63) - 1
_NOTHING = -1
_NO_BATCH = Batch(0)


def open_capture(
    paths: Sequence[str],
    *,
    filter: str | None = None,
    follow: bool = False,
    stop: Callable[[], bool] | None = None,
) -> Capture:
    """The files `paths` as one capture in time order, to be iterated once; see `Capture`.

    "-" is standard input, a directory is the captures in it. `filter` is a BPF expression. `follow`
    waits for more when the last file ends. `stop`, asked often, ends the capture when it says so.
    Raises CaptureError for what is not there, not a capture, or no filter.
    """
    return Capture(paths, filter=filter, follow=follow, stop=stop)


class Capture:
    """Batches of packets, each good until the next is asked for; a context manager.

    `files` tells by file index what each file held and lost; complete at the end. Only the last file is
    followed; new captures in a directory that was named are taken up, and while there is nothing
    an empty batch comes every quarter of a second, so that the caller can act on time.
    """

    def __init__(
        self,
        paths: Sequence[str],
        *,
        filter: str | None = None,
        follow: bool = False,
        stop: Callable[[], bool] | None = None,
    ) -> None:
        self._paths = list(paths)
        self._filter = _compiled(filter) if filter else None
        self._follow = follow
        self._stop = stop
        self._merged = Merged()
        self._active: list[Part] = []  # those with packets to hand on
        self._waiting: list[Part] = []  # those that have no packets yet: a pipe, or the one that is followed
        self._polls = 0
        self.files: list[CaptureFile] = []
        self.secrets: list[bytes] = []  # TLS key logs that were in the files so far, in the order in which they came
        self._pending: list[Part] = []  # those to begin, the earliest first
        names = expand(paths)
        if not names:
            raise CaptureError("no capture was named")
        if len(names) == 1:
            self._open_only(names[0])
        else:
            self._open_several(names)

    @property
    def size(self) -> int:
        """Bytes of all files as they lie on the disk; 0 if that cannot be told, as of a pipe."""
        sizes = [part.size() for part in self._parts]
        return sum(sizes) if all(sizes) else 0

    @property
    def position(self) -> int:
        """How many of these bytes were read; for a progress bar."""
        return sum(part.position for part in self._parts)

    def __enter__(self) -> Capture:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __iter__(self) -> Iterator[Batch]:
        try:
            while not (self._stop and self._stop()):
                for part in [part for part in self._active if part.next >= part.batch.count]:
                    self._active.remove(part)
                    self._advance(part)
                # What a pipe gives next, or a file whose successor is there, comes before all that is known.
                due = [part for part in self._waiting if not part.is_followed]
                if due:
                    yield from self._await(due)
                elif self._active:
                    yield self._next_batch()
                elif self._pending:
                    self._begin(self._pending.pop(0))
                elif self._waiting:
                    followed = list(self._waiting)
                    yield from self._await(followed)
                    if self._waiting == followed:
                        self._take_up_new_files()
                else:
                    return
        finally:
            self.close()

    def close(self) -> None:
        for part in self._parts:
            part.close()

    def _open_only(self, name: str) -> None:
        self._parts = [Part(name, 0, self.files)]
        self._parts[0].open(self._filter, self._stop, READ_SIZE, self._follow)
        self._pending = list(self._parts)

    def _open_several(self, names: list[str]) -> None:
        """Orders the files that can be opened twice by their first packets; pipes are begun at once."""
        found = [(self._first_instant(name), name) for name in names if _is_reopenable(name)]
        found.sort(key=lambda pair: pair[0])
        self._parts = [Part(name, first_ns, self.files) for first_ns, name in found]
        for name in names:
            if not _is_reopenable(name):
                part = Part(name, 0, self.files)
                part.open(self._filter, self._stop, MERGE_READ)
                self._fill(part)
                part.first_ns = part.head if part.batch.count else _LAST
                self._parts.append(part)
        for part in self._parts:
            if part.first_ns == _NOTHING:
                part.file.note_damage("is empty, or cut inside its file header: there is no packet in it")
        self._pending = sorted((part for part in self._parts if part.first_ns != _NOTHING), key=_begins)
        if not self._pending:
            raise CaptureError(f"none of the {len(names)} captures has a packet in it")

    def _first_instant(self, name: str) -> int:
        """When the first packet of a file was seen; _LAST if it has none, _NOTHING if it is empty."""
        part = Part(name, 0, [])
        try:
            part.open(None, None, MERGE_READ)
            part.fill()
            return part.head if part.batch.count else _LAST
        except NothingCaptured:
            return _NOTHING
        finally:
            part.close()

    def _begin(self, part: Part) -> None:
        if part.reader is None:
            part.open(self._filter, self._stop, MERGE_READ if self._active else READ_SIZE)
        if part.reader is not None and self._follow and not self._pending:
            part.reader.source.follow = True
        if part.next < part.batch.count:
            self._active.append(part)
        else:
            self._advance(part)

    def _advance(self, part: Part) -> None:
        """Fetches a part's next packets; it is active, waiting or closed afterwards."""
        self._fill(part)
        if part.batch.count:
            self._active.append(part)
        elif part.reader is not None and not part.reader.ended:
            self._waiting.append(part)
        else:
            part.close()

    def _fill(self, part: Part) -> None:
        part.fill()
        self.secrets += part.new_secrets()

    def _await(self, parts: list[Part]) -> Iterator[Batch]:
        """Gives them another chance, which takes time; an empty batch if none has packets."""
        for part in parts:
            self._waiting.remove(part)
            self._advance(part)
        if self._waiting == parts:
            yield parts[0].batch

    def _next_batch(self) -> Batch:
        part = self._active[0]
        alone = len(self._active) == 1 and part.next == 0
        if alone and (not self._pending or part.file.last_ns <= self._pending[0].first_ns):
            part.next = part.batch.count
            return part.batch
        return self._merge()

    def _merge(self) -> Batch:
        """The next packets of all files that overlap, until one of them has to be read on."""
        self._merged.clear()
        while True:
            part = min(self._active, key=_heads)
            if self._pending and self._pending[0].first_ns < part.head:
                self._begin(self._pending.pop(0))
                continue
            until = min([other.head for other in self._active if other is not part], default=_LAST)
            if self._pending:
                until = min(until, self._pending[0].first_ns)
            taken = self._merged.take(part.batch, part.next, until)
            full = taken == part.next
            part.next = taken
            if full or taken == part.batch.count:
                return self._merged.batch

    def _take_up_new_files(self) -> None:
        """Looks now and then into the directories that were named; the file that was last grows no more then."""
        self._polls += 1
        if self._polls % POLLS_PER_LOOK or not any(os.path.isdir(path) for path in self._paths if path != "-"):
            return
        known = {part.file.path: part for part in self._parts}
        for name in expand(self._paths):
            before = known.get(name)
            if before is not None and not before.changed():
                continue
            first_ns = self._first_instant(name)
            if first_ns != _NOTHING and not any(part.holds(name, first_ns) for part in self._parts):
                self._parts.append(Part(name, first_ns, self.files))
                self._pending.append(self._parts[-1])
        self._pending.sort(key=_begins)
        for part in self._waiting if self._pending else []:
            if part.reader is not None:
                part.reader.source.follow = False


class Part:
    """One file on its way: not yet opened (no reader), or with a batch of which packet `next` comes next."""

    def __init__(self, path: str, first_ns: int, files: list[CaptureFile]) -> None:
        self.file = CaptureFile(path)
        self.index = len(files)
        files.append(self.file)
        self.first_ns = first_ns
        self.reader: Reader | None = None
        self.batch = _NO_BATCH
        self.next = 0
        self.position = 0
        self._size = -1  # as it was last measured
        self._told_secrets = 0
        self._changed_ns = 0  # when the file was written to last, as far as it was read

    @property
    def head(self) -> int:
        """When the next packet was seen."""
        return self.batch.ts_ns[self.next]

    @property
    def is_followed(self) -> bool:
        """Whether it is a file that may never get more packets, so that nobody has to wait for them."""
        return self.reader is not None and self.reader.source.follow and self.reader.source.regular

    def open(
        self,
        filter: BatchFilter | None,
        stop: Callable[[], bool] | None,
        read_size: int,
        follow: bool = False,
    ) -> None:
        """Raises CaptureError if it is not a capture."""
        self.reader = Reader(self.file, self.index, filter=filter, follow=follow, stop=stop, read_size=read_size)
        self.batch = Batch() if read_size == READ_SIZE else Batch(MERGE_PACKETS)
        self.reader.identify()

    def fill(self) -> None:
        self.next = 0
        if self.reader is not None:
            self.reader.fill(self.batch)
            self.position = self.reader.source.position

    def new_secrets(self) -> list[bytes]:
        """The key logs that were met in the file since this was asked last."""
        new = self.file.secrets[self._told_secrets :]
        self._told_secrets += len(new)
        return new

    def size(self) -> int:
        """Bytes as they lie on the disk; of thousands of files only those that are being read are measured again."""
        if self.reader is not None or self._size < 0:
            self._size = self._measured()
        return self._size

    def _measured(self) -> int:
        if self.reader is not None and self.reader.source.path == "-":
            return self.reader.source.size
        try:
            return os.path.getsize(self.file.path) if os.path.isfile(self.file.path) else 0
        except OSError:
            return 0

    def close(self) -> None:
        if self.reader is not None:
            self._changed_ns = self._modified_ns()
            self.reader.close()
            self.reader = None
            self.batch = _NO_BATCH
            self.next = 0

    def changed(self) -> bool:
        """Whether somebody wrote to the file after it was read: a ring (tcpdump -W) begins its files anew."""
        return self.reader is None and self._modified_ns() != self._changed_ns

    def holds(self, name: str, first_ns: int) -> bool:
        """Whether a file that begins at `first_ns` is this one, as it was or with more to its name: `.gz`, `.1`."""
        return name.startswith(self.file.path) and self.file.packets > 0 and first_ns == self.file.first_ns

    def _modified_ns(self) -> int:
        try:
            return os.stat(self.file.path).st_mtime_ns
        except OSError:
            return 0


def _compiled(expression: str) -> BatchFilter:
    from tlscap.capture.bpf import BatchFilter  # ctypes and libpcap are loaded only for filters

    return BatchFilter(expression)


def _heads(part: Part) -> tuple[int, int]:
    return part.head, part.index


def _begins(part: Part) -> tuple[int, int]:
    return part.first_ns, part.index


def _is_reopenable(name: str) -> bool:
    """Whether reading a little of it takes nothing away; of what is not there opening tells more."""
    return name != "-" and (os.path.isfile(name) or not os.path.exists(name))
