"""What each stage takes of an analysis: `python bench/stages.py CAPTURE`, CPU seconds a stage as a Markdown table.

The stages run in turn as they do in `tlscap analyze --no-charts`, with a clock around each, which costs
little: batches hold thousands of packets and blocks a thousand connections.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tlscap.analysis import Analysis
from tlscap.analyzer import merged_coverage
from tlscap.capture import open_capture
from tlscap.engine.engine import Engine
from tlscap.judge import judge
from tlscap.offline import uncollected
from tlscap.tables.collector import Collector

FIXED = ("start-up", "import of numpy and pyarrow")


class Clock:
    """CPU seconds by stage."""

    def __init__(self) -> None:
        self.taken: dict[str, float] = {}

    @contextmanager
    def of(self, stage: str) -> Iterator[None]:
        before = time.process_time()
        yield
        self.taken[stage] = self.taken.get(stage, 0.0) + time.process_time() - before


def main(path: str) -> None:
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as `tlscap.cli.main` does
    clock = Clock()
    clock.taken["start-up"] = time.process_time()
    engine, collector = Engine(), Collector()

    def drain() -> None:
        for block in engine.take_blocks():
            with clock.of("judge"):
                verdicts = [judge(facts) for facts in block.rows]
            with clock.of("rows to columns of numbers"):
                collector.add(block, verdicts)

    with open_capture([path]) as capture, uncollected():
        batches = iter(capture)
        while True:
            with clock.of("read"):
                batch = next(batches, None)
            if batch is None:
                break
            with clock.of("engine"):
                engine.feed(batch)
            drain()
        with clock.of("engine"):
            engine.finish()
        drain()
    coverage = merged_coverage(capture.files, engine.coverage)
    with clock.of("import of numpy and pyarrow"):
        from tlscap.report.terminal import render_summary
        from tlscap.tables.finish import finish
    with clock.of("lineage, order, Arrow"):
        analysis = Analysis(finish(collector, coverage, engine.certificates.get, engine.endpoints.rows))
    with clock.of("findings and summary"):
        render_summary(analysis)
        analysis.summary()
    with clock.of("Parquet"), tempfile.TemporaryDirectory() as folder:
        analysis.write(Path(folder) / "report", charts=False)
    show(clock, sum(file.packets for file in capture.files), analysis.connections.num_rows)


def show(clock: Clock, packets: int, connections: int) -> None:
    print(f"{packets:,} packets, {connections:,} TLS connections\n")
    print("| stage | CPU s | ns a packet | µs a connection |\n|---|--:|--:|--:|")
    for stage, seconds in clock.taken.items():
        each = "| |" if stage in FIXED else f"| {seconds / packets * 1e9:,.0f} | {seconds / connections * 1e6:,.1f} |"
        print(f"| {stage} | {seconds:.2f} {each}")
    print(f"| all | {sum(clock.taken.values()):.2f} | | |")


if __name__ == "__main__":
    main(sys.argv[1])
