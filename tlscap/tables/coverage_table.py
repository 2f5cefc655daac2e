"""The table `coverage`: counters to a row a capture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from tlscap.engine.coverage import Coverage
from tlscap.tables.arrow import storable, table_of_rows

_SAME = (
    "packets", "filtered", "bytes", "cut_by_snaplen", "oversize_frames", "duplicates",
    "tcp_connections", "tls_connections", "under_way", "open_at_end", "one_sided", "misdated", "evicted",
    "forgotten", "relieved", "missing_bytes",
)  # fmt: skip


def coverage_table(captures: Sequence[Coverage]) -> pa.Table:
    """One row a capture, in the order of `captures`."""
    rows = [_row(each) for each in captures]
    return table_of_rows("coverage", rows)


def _row(capture: Coverage) -> dict[str, Any]:
    from tlscap.registry import linktype_name

    return {name: getattr(capture, name) for name in _SAME} | {
        "capture": storable(capture.capture),
        "start": capture.first_ns or None,
        "end": capture.last_ns or None,
        "link_types": _counts({linktype_name(number): packets for number, packets in capture.link_types.items()}),
        "kernel_dropped": capture.kernel_dropped if capture.kernel_dropped >= 0 else None,
        "undecoded": _counts(capture.undecoded),
        "recognised_connections": _counts({what: counted[0] for what, counted in capture.recognised.items()}),
        "recognised_bytes": _counts({what: counted[1] for what, counted in capture.recognised.items()}),
        "damage": tuple(capture.damage),
        "comments": tuple(capture.comments),
    }


def _counts(counted: dict[str, int]) -> list[tuple[str, int]]:
    return [(storable(what), count) for what, count in sorted(counted.items())]
