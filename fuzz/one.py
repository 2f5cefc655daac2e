"""One fuzzer over one target, in this process: python fuzz/one.py TARGET FOLDER... [-libFuzzer_option=...]"""

from __future__ import annotations

import gc
import sys

import atheris

with atheris.instrument_imports(include=["tlscap"], enable_loader_override=False):
    from targets import TARGETS


def main() -> None:
    gc.disable()  # as `tlscap.analyze` does; what it would find is a leak that the memory limit shows
    target = TARGETS[sys.argv[1]]
    atheris.Setup([sys.argv[0], *sys.argv[2:]], target)
    atheris.Fuzz()


main()
