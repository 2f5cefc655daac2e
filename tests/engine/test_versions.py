"""Versions are ordered by age, not by number."""

from __future__ import annotations

import pytest

from tlscap.engine.versions import final_version, highest, is_draft


@pytest.mark.parametrize(
    ("versions", "newest"),
    [
        ((), 0),
        ((0x0303, 0x0304, 0x0302), 0x0304),
        ((0x0304, 0x7F1C, 0xFB1A), 0x0304),
        ((0x0303, 0x7F17, 0x7F1C), 0x7F1C),
        ((0xFEFF, 0xFEFC, 0xFEFD), 0xFEFC),
        ((0x0300, 0x0002), 0x0300),
    ],
)
def test_the_newest_version_of_a_list(versions: tuple[int, ...], newest: int) -> None:
    assert highest(versions) == newest


def test_a_draft_stands_for_what_it_became() -> None:
    for draft in (0x7F0E, 0x7F1C, 0x7E01, 0xFB17):
        assert is_draft(draft)
        assert final_version(draft) == 0x0304
    for version in (0x0300, 0x0303, 0x0304, 0xFEFD):
        assert not is_draft(version)
        assert final_version(version) == version
