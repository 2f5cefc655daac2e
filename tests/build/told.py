"""What this build makes of captures, as digests: python -m build.told CAPTURE..., or no capture for damaged samples.

One line each: a digest, and what it is of. Two builds of the same source must give the same lines.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from hashlib import sha256

import tlscap
from engine.playbook import essence
from samples.damage import LOSSES, NAMES, connections, flipped, seen_in
from tlscap.capture import CaptureError
from tlscap.engine.limits import Limits
from tlscap.tables.jsonl import render_rows

EVERY = 9
"""One connection of so many is damaged."""

SMALL = Limits(connections=3, out_of_order_bytes=4000, message_bytes=2000, search_bytes=300)
"""So small that captures reach them; not of stubs, whose size is each build's own."""


def of_capture(path: str, limits: Limits | None) -> str:
    """All tables, or the line that says why there are none."""
    try:
        analysis = tlscap.analyze(path, limits=limits)
    except CaptureError as error:
        return str(error)
    tables = analysis.tables.by_name()
    return "\n".join([*analysis.json_lines(), *(line for table in tables.values() for line in render_rows(table))])


def of_damage() -> Iterator[tuple[str, str]]:
    for name in NAMES:
        for number in range(0, len(connections(name)), EVERY):
            for kind, damage in {**LOSSES, "flipped": flipped}.items():
                frames = damage(connections(name)[number], random.Random(f"{name} {number} {kind}"))
                told = [(essence(one.verdict), one.events, one.facts.anomalies) for one in seen_in(frames)]
                yield f"{name} {number} {kind}", repr(told)


def main() -> None:
    found = [(f"{path}{' small' * small}", of_capture(path, SMALL if small else None))
             for path in sys.argv[1:] for small in (False, True)]  # fmt: skip
    for what, told in found or of_damage():
        print(sha256(told.encode("utf-8", "backslashreplace")).hexdigest(), what)


if __name__ == "__main__":
    main()
