"""Lineage from columns, against the same said in a loop."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tlscap.tables.lineage import OTHER_NODE, SAME_NODE, SEVERAL_ISSUERS, Sessions, origins, tie_keys


def sessions(issued_at: list[int], presented_at: list[int], server: list[int]) -> Sessions:
    none = np.zeros(len(server), np.int64)
    columns = [np.array(each, np.int64) for each in (issued_at, presented_at, server)]
    return Sessions(*columns, none, none, none, none)


def tied(issued: list[int], offered: list[int], server: list[int] | None = None) -> tuple[list[int], list[float]]:
    """Row i says hello at 10 * i and is established at 10 * i + 5."""
    rows = range(len(issued))
    made = sessions([10 * i + 5 for i in rows], [10 * i for i in rows], server or [1] * len(issued))
    ties = tie_keys(made, np.array(issued, np.int64), np.array(offered, np.int64))
    return ties.parent.tolist(), ties.confidence.tolist()


def test_a_key_belongs_to_who_issued_it() -> None:
    assert tied([7, 8, 0, 0], [0, 0, 7, 8]) == ([-1, -1, 0, 1], [0, 0, SAME_NODE, SAME_NODE])


def test_a_key_that_nobody_issued_belongs_to_nobody() -> None:
    assert tied([7, 0], [0, 9]) == ([-1, -1], [0, 0])


def test_a_key_that_is_issued_only_afterwards_belongs_to_nobody() -> None:
    assert tied([0, 7], [7, 0])[0] == [-1, -1]


def test_of_two_issuers_the_latest_is_taken_with_less_confidence() -> None:
    assert tied([7, 7, 0], [0, 0, 7]) == ([-1, -1, 1], [0, 0, SEVERAL_ISSUERS])


def test_another_node_is_taken_with_less_confidence() -> None:
    assert tied([7, 0], [0, 7], [1, 2]) == ([-1, 0], [0, OTHER_NODE])


def test_the_same_node_comes_before_a_later_one() -> None:
    parent, confidence = tied([7, 7, 0], [0, 0, 7], [1, 2, 1])
    assert parent == [-1, -1, 0]
    assert confidence[2] == SAME_NODE * SEVERAL_ISSUERS


def test_a_chain_of_tickets_goes_from_link_to_link() -> None:
    assert tied([1, 2, 3], [0, 1, 2])[0] == [-1, 0, 1]


def test_nothing_ties_nothing() -> None:
    assert tied([], []) == ([], [])


def test_a_chain_leads_to_its_origin_and_loses_confidence_on_the_way() -> None:
    chain = origins(np.array([-1, 0, 1, 2]), np.array([0.0, 0.5, 0.5, 1.0]))
    assert chain.parent.tolist() == [0, 0, 0, 0]
    assert chain.confidence.tolist() == [1.0, 0.5, 0.25, 0.25]


def test_a_chain_that_leads_back_into_itself_has_no_origin() -> None:
    chain = origins(np.array([1, 2, 0, 2, -1]), np.ones(5))
    assert chain.parent.tolist() == [-1, -1, -1, -1, 4]
    assert chain.confidence.tolist() == [0, 0, 0, 0, 1]


ROW = st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(0, 30), st.integers(0, 5), st.integers(1, 2))


@given(st.lists(ROW, max_size=25))
def test_agrees_with_the_same_said_in_a_loop(rows: list[tuple[int, int, int, int, int]]) -> None:
    issued, offered, hello, took, server = (list(each) for each in zip(*rows)) if rows else ([], [], [], [], [])
    done = [a + b for a, b in zip(hello, took)]
    ties = tie_keys(sessions(done, hello, server), np.array(issued, np.int64), np.array(offered, np.int64))
    for row, parent in enumerate(ties.parent.tolist()):
        earlier = [i for i in range(len(rows)) if offered[row] and issued[i] == offered[row] and done[i] <= hello[row]]
        near = [i for i in earlier if server[i] == server[row]]
        candidates = near or earlier
        if not candidates or row in earlier:  # one that took no time could present its own key
            assert parent == -1 or done[parent] <= hello[row]
            continue
        assert done[parent] == max(done[i] for i in candidates)
        assert (server[parent] == server[row]) == bool(near)
        expected = (SAME_NODE if near else OTHER_NODE) * (SEVERAL_ISSUERS if len(earlier) > 1 else 1)
        assert ties.confidence[row] == expected
