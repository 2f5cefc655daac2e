"""Captures with their keys and, as far as is known, which programs met: of the lab, or files side by side.

A folder that `tlscap lab run` left (or one that holds such folders) has a capture a point, keys.txt and truth.jsonl. A
capture of its own, NAME.pcap, has its key log beside it as NAME.keys, and perhaps NAME.json, which says by server port
which programs met (`{"443": {"programs": "curl-nginx"}}`).
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import tlscap
from tlscap.analysis import Analysis
from tlscap.analyzer import Analyzer
from tlscap.capture import open_capture
from tlscap.capture.batch import Batch

Ends = tuple[str, int, str, int]
"""Client's address and port, server's address and port."""

_COLUMNS = ("ts_ns", "start", "caplen", "wirelen", "linktype", "frame")


@dataclass(frozen=True)
class Recorded:
    """A capture, its key log, and what the programs said."""

    capture: Path
    keys: Path
    by_ends: dict[Ends, str] = field(default_factory=dict)
    by_port: dict[int, str] = field(default_factory=dict)

    def programs(self, ends: Ends) -> str:
        """Which client met which server."""
        return self.by_ends.get(ends) or self.by_port.get(ends[3]) or self.capture.name.split(".")[0]

    def read(self) -> Analysis:
        """What the capture says with its keys."""
        return tlscap.analyze([str(self.capture)], keylog=[str(self.keys)])

    def infer(self, share: float = 0.0, seed: int = 0) -> Analysis:
        """What it says without, and without a share of its packets."""
        if not share:
            return tlscap.analyze([str(self.capture)])
        rng, analyzer = random.Random(seed), Analyzer()
        with open_capture([str(self.capture)]) as opened:
            for batch in opened:
                _lose(batch, share, rng)
                analyzer.feed_batch(batch)
            return analyzer.finish(opened.files)


def find(places: Iterable[Path]) -> Iterator[Recorded]:
    """All that is recorded at these places."""
    for place in places:
        if place.is_file():
            yield Recorded(place, place.with_name(f"{_stem(place)}.keys"), by_port=_ports(place))
            continue
        for truth in sorted(place.rglob("truth.jsonl")):
            said = dict(_said(truth))
            for capture in sorted(truth.parent.glob("capture-*.pcap")):
                yield Recorded(capture, truth.with_name("keys.txt"), by_ends=said)


def _said(truth: Path) -> Iterator[tuple[Ends, str]]:
    for line in truth.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        met = [row.get(side, {}).get("program", "unknown").split()[-1] for side in ("client", "server")]
        yield (row["client_ip"], row["client_port"], row["server_ip"], row["server_port"]), " – ".join(met)


def _ports(capture: Path) -> dict[int, str]:
    told = capture.with_name(f"{_stem(capture)}.json")
    if not told.exists():
        return {}
    rows = json.loads(told.read_text(encoding="utf-8"))
    if isinstance(rows, list):
        return {row["port"]: row["stacks"].replace("-", " – ") for row in rows}
    return {int(port): row["programs"].replace("-", " – ") for port, row in rows.items()}


def _stem(capture: Path) -> str:
    return capture.name.split(".")[0]


def _lose(batch: Batch, share: float, rng: random.Random) -> None:
    """Takes packets out of a batch."""
    kept = 0
    for i in range(batch.count):
        if rng.random() < share:
            continue
        for name in _COLUMNS:
            column = getattr(batch, name)
            column[kept] = column[i]
        kept += 1
    batch.count = kept
