"""What this build makes of captures, as digests: python -m build.told CAPTURE..., or no capture for damaged samples
and for what is made up.

One line each: a digest, and what it is of. Two builds of the same source must give the same lines.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator, Sequence
from hashlib import sha256
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

import tlscap
from build import made_up
from engine.playbook import Seen, essence, watch_all
from samples.damage import LOSSES, NAMES, connections, flipped, seen_in
from tlscap.capture import CaptureError
from tlscap.engine.limits import Limits
from tlscap.tables.jsonl import render_rows

EVERY = 9
"""One connection of so many is damaged."""

MADE_UP = 60
"""Of each kind of input that is made up."""

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
                yield f"{name} {number} {kind}", _of_seen(seen_in(frames))


def of_made_up() -> Iterator[tuple[str, str]]:
    """Frames, streams of records and messages, and capture files, each with something wrong."""
    with TemporaryDirectory() as folder:
        for seed in range(MADE_UP):
            name = NAMES[seed % len(NAMES)]
            whole = connections(name)[seed % len(connections(name))]
            yield f"frames {seed}", _of_seen(seen_in(made_up.frames(whole, seed)))
            yield f"streams {seed}", _of_seen(watch_all(made_up.streams(seed)))
            for suffix, content in made_up.files(whole, seed):
                path = Path(folder, f"made-up.{suffix}")
                path.write_bytes(content)
                yield f"{suffix} {seed}", of_capture(str(path), None).replace(folder, "")


def _of_seen(seen: Sequence[Seen]) -> str:
    return repr([(essence(one.verdict), one.events, one.facts.anomalies) for one in seen])


def main() -> None:
    found = [(f"{path}{' small' * small}", of_capture(path, SMALL if small else None))
             for path in sys.argv[1:] for small in (False, True)]  # fmt: skip
    for what, told in found or chain(of_damage(), of_made_up()):
        print(sha256(told.encode("utf-8", "backslashreplace")).hexdigest(), what)


if __name__ == "__main__":
    main()
