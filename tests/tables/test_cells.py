from __future__ import annotations

from array import array

from tlscap.tables.cells import CHUNK, Digests, Flags, Ints, Longs, Names, Reals


def test_numbers_come_back_in_order_over_several_chunks() -> None:
    for kind, code in ((Longs, "q"), (Ints, "i")):
        cells, expected = kind(), list(range(-5, 2 * CHUNK + 7))
        for value in expected:
            cells.add(value)
        assert array(code, cells.take()).tolist() == expected


def test_a_column_that_was_taken_starts_anew() -> None:
    cells = Longs()
    cells.add(1)
    assert len(cells.take()) == 8
    assert cells.take() == b""
    cells.add(2)
    assert array("q", cells.take()).tolist() == [2]


def test_a_64_bit_number_is_kept_whole() -> None:
    cells = Longs()
    cells.add(-(2**63))
    cells.add(2**63 - 1)
    assert array("q", cells.take()).tolist() == [-(2**63), 2**63 - 1]


def test_reals_and_flags_have_a_number_for_none() -> None:
    reals, flags = Reals(), Flags()
    for real in (0.0, None, 0.75):
        reals.add(real)
    for flag in (True, None, False):
        flags.add(flag)
    assert array("d", reals.take()).tolist() == [0.0, -1.0, 0.75]
    assert array("i", flags.take()).tolist() == [1, -1, 0]


def test_a_name_is_kept_once() -> None:
    names = Names()
    for name in ("a", None, "b", "a", ("a",)):
        names.add(name)
    names.add_code(names.code("b"))
    assert array("i", names.take()).tolist() == [0, -1, 1, 0, 2, 1]
    assert names.keys() == ["a", "b", ("a",)]


def test_none_between_equal_numbers_is_none() -> None:
    names = Names()
    for number in (772, None, 772, None, None, 771, None, 771, 772):
        if number is None:
            names.add(None)
        else:
            names.add_number(number)
    names.add_number(-1)
    names.add(771)
    names.add_number(772)
    assert array("i", names.take()).tolist() == [0, -1, 0, -1, -1, 1, -1, 1, 0, -1, 1, 0]
    assert names.keys() == [772, 771]


def test_digests_come_back_in_order_over_several_chunks() -> None:
    digests, expected = Digests(), [n.to_bytes(4, "big") for n in range(2 * CHUNK + 3)]
    for digest in expected:
        digests.add(digest)
    assert digests.take() == b"".join(expected)
    assert digests.take() == b""
