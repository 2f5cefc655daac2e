"""Several capture files as one capture in time order.

Files are begun in the order of their first packets. As long as a file's packets are older than all
that is still to come, its batches are handed on as they are: the usual case, a rotated set, costs
nothing. Where files overlap, as those of two capture points do, their packets are merged one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from types import TracebackType

from tlscap.capture.batch import Batch
from tlscap.capture.capturefile import CaptureFile
from tlscap.capture.errors import CaptureError
from tlscap.capture.reader import Reader


def open_capture(
    paths: Sequence[str], *, follow: bool = False, stop: Callable[[], bool] | None = None
) -> Capture:
    """The files `paths` ("-" is standard input) as one capture, to be iterated once.

    `follow` waits for more when the last file ends, and hands over empty batches meanwhile; `stop` is
    asked often and ends the capture. Raises CaptureError if a file is not there or not a capture.
    """
    return Capture(paths, follow=follow, stop=stop)


class Capture:
    """Batches of packets; `files` tells by file index what each file held, complete at the end."""

    def __init__(
        self, paths: Sequence[str], *, follow: bool = False, stop: Callable[[], bool] | None = None
    ) -> None:
        if not paths:
            raise CaptureError("no capture was named")
        self._stop = stop
        self.files = [CaptureFile(path) for path in paths]
        self._readers = [Reader(file, i, follow, stop) for i, file in enumerate(self.files)]

    def __enter__(self) -> Capture:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __iter__(self) -> Iterator[Batch]:
        try:
            for reader in self._readers:
                batch = Batch()
                while not reader.ended and not (self._stop and self._stop()):
                    reader.fill(batch)
                    yield batch
        finally:
            self.close()

    def close(self) -> None:
        for reader in self._readers:
            reader.close()
