from __future__ import annotations

import re

import numpy as np

from tlscap.tables.uid import TEXT_CHARACTERS, uid, uids


def test_many_at_once_are_the_same_as_one_by_one() -> None:
    pick = np.random.default_rng(1)
    digests = pick.integers(0, 256, (500, 20), np.uint8)
    start, frame = pick.integers(0, 2**62, 500), pick.integers(1, 2**40, 500)
    text = uids(digests, start, frame).decode()
    each = [text[at : at + TEXT_CHARACTERS] for at in range(0, len(text), TEXT_CHARACTERS)]
    assert each == [uid(bytes(d), int(s), int(f)) for d, s, f in zip(digests, start, frame)]
    assert len(set(each)) == 500
    assert all(re.fullmatch("C[0-9A-Za-z]{11}", one) for one in each)


def test_hangs_on_the_flow_on_the_time_and_on_the_frame() -> None:
    digest = bytes(range(20))
    names = {uid(digest, 5, 7), uid(bytes(20), 5, 7), uid(digest, 6, 7), uid(digest, 5, 8), uid(digest, 7, 5)}
    assert len(names) == 5


def test_is_the_same_for_ever() -> None:
    assert uid(bytes(range(20)), 1_795_341_600_000_000_000, 1) == "C6xTglnbcZk9"
