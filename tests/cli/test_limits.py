"""The limits of the engine as options."""

from __future__ import annotations

import json
from pathlib import Path

from cli.program import tlscap
from tlscap.cli.limits import take_limits
from tlscap.engine.limits import Limits


def evicted(capture: Path, *options: str, cwd: Path) -> int:
    result = tlscap("analyze", capture, "--no-charts", "-o", "out", *options, cwd=cwd)
    assert result.returncode == 0, result.stderr
    return int(json.loads((cwd / "out" / "summary.json").read_text())["coverage"][0]["evicted"])


def test_connections_over_the_limit_are_given_up_and_said(pcaps: Path, tmp_path: Path) -> None:
    busy = pcaps / "healthy-busy.pcap"
    assert evicted(busy, cwd=tmp_path) == 0
    assert evicted(busy, "--max-connections", "2", cwd=tmp_path) > 0


def test_each_option_is_named_after_its_field() -> None:
    options = {"max_connections": 7, "max_stub_bytes": 6, "max_out_of_order_bytes": 8, "max_search_bytes": 9}
    options |= {"max_buffered_bytes": 5, "verbose": True}
    limits = Limits(connections=7, stub_bytes=6, out_of_order_bytes=8, search_bytes=9, buffered_bytes=5)
    assert take_limits(options) == limits
    assert options == {"verbose": True}
