"""Reads a capture as far as the numbers that tables are made of: `columns.py CAPTURE`.

Everything that is done for a packet or a connection is done; what numpy, Arrow and DuckDB make of it all
at the end is not, since they would be most of what is counted.
"""

from __future__ import annotations

import sys

from tlscap.analyzer import Analyzer
from tlscap.capture import open_capture
from tlscap.offline import uncollected


def main(path: str) -> None:
    analyzer = Analyzer()
    with open_capture([path]) as capture, uncollected():
        for batch in capture:
            analyzer.feed_batch(batch)
        analyzer.part(capture.files)


if __name__ == "__main__":
    main(sys.argv[1])
