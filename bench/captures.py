"""The captures that are measured: `python bench/captures.py SIZE [KIND...]` makes those that are missing.

Three kinds of real traffic (see traffic.py). Up to REAL_MB they are as recorded. Beyond, `bulk` is still
recorded in full length, and `handshakes` and `mixed` are copies of the recording (see replicate.py), since a
small machine makes some hundred connections a second. They are kept in TLSCAP_BENCH_CACHE, by default
.cache/bench, about SIZE million bytes each.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from replicate import copied

HERE = Path(__file__).parent
CACHE = Path(os.environ.get("TLSCAP_BENCH_CACHE") or HERE.parent / ".cache" / "bench")
KINDS = ("bulk", "handshakes", "mixed")
REAL_MB = 60


def capture(kind: str, megabytes: int) -> Path:
    """A capture of that kind and about that size, made if it is not in the cache."""
    path = CACHE / f"{kind}-{megabytes}.pcap"
    if path.exists():
        return path
    if kind == "bulk" or megabytes <= REAL_MB:
        print(f"recording {path} ...", file=sys.stderr)
        subprocess.run([sys.executable, str(HERE / "traffic.py"), kind, str(megabytes), str(path)], check=True)
    else:
        recorded = capture(kind, REAL_MB)
        print(f"copying {recorded} into {path} ...", file=sys.stderr)
        copied(recorded, path, most_bytes=megabytes * 1_000_000)
    return path


def main(size: str, *kinds: str) -> None:
    for kind in kinds or KINDS:
        print(capture(kind, int(size)))


if __name__ == "__main__":
    main(*sys.argv[1:])
