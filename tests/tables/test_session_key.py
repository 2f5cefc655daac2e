from __future__ import annotations

from tlscap.tables.session_key import session_key


def test_is_a_positive_64_bit_number_that_is_the_same_for_ever() -> None:
    assert session_key(b"a") == 0xAF63DC4C8601EC8C & (2**63 - 1)  # FNV-1a's own test vector
    keys = {session_key(bytes([n]) * 32) for n in range(256)}
    assert len(keys) == 256
    assert all(0 < key < 2**63 for key in keys)


def test_nothing_has_no_key() -> None:
    assert session_key(b"") == 0
