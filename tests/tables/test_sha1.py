from __future__ import annotations

from hashlib import sha1

import numpy as np
import pytest

from tlscap.tables.sha1 import MAX_MESSAGE, sha1_of_each


@pytest.mark.parametrize("length", range(MAX_MESSAGE + 1))
def test_is_what_the_library_says_for_every_length_of_one_block(length: int) -> None:
    messages = np.random.default_rng(length).integers(0, 256, (5, length), dtype=np.uint8)
    expected = [sha1(message.tobytes()).digest() for message in messages]
    assert [digest.tobytes() for digest in sha1_of_each(messages)] == expected


def test_takes_no_messages_and_many() -> None:
    assert sha1_of_each(np.zeros((0, 16), np.uint8)).shape == (0, 20)
    many = np.arange(40_000, dtype=">u4").view(np.uint8).reshape(-1, 4)
    digests = sha1_of_each(many)
    assert [digests[at].tobytes() for at in (0, 16_383, 16_384, 39_999)] == [
        sha1(at.to_bytes(4, "big")).digest() for at in (0, 16_383, 16_384, 39_999)
    ]


def test_refuses_what_is_longer_than_a_block() -> None:
    with pytest.raises(ValueError, match="56 bytes"):
        sha1_of_each(np.zeros((1, MAX_MESSAGE + 1), np.uint8))
