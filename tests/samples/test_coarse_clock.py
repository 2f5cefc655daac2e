"""Captures whose clock is coarse: what came first is told by the order of packets where their times are the same.

Some firewalls and load balancers stamp packets with milliseconds, old Windows with a timer of 64 ticks a second, and
a kernel that hands packets over in batches gives many of them one time.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import tlscap
from capture import written

SAMPLES = sorted((Path(__file__).parents[2] / "pcaps").glob("*.pcap"))
JUDGED = (
    "handshake", "handshake_outcome", "resumption", "outcome", "closed_by", "closed_how", "closed_phase", "pending",
    "dropped", "renegotiations", "renegotiations_completed", "renegotiations_refused", "renegotiations_failed",
)  # fmt: skip

TICKS_NS = {"milliseconds": 1_000_000, "64 a second": 15_625_000, "tenths of a second": 100_000_000}


@pytest.mark.parametrize("tick", TICKS_NS)
@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_a_coarse_clock_changes_no_verdict(sample: Path, tick: str, tmp_path: Path) -> None:
    tick_ns = TICKS_NS[tick]
    packets, _ = written.read(sample)
    coarse = tmp_path / "coarse.pcap"
    coarse.write_bytes(written.pcap([packet._replace(ts_ns=packet.ts_ns // tick_ns * tick_ns) for packet in packets]))
    assert judged(coarse) == judged(sample)


def judged(capture: Path) -> dict[int, dict[str, Any]]:
    """What is said of each connection, by the frame of its first packet."""
    rows = tlscap.analyze([capture]).connections.select([*JUDGED, "first_frame"]).to_pylist()
    return {row["first_frame"]["frame"]: {name: row[name] for name in JUDGED} for row in rows}
