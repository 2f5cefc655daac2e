"""What the fuzzer calls: each target takes any bytes, and returns, or raises where an invariant is broken.

A target is plain Python over tlscap's public names, so that what the fuzzer finds is replayed by the
tests on both builds (`tests/test_finds.py`).
"""

from __future__ import annotations

from collections.abc import Callable

from targets import bpf, certificates, container, decrypted, frames, handshakes, inferred, streams, whole

TARGETS: dict[str, Callable[[bytes], None]] = {
    "container": container.run,
    "frames": frames.run,
    "streams": streams.run,
    "decrypted": decrypted.run,
    "inferred": inferred.run,
    "handshakes": handshakes.run,
    "certificates": certificates.run,
    "bpf": bpf.run,
    "whole": whole.run,
}
