"""Stacks without a loop, against stacks with one."""

from __future__ import annotations

from itertools import groupby

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tlscap.tables.stacks import grouped, numbered, take


def taken(givers: list[tuple[int, int]], takers: list[tuple[int, int]]) -> list[tuple[int, int, int]]:
    """For each taker its giver, the latest giver and the choices; all are given as key and time."""
    columns = [np.array([each[at] for each in who], np.int64) for who in (givers, takers) for at in (0, 1)]
    result = take(*columns)
    return list(zip(result.giver.tolist(), result.latest.tolist(), result.choices.tolist()))


def test_the_last_that_was_put_on_the_stack_is_taken_first() -> None:
    assert taken([(1, 10), (1, 20)], [(1, 30), (1, 40)]) == [(1, 1, 2), (0, 1, 1)]


def test_who_comes_in_vain_is_told_of_the_latest_giver() -> None:
    assert taken([(1, 10)], [(1, 20), (1, 30)]) == [(0, 0, 1), (-1, 0, 1)]


def test_who_came_in_vain_counts_as_a_choice_of_those_who_follow() -> None:
    assert taken([(1, 20)], [(1, 10), (1, 30)]) == [(-1, -1, 1), (0, 0, 2)]


def test_stacks_of_other_keys_are_left_alone() -> None:
    assert taken([(2, 10), (1, 20)], [(2, 30), (3, 30)]) == [(0, 0, 1), (-1, -1, 1)]


def test_what_is_given_at_the_same_time_can_be_taken() -> None:
    assert taken([(1, 10)], [(1, 10)]) == [(0, 0, 1)]


def test_nobody_takes_nothing() -> None:
    assert taken([], []) == []
    assert taken([(1, 1)], []) == []
    assert taken([], [(1, 1)]) == [(-1, -1, 0)]


EVENTS = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 30)), max_size=25)


@given(EVENTS, EVENTS)
def test_agrees_with_the_same_played_in_a_loop(givers: list[tuple[int, int]], takers: list[tuple[int, int]]) -> None:
    events = sorted(
        [(time, 0, number, key) for number, (key, time) in enumerate(givers)]
        + [(time, 1, number, key) for number, (key, time) in enumerate(takers)]
    )
    stacks: dict[int, list[int]] = {}
    latest: dict[int, int] = {}
    vain: dict[int, int] = {}
    expected = [(-1, -1, 0)] * len(takers)
    for _, takes, number, key in events:
        stack = stacks.setdefault(key, [])
        if not takes:
            stack.append(number)
            latest[key] = number
            continue
        vain[key] = vain.get(key, 0) + (not stack)
        choices = len(stack) + vain[key]
        expected[number] = (stack.pop() if stack else -1, latest.get(key, -1), choices)
    if givers and takers:
        assert taken(givers, takers) == expected


@given(st.lists(st.integers(-5, 5)))
def test_numbers_equal_values_alike(values: list[int]) -> None:
    numbers, count = numbered(np.array(values, np.int64))
    assert count == len(set(values))
    assert set(numbers.tolist()) == set(range(count))
    assert len(set(zip(values, numbers.tolist()))) == count


@given(st.lists(st.integers(-3, 3) | st.sampled_from([0, 1, 2, 1 << 60, 3 << 60, -(1 << 62)])))
def test_groups_keep_their_order_though_keys_differ_in_their_highest_bits_only(keys: list[int]) -> None:
    order = grouped(np.array(keys, np.int64)).tolist()
    assert sorted(order) == list(range(len(keys)))
    groups = [list(group) for _, group in groupby(order, key=lambda place: keys[place])]
    assert len(groups) == len(set(keys))
    assert all(group == sorted(group) for group in groups)
