from __future__ import annotations

from array import array

from tlscap.tables.cells import CHUNK, Flags, Ints, Longs, Names, Reals, Rows


def test_numbers_come_back_in_order_over_several_chunks() -> None:
    rows = Rows()
    longs, ints, expected = Longs(rows), Ints(rows), list(range(-5, 2 * CHUNK + 7))
    for value in expected:
        at = rows.next()
        longs.cells[at], ints.cells[at] = value, -value
    assert array("q", longs.take()).tolist() == expected
    assert array("i", ints.take()).tolist() == [-value for value in expected]


def test_columns_that_were_taken_start_anew() -> None:
    rows = Rows()
    first, second = Longs(rows), Longs(rows)
    first.cells[rows.next()] = 1
    assert len(first.take()) == 8
    assert first.take() == b""
    assert len(second.take()) == 8
    first.cells[rows.next()] = 2
    assert array("q", first.take()).tolist() == [2]


def test_a_64_bit_number_is_kept_whole() -> None:
    rows = Rows()
    column = Longs(rows)
    for value in (-(2**63), 2**63 - 1):
        column.cells[rows.next()] = value
    assert array("q", column.take()).tolist() == [-(2**63), 2**63 - 1]


def test_reals_and_flags_have_a_number_for_none() -> None:
    rows = Rows()
    reals, flags = Reals(rows), Flags(rows)
    for real, flag in ((0.0, True), (None, None), (0.75, False)):
        at = rows.next()
        reals.put(at, real)
        flags.put(at, flag)
    assert array("d", reals.take()).tolist() == [0.0, -1.0, 0.75]
    assert array("i", flags.take()).tolist() == [1, -1, 0]


def test_a_name_is_kept_once() -> None:
    rows = Rows()
    names = Names(rows)
    for name in ("a", None, "b", "a", ("a",)):
        names.put(rows.next(), name)
    names.cells[rows.next()] = names.code("b")
    assert array("i", names.take()).tolist() == [0, -1, 1, 0, 2, 1]
    assert names.keys() == ["a", "b", ("a",)]


def test_none_between_equal_numbers_is_none() -> None:
    rows = Rows()
    names = Names(rows)
    for number in (772, None, 772, None, None, 771, None, 771, 772):
        if number is None:
            names.put(rows.next(), None)
        else:
            names.put_number(rows.next(), number)
    names.put_number(rows.next(), -1)
    names.put(rows.next(), 771)
    names.put_number(rows.next(), 772)
    assert array("i", names.take()).tolist() == [0, -1, 0, -1, -1, 1, -1, 1, 0, -1, 1, 0]
    assert names.keys() == [772, 771]
