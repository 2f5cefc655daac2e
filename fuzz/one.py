"""One fuzzer over one target, in this process: python fuzz/one.py TARGET FOLDER... [-libFuzzer_option=...]"""

from __future__ import annotations

import gc
import sys

import atheris

with atheris.instrument_imports(include=["tlscap"], enable_loader_override=False):
    from targets import TARGETS


SWEPT_EVERY = 64
"""Executions after which the cycles of so many runs are collected: a run leaves some behind, its tables for one."""


def main() -> None:
    gc.disable()  # as `tlscap.analyze` does; what grows within a run is what the memory limit shows
    target = TARGETS[sys.argv[1]]
    executed = 0

    def run(data: bytes) -> None:
        nonlocal executed
        target(data)
        executed += 1
        if executed % SWEPT_EVERY == 0:
            gc.collect()

    atheris.Setup([sys.argv[0], *sys.argv[2:]], run)
    atheris.Fuzz()


main()
