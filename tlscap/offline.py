"""Captures in files, or on standard input, run through an analyzer."""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from tlscap.analysis import Analysis
from tlscap.analyzer import Analyzer, OnVerdict, merged_coverage
from tlscap.capture.capturefile import CaptureFile
from tlscap.context.secrets import Keylogs, Secrets
from tlscap.engine.limits import Limits

if TYPE_CHECKING:
    from tlscap.capture import Capture
    from tlscap.sharing import Part

Progress = Callable[[int, int], None]
_Result = TypeVar("_Result")

_PROGRESS_S = 0.1


def analyze(
    paths: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
    *,
    keylog: Keylogs = None,
    limits: Limits | None = None,
    on_verdict: OnVerdict | None = None,
    retake: bool = False,
    stop: Callable[[], bool] | None = None,
    progress: Progress | None = None,
    jobs: int = 1,
    **capture: Any,
) -> Analysis:
    """Analyses capture files, of one or several as of one capture in time order; `-` is standard input.

    `keylog` names key logs to decrypt handshakes and alerts with; where a capture brings secrets behind the packets
    that they are for, all is read again unless `on_verdict` was called, or even then if `retake` is set. `stop` is
    asked often and ends the capture early. `progress` is told a few times a second bytes read and bytes in all, as
    the files lie on the disk, 0 where nobody knows. `jobs` processes share the connections out, unless `on_verdict`
    is to be called or something can be read only once. What else is given goes to `open_capture`. Raises
    CaptureError or KeylogError, in one line, for what cannot be read.
    """
    names = [os.fspath(paths)] if isinstance(paths, (str, os.PathLike)) else [os.fspath(path) for path in paths]
    secrets = Secrets(keylog)
    again = (on_verdict is None or retake) and not capture.get("follow") and all(map(_is_readable_again, names))
    if jobs > 1 and again and on_verdict is None:
        shared = _analyze_shared(names, jobs, limits or Limits(), secrets, stop, progress, capture)
        if shared is not None:
            return shared

    def begin() -> Analyzer:
        return Analyzer(limits=limits, on_verdict=on_verdict, secrets=secrets)

    return _read(names, begin, Analyzer.finish, stop, progress, capture, again=again)


def _analyze_shared(
    names: list[str],
    jobs: int,
    limits: Limits,
    secrets: Secrets,
    stop: Callable[[], bool] | None,
    progress: Progress | None,
    options: dict[str, Any],
) -> Analysis | None:
    """None if a limit was reached: what leaves then depends on all connections together."""
    from tlscap import sharing

    def read(share: int, stop: Callable[[], bool], progress: Progress) -> Part:
        begun: list[Analyzer] = []

        def begin() -> Analyzer:
            of_share = sharing.limits_of_share(limits, jobs)
            begun.append(Analyzer(limits=of_share, secrets=secrets, share=(share, jobs)))
            return begun[-1]

        def is_over() -> bool:
            return stop() or begun[-1].is_full()

        return _read(names, begin, Analyzer.part, is_over, progress, options, again=True)

    whole = sharing.united(sharing.read_shared(read, jobs, stop, progress), limits)
    if whole is None:
        return None
    from tlscap.tables.finish import finish

    coverage = merged_coverage(whole.files, whole.coverage)
    return Analysis(finish(whole.rows, coverage, whole.certificates.get, whole.endpoints), secrets.warnings)


def _read(
    names: list[str],
    begin: Callable[[], Analyzer],
    end: Callable[[Analyzer, Sequence[CaptureFile]], _Result],
    stop: Callable[[], bool] | None,
    progress: Progress | None,
    options: dict[str, Any],
    *,
    again: bool,
) -> _Result:
    """Runs over the captures, and then gives what `end` makes of it.

    Where secrets came behind packets that they are for, all are known at the end, and if the captures can be
    read `again` a second run begins with them.
    """
    from tlscap.capture import open_capture

    analyzer = begin()
    tell = _told_seldom(progress)
    with open_capture(names, stop=stop, **options) as opened, uncollected():
        fed = late = False
        for batch in opened:
            late = (analyzer.take_secrets(opened) and fed and again) or late
            fed = fed or batch.count > 0
            if not late:
                analyzer.feed_batch(batch)
            tell(opened, False)
        late = (analyzer.take_secrets(opened) and fed and again) or late
        tell(opened, True)
        if not late or (stop and stop()):
            return end(analyzer, opened.files)
    return _read(names, begin, end, stop, progress, options, again=False)


def _is_readable_again(name: str) -> bool:
    return os.path.isfile(name) or os.path.isdir(name)


def _told_seldom(progress: Progress | None) -> Callable[[Capture, bool], None]:
    """Calls `progress` a few times a second, and whenever it is told to."""
    told_at = 0.0

    def tell(opened: Capture, now: bool) -> None:
        nonlocal told_at
        if progress is not None and (now or time.monotonic() >= told_at):
            progress(opened.position, opened.size)
            told_at = time.monotonic() + _PROGRESS_S

    return tell


@contextmanager
def uncollected() -> Iterator[None]:
    """Keeps Python's cycle collector from walking over all that is live, again and again; there are no cycles in it."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
