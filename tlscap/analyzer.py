"""The stages put together for packets that somebody feeds; what comes out is an `Analysis`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import repeat
from typing import TYPE_CHECKING

from tlscap.analysis import Analysis
from tlscap.capture.batch import Batch, frame_id
from tlscap.capture.capturefile import CaptureFile
from tlscap.context.secrets import Keylogs, Secrets
from tlscap.engine.coverage import Coverage
from tlscap.engine.engine import Engine
from tlscap.engine.facts import Facts
from tlscap.engine.limits import Limits
from tlscap.judge import judge
from tlscap.judge.inference.allowance import Allowance
from tlscap.judge.verdict import Verdict
from tlscap.tables.collector import Collector

if TYPE_CHECKING:
    from tlscap.capture import Capture
    from tlscap.sharing import Part

OnVerdict = Callable[[Facts, Verdict], None]
"""Called once for each connection when it is over, in the order in which they end."""

ETHERNET = 1
"""LINKTYPE_ETHERNET of tcpdump.org."""

_BATCH_PACKETS = 4096
_BATCH_BYTES = 256 << 10


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
        self._allowance = Allowance()
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
        from tlscap.tables.finish import finish  # and numpy and pyarrow with it

        self._end()
        coverage = merged_coverage([self._file] if files is None else files, self._engine.coverage)
        tables = finish(self._collector, coverage, self._engine.certificates.get, self._engine.endpoints.rows)
        return Analysis(tables, self._secrets.warnings)

    def part(self, files: Sequence[CaptureFile]) -> Part:
        """The capture is over, and this analyzer had a share of it."""
        from tlscap.sharing import part_of

        self._end()
        return part_of(self._engine, self._collector, files, self._allowance.spent)

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
            verdicts = list(map(judge, block.rows, repeat(self._allowance)))
            self._collector.add(block, verdicts)
            if self._on_verdict is not None:
                for facts, verdict in zip(block.rows, verdicts):
                    self._on_verdict(facts, verdict)


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
