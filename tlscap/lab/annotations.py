"""The events of a schedule, for whoever reads the capture: `annotations.csv` with the columns time, event, detail."""

from __future__ import annotations

import csv
import time
from datetime import UTC, datetime
from pathlib import Path

COLUMNS = ("time", "event", "detail")


class Annotations:
    """What happened when: `config_reload`, `certificate_rotated`, `load_peak`, ..."""

    def __init__(self) -> None:
        self._rows: list[tuple[str, str, str]] = []

    def note(self, event: str, detail: str = "") -> None:
        """`event` is a word in snake case; `detail` a sentence."""
        self._rows.append((instant(time.time_ns()), event, detail))

    def write(self, path: Path) -> None:
        with path.open("w", newline="", encoding="utf-8") as out:
            writer = csv.writer(out, lineterminator="\n")
            writer.writerow(COLUMNS)
            writer.writerows(self._rows)


def instant(time_ns: int) -> str:
    """RFC 3339 with nine digits, in UTC."""
    seconds, nanos = divmod(time_ns, 1_000_000_000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{nanos:09}Z"
