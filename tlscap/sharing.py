"""One analysis shared out over processes.

Every process reads the whole capture and decodes all headers, which is cheap, and follows the connections
that fall to it by a hash of their ends. What each found comes back as a `Part`; joins that need the whole
run (lineage, order) are made when the parts are united, by the same code as without sharing.

What the limits would do depends on all connections together. A process has its share of each limit, and
if one is reached the parts are no good: then one process has to do it all, as without sharing.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from typing import Any

from tlscap.capture.capturefile import CaptureFile
from tlscap.capture.errors import CaptureError
from tlscap.engine.certificate_store import MAX_BYTES, MAX_CERTIFICATES
from tlscap.engine.coverage import Coverage
from tlscap.engine.datagrams import MAX_ASSOCIATIONS, MAX_FLOWS
from tlscap.engine.endpoints import MAX_ENDPOINTS
from tlscap.engine.engine import Engine
from tlscap.engine.limits import Limits
from tlscap.judge.inference.allowance import MAX_WORK_IN_ALL
from tlscap.tables.collector import Collector
from tlscap.tables.united import PackedRows, United, pack, unite

Endpoints = dict[tuple[bytes, int, int], list[int]]
Progress = Callable[[int, int], None]
Read = Callable[[int, Callable[[], bool], Progress], "Part"]
"""Reads all for the share of that number; asks whether to stop, and tells bytes read and bytes in all."""

_POLL_S = 0.1
_ADDED = (
    "tcp_connections", "tls_connections", "under_way", "open_at_end", "one_sided", "misdated", "evicted",
    "missing_bytes", "duplicates", "forgotten", "relieved",
)  # fmt: skip
"""What the coverage of all is the sum of; the rest is of packets, which every process has counted in full."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one share came to."""

    rows: PackedRows
    files: list[CaptureFile]
    coverage: list[Coverage]
    certificates: dict[bytes, bytes]
    endpoints: Endpoints
    associations: int  # of DTLS
    held_bytes: int  # that could not be read yet, at the peak
    refused: int
    inference_work: int


@dataclass(frozen=True, slots=True)
class Whole:
    """The parts put together: what the tables are made of."""

    rows: United
    files: list[CaptureFile]
    coverage: list[Coverage]
    certificates: dict[bytes, bytes]
    endpoints: Endpoints


def limits_of_share(limits: Limits, shares: int) -> Limits:
    """So that all shares together hold no more than is allowed."""
    return replace(limits, connections=max(1, limits.connections // shares))


def refused(engine: Engine) -> int:
    """How often a limit kept something out of an engine, or made it let something go."""
    times: int = engine.certificates.refused + engine.endpoints.uncounted + engine.datagrams.refused
    return times + engine.times_full + engine.times_relieved + engine.datagrams.times_full


def part_of(engine: Engine, collector: Collector, files: Sequence[CaptureFile], inference_work: int) -> Part:
    """What a finished engine and its collector came to; the collector is empty afterwards."""
    return Part(
        pack(collector), list(files), engine.coverage, engine.certificates.ders(), engine.endpoints.rows,
        engine.datagrams.begun, engine.held.peak, refused(engine), inference_work,
    )  # fmt: skip


def united(parts: Sequence[Part], limits: Limits) -> Whole | None:
    """All parts as one; None if a limit was reached, by one of them or by all together."""
    certificates = {digest: der for part in parts for digest, der in part.certificates.items()}
    coverage, endpoints = _coverage(parts), _endpoints(parts)
    beyond = (
        any(part.refused for part in parts)
        or len(certificates) > MAX_CERTIFICATES
        or sum(map(len, certificates.values())) > MAX_BYTES
        or len(endpoints) > MAX_ENDPOINTS
        or sum(part.associations for part in parts) > min(MAX_ASSOCIATIONS, limits.connections)
        or sum(part.inference_work for part in parts) > MAX_WORK_IN_ALL
        or sum(part.held_bytes for part in parts) > limits.buffered_bytes
        or any(flows > MAX_FLOWS for each in coverage for flows, _ in each.recognised.values())
    )
    if beyond:
        return None
    return Whole(unite([part.rows for part in parts]), parts[0].files, coverage, certificates, endpoints)


def read_shared(
    read: Read, shares: int, stop: Callable[[], bool] | None = None, progress: Progress | None = None
) -> list[Part]:
    """Runs `read` in as many processes, and gives the parts by number.

    If `stop` says so, each process ends where it is. Raises what one of them raised.
    """
    context = get_context("fork")  # begun before any library with threads is imported
    wished = context.Event()
    pipes: list[Connection] = []
    workers = []
    try:
        for number in range(shares):
            ours, theirs = context.Pipe(duplex=False)
            pipes.append(ours)
            worker = context.Process(target=_work, args=(read, number, theirs, wished.is_set, list(pipes)), daemon=True)
            worker.start()
            workers.append(worker)
            theirs.close()
        return _gathered(pipes, wished.set, stop, progress)
    finally:
        for worker in workers:
            worker.terminate()
            worker.join()


def _gathered(
    pipes: Sequence[Connection], end: Callable[[], None], stop: Callable[[], bool] | None, progress: Progress | None
) -> list[Part]:
    parts: dict[int, Part] = {}
    at = dict.fromkeys(range(len(pipes)), (0, 0))
    while len(parts) < len(pipes):
        open_pipes = [pipe for number, pipe in enumerate(pipes) if number not in parts]
        for pipe in wait(open_pipes, _POLL_S):
            number = pipes.index(pipe)
            what = _received(pipes[number])
            if isinstance(what, BaseException):
                raise what
            if not isinstance(what, Part):
                at[number] = what
                continue
            parts[number] = what
            if what.refused:
                end()  # the others need not go on
        if progress is not None:
            progress(*min(at.values()))
        if stop is not None and stop():
            end()
    return [parts[number] for number in range(len(pipes))]


def _received(pipe: Connection) -> Any:
    try:
        return pipe.recv()
    except (EOFError, ConnectionResetError):
        raise CaptureError("a process of --jobs was ended from outside; is there enough memory for all?") from None


def _work(read: Read, number: int, pipe: Connection, stop: Callable[[], bool], others: Sequence[Connection]) -> None:
    """What a process does: all that it says goes through its pipe."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to the whole group; who began this tells when to stop
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    for other in others:
        other.close()
    try:
        found: object = read(number, stop, lambda done, size: pipe.send((done, size)))
    except BrokenPipeError:
        return  # nobody waits any more
    except Exception as error:
        found = error
    pipe.send(found)


def _coverage(parts: Sequence[Part]) -> list[Coverage]:
    """The coverage of each file, from all parts."""
    files = max((part.coverage for part in parts), key=len)
    whole = []
    for index in range(len(files)):
        each = [part.coverage[index] for part in parts if index < len(part.coverage)]
        united = each[0]
        for other in each[1:]:
            for name in _ADDED:
                setattr(united, name, getattr(united, name) + getattr(other, name))
            for what, (flows, octets) in other.recognised.items():
                before = united.recognised.get(what, (0, 0))
                united.recognised[what] = (before[0] + flows, before[1] + octets)
        whole.append(united)
    return whole


def _endpoints(parts: Sequence[Part]) -> Endpoints:
    whole: Endpoints = {}
    for part in parts:
        for key, counts in part.endpoints.items():
            before = whole.get(key)
            whole[key] = list(counts) if before is None else [a + b for a, b in zip(before, counts)]
    return whole
