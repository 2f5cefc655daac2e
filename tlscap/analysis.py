"""The stages put together: captures, or packets of one's own, in; tables, findings and reports out."""

from __future__ import annotations

import gc
import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from tlscap.capture.batch import Batch, frame_id
from tlscap.capture.capturefile import CaptureFile
from tlscap.context.secrets import Keylogs, Secrets
from tlscap.engine.coverage import Coverage
from tlscap.engine.engine import Engine
from tlscap.engine.facts import Facts
from tlscap.engine.limits import Limits
from tlscap.judge import judge
from tlscap.judge.verdict import Verdict
from tlscap.tables.collector import Collector

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa
    from matplotlib.figure import Figure

    from tlscap.capture import Capture
    from tlscap.findings.finding import Finding
    from tlscap.report.overview import Overview
    from tlscap.sharing import Part
    from tlscap.tables.finish import Tables

Progress = Callable[[int, int], None]
_Result = TypeVar("_Result")

OnVerdict = Callable[[Facts, Verdict], None]
"""Called once for each connection when it is over, in the order in which they end."""

ETHERNET = 1
"""LINKTYPE_ETHERNET of tcpdump.org."""

_BATCH_PACKETS = 4096
_BATCH_BYTES = 256 << 10
_PROGRESS_S = 0.1

_MAX_REMEMBERED_ANSWERS, _MAX_REMEMBERED_ROWS = 64, 1000
"""Of queries; a program may ask without end, and for whole tables."""


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
    coverage = merged_coverage(whole.files, whole.coverage)
    return Analysis(whole.collector.finish(coverage, whole.certificates.get, whole.endpoints), secrets.warnings)


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


class Analyzer:
    """For those with packets of their own, from a dpkt reader or scapy's `sniff`: feed them in order of time.

    `name` is what frames and coverage call the place that they come from; `keylog` names key logs, which
    may grow meanwhile, or `secrets` are given. `share` is (n, of how many): see `tlscap.sharing`.
    """

    def __init__(
        self,
        *,
        name: str = "packets",
        keylog: Keylogs = None,
        limits: Limits | None = None,
        on_verdict: OnVerdict | None = None,
        secrets: Secrets | None = None,
        share: tuple[int, int] = (0, 1),
    ) -> None:
        self._secrets = secrets or Secrets(keylog)
        self._engine = Engine(limits, self._secrets.keys, *share)
        self._collector = Collector()
        self._on_verdict = on_verdict
        self._file = CaptureFile(name)
        self._batch = Batch(_BATCH_PACKETS)
        self._data = bytearray()

    def feed(self, ts_ns: int, frame: bytes, linktype: int = ETHERNET, wirelen: int | None = None) -> None:
        """Takes a packet as it was captured: nanoseconds since 1970 in UTC, its bytes from the link header on.

        `linktype` is a LINKTYPE_ value of tcpdump.org; `wirelen` its length on the wire if `frame` was cut.
        """
        if self._batch.count == _BATCH_PACKETS or len(self._data) > _BATCH_BYTES:
            self._hand_over()
        batch, file, at = self._batch, self._file, self._batch.count
        wire = len(frame) if wirelen is None else wirelen
        file.packets += 1
        file.bytes += len(frame)
        file.first_ns = ts_ns if file.packets == 1 else min(file.first_ns, ts_ns)
        file.last_ns = max(file.last_ns, ts_ns)
        file.link_types[linktype] = file.link_types.get(linktype, 0) + 1
        file.cut_by_snaplen += wire > len(frame)
        batch.ts_ns[at], batch.start[at], batch.caplen[at] = ts_ns, len(self._data), len(frame)
        batch.wirelen[at], batch.linktype[at], batch.frame[at] = wire, linktype, frame_id(0, file.packets)
        batch.count += 1
        self._data += frame

    def feed_batch(self, batch: Batch) -> None:
        """Takes a batch of packets, which numbers its frames itself; `finish` is then to be given the files."""
        self._engine.feed(batch)
        self._drain()

    def take_secrets(self, capture: Capture) -> bool:
        """Takes the secrets that a capture has brought so far; gives whether there were new ones."""
        new = self._secrets.take(capture)
        self._engine.keys = self._secrets.keys
        return new

    def read_keylogs(self) -> None:
        """Takes what was written to the key logs since: secrets are needed before the packets that they are for."""
        self._secrets.refresh()

    def tick(self, now_ns: int = 0) -> None:
        """For live use, a few times a second: judges all connections that are over, up to `now_ns` if given."""
        self._hand_over()
        self.read_keylogs()
        if now_ns:
            self._engine.advance(now_ns)
        self._engine.flush()
        self._drain()

    def finish(self, files: Sequence[CaptureFile] | None = None) -> Analysis:
        """The capture is over. `files` tell by file index what each of them held."""
        self._end()
        coverage = merged_coverage([self._file] if files is None else files, self._engine.coverage)
        tables = self._collector.finish(coverage, self._engine.certificates.get, self._engine.endpoints.rows)
        return Analysis(tables, self._secrets.warnings)

    def part(self, files: Sequence[CaptureFile]) -> Part:
        """The capture is over, and this analyzer had a share of it."""
        from tlscap.sharing import part_of

        self._end()
        return part_of(self._engine, self._collector, files)

    def is_full(self) -> bool:
        """Whether a limit was reached, so that a share is no good."""
        return self._engine.times_full > 0

    def _end(self) -> None:
        self._hand_over()
        while self._engine.let_stubs_go():
            self._drain()
        self._engine.finish()
        self._drain()

    def _hand_over(self) -> None:
        if self._batch.count:
            self._batch.data = memoryview(bytes(self._data))
            self.feed_batch(self._batch)
            self._batch.count = 0
            self._data.clear()

    def _drain(self) -> None:
        for block in self._engine.take_blocks():
            verdicts = [judge(facts) for facts in block.rows]
            self._collector.add(block, verdicts)
            if self._on_verdict is not None:
                for facts, verdict in zip(block.rows, verdicts):
                    self._on_verdict(facts, verdict)


class Analysis:
    """What a run found: the tables, questions to them, and ways to write it down.

    `warnings` are sentences about what was given beside the packets: lines of key logs that make no sense.
    """

    def __init__(self, tables: Tables, warnings: Sequence[str] = ()) -> None:
        self.tables = tables
        self.warnings = list(warnings)
        self._answers: dict[str, pa.Table] = {}  # tables never change, and reports ask the same things

    @property
    def connections(self) -> pa.Table:
        return self.tables.connections

    @property
    def handshakes(self) -> pa.Table:
        return self.tables.handshakes

    @property
    def alerts(self) -> pa.Table:
        return self.tables.alerts

    @property
    def certificates(self) -> pa.Table:
        return self.tables.certificates

    @property
    def anomalies(self) -> pa.Table:
        return self.tables.anomalies

    @property
    def endpoints(self) -> pa.Table:
        return self.tables.endpoints

    @property
    def coverage(self) -> pa.Table:
        return self.tables.coverage

    def sql(self, query: str) -> pa.Table:
        """The answer of DuckDB over the tables by their names; it sees nothing else, no file either."""
        answer = self._answers.get(query)
        if answer is None:
            answer = self._connection.sql(query).to_arrow_table()
            if answer.num_rows <= _MAX_REMEMBERED_ROWS and len(self._answers) < _MAX_REMEMBERED_ANSWERS:
                self._answers[query] = answer
        return answer

    @cached_property
    def findings(self) -> list[Finding]:
        """What all rules found, the most severe first."""
        from tlscap.findings.run import run

        return run(self.sql)

    @cached_property
    def overview(self) -> Overview:
        """The numbers that all reports share."""
        from tlscap.report.overview import overview

        return overview(self.sql)

    def summary(self) -> dict[str, Any]:
        """What summary.json holds: plain values only."""
        from tlscap.report.summary import summarise

        return summarise(self)

    def timeline(self) -> Figure:
        """The timeline as a matplotlib figure, in UTC."""
        from tlscap.report.charts.draw import draw_timeline

        return draw_timeline(self)

    def json_lines(self) -> Iterator[str]:
        """One JSON object a connection, without line ends; see `tlscap.tables.jsonl`."""
        from tlscap.tables.jsonl import render_json_lines

        return render_json_lines(self.tables)

    def csv_lines(self) -> Iterator[str]:
        """A header and a line a connection, without line ends; see `tlscap.tables.csv`."""
        from tlscap.tables.csv import render_csv

        return render_csv(self.tables)

    def write(self, directory: str | os.PathLike[str], *, charts: bool = True) -> list[Path]:
        """Writes tables/*.parquet, summary.json and, with `charts`, the timeline into `directory`.

        Gives the paths. Raises TablesError, in one line, and then leaves nothing half-written.
        """
        from tlscap.tables.parquet import write_tables
        from tlscap.tables.whole import whole_files

        place = Path(directory)
        with whole_files(place) as part:
            made = write_tables(self.tables, part / "tables")
            made.append(part / "summary.json")
            made[-1].write_text(json.dumps(self.summary(), indent=2) + "\n", encoding="utf-8")
            if charts:
                from tlscap.report.charts.draw import write_timeline

                made += write_timeline(self, part)
        return [place / path.relative_to(part) for path in made]

    @cached_property
    def _connection(self) -> duckdb.DuckDBPyConnection:
        from tlscap.tables.database import connect

        return connect(self.tables)


def merged_coverage(files: Sequence[CaptureFile], counted: Sequence[Coverage]) -> list[Coverage]:
    """One Coverage a file: what its reader saw, and what the engine counted under its index."""
    merged = []
    for index, file in enumerate(files):
        coverage = counted[index] if index < len(counted) else Coverage()
        coverage.capture = file.path
        coverage.packets, coverage.filtered, coverage.bytes = file.packets, file.filtered, file.bytes
        coverage.first_ns, coverage.last_ns = file.first_ns, file.last_ns
        coverage.link_types = dict(file.link_types)
        coverage.kernel_dropped, coverage.cut_by_snaplen = file.kernel_dropped, file.cut_by_snaplen
        coverage.damage = list(file.damage)
        coverage.comments = [f"frame {frame}: {text}" if frame else text for frame, text in file.comments]
        if file.damage_count > len(file.damage):
            coverage.damage.append(f"and {file.damage_count - len(file.damage)} more places")
        merged.append(coverage)
    return merged
