"""What is still asked for is remembered, and memory is bounded."""

from __future__ import annotations

from tlscap.engine.interned import Interned


def key(n: int) -> bytes:
    return n.to_bytes(4)


def test_remembers_what_was_put() -> None:
    table = Interned(10)
    table.put(b"a", 1)
    assert table.get(b"a") == 1
    assert table.get(b"b") is None


def test_never_holds_much_more_than_its_limit() -> None:
    table = Interned(10)
    for n in range(1000):
        table.put(key(n), n)
        assert len(table) <= 10
    assert table.get(key(999)) == 999
    assert table.get(key(1)) is None


def test_what_is_asked_for_stays() -> None:
    table = Interned(10)
    table.put(b"stays", 1)
    for n in range(1000):
        table.put(key(n), n)
        assert table.get(b"stays") == 1
