"""What the fuzzer found once, and its seeds, break nothing: on both builds."""

from __future__ import annotations

from pathlib import Path

import pytest

from targets import TARGETS

FINDS = sorted(path for path in (Path(__file__).parent.parent / "fuzz" / "finds").rglob("*") if path.is_file())


@pytest.mark.parametrize("find", FINDS, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_a_find_is_mended(find: Path) -> None:
    TARGETS[find.parent.name](find.read_bytes())


@pytest.mark.parametrize("target", TARGETS)
def test_a_target_takes_its_seeds_and_what_is_cut_off_them(target: str) -> None:
    from seeds import SEEDS

    for seed in list(SEEDS[target]())[::7]:
        TARGETS[target](seed)
        TARGETS[target](seed[: len(seed) // 2])
    TARGETS[target](b"")
