"""The timeline against a plain list, and its limits at the limit and one beyond."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tlscap.engine.events import (
    ALERT,
    APPLICATION_DATA,
    CLIENT,
    FIN,
    HANDSHAKE,
    MAX_DATA_RUNS,
    MAX_EVENTS,
    RST,
    SERVER,
    Events,
)

ROW = st.tuples(
    st.integers(0, 1 << 62),
    st.integers(0, 1 << 60),
    st.sampled_from([CLIENT, SERVER]),
    st.sampled_from([FIN, RST, HANDSHAKE, ALERT, APPLICATION_DATA]),
    st.integers(0, 0xFFFF),
    st.integers(0, 1 << 40),
)


def rows(events: Events) -> list[tuple[int, int, int, int, int, int]]:
    return [
        (events.ns(i), events.frame(i), events.side(i), events.kind(i), events.detail(i), events.length(i))
        for i in range(events.count)
    ]


def data(events: Events) -> list[tuple[int, int, int]]:
    """Side, records and bytes of the runs of data."""
    return [(row[2], row[4], row[5]) for row in rows(events) if row[3] == APPLICATION_DATA]


@given(st.lists(ROW, max_size=80))
def test_gives_back_what_was_added(added: list[tuple[int, int, int, int, int, int]]) -> None:
    events = Events()
    for i, row in enumerate(added):
        assert events.add(*row) == i
    assert rows(events) == added


@given(st.lists(ROW, max_size=40))
def test_swaps_the_sides_and_nothing_else(added: list[tuple[int, int, int, int, int, int]]) -> None:
    events = Events()
    for row in added:
        events.add(*row)
    events.swap_sides()
    assert rows(events) == [(ns, frame, 1 - side, *rest) for ns, frame, side, *rest in added]


@given(st.lists(ROW, max_size=80))
def test_sorts_by_time_and_keeps_the_order_of_equal_times(added: list[tuple[int, int, int, int, int, int]]) -> None:
    events = Events()
    for row in added:
        events.add(row[0] % 7, *row[1:])
    events.sort()
    assert [row[1:] for row in rows(events)] == [row[1:] for row in added], "it was not told that it is unsorted"
    events.unsorted = True
    events.sort()
    assert rows(events) == sorted(((row[0] % 7, *row[1:]) for row in added), key=lambda row: row[0])


def test_can_grow_after_it_was_sorted() -> None:
    events = Events()
    for i in range(20):
        events.add(100 - i, i, CLIENT, HANDSHAKE, 1, 1)
    events.unsorted = True
    events.sort()
    for i in range(50):
        assert events.add(200, i, SERVER, HANDSHAKE, 2, 2) == 20 + i
    assert events.ns(0) == 81


def test_keeps_as_many_events_as_the_limit_and_counts_the_rest() -> None:
    events = Events()
    for i in range(MAX_EVENTS):
        assert events.add(i, i, CLIENT, ALERT, 0, 2) == i
    assert events.cut == 0
    assert events.add(0, 0, CLIENT, ALERT, 0, 2) == -1
    events.add_data(0, 0, SERVER, 10, True)
    assert (events.count, events.cut) == (MAX_EVENTS, 2)


def test_keeps_a_close_also_beyond_the_limit() -> None:
    events = Events()
    for i in range(MAX_EVENTS + 5):
        events.add(i, i, CLIENT, ALERT, 0, 2)
    assert events.add(7, 8, SERVER, FIN, 0, 0) == MAX_EVENTS
    assert rows(events)[-1] == (7, 8, SERVER, FIN, 0, 0)


def test_a_single_record_is_an_event_of_its_own() -> None:
    events = Events()
    for _ in range(3):
        events.add_data(0, 0, CLIENT, 10, True)
    assert data(events) == [(CLIENT, 1, 10)] * 3


def test_records_in_a_row_are_one_run() -> None:
    events = Events()
    for side in (CLIENT, CLIENT, SERVER, SERVER, SERVER, CLIENT):
        events.add_data(0, 0, side, 10, False)
    assert data(events) == [(CLIENT, 2, 20), (SERVER, 3, 30), (CLIENT, 1, 10)]


def test_anything_else_ends_a_run() -> None:
    events = Events()
    events.add_data(0, 0, CLIENT, 10, False)
    events.add(0, 0, CLIENT, ALERT, 0, 2)
    events.add_data(0, 0, CLIENT, 10, False)
    assert data(events) == [(CLIENT, 1, 10), (CLIENT, 1, 10)]


def test_a_session_that_alternates_for_ever_costs_one_run_a_side_until_something_else_comes() -> None:
    events = Events()
    for _ in range(MAX_DATA_RUNS):
        events.add_data(0, 0, CLIENT, 10, False)
        events.add_data(0, 0, SERVER, 10, False)
    assert events.count == MAX_DATA_RUNS
    assert sum(records for _, records, _ in data(events)) == 2 * MAX_DATA_RUNS
    events.add(0, 0, CLIENT, HANDSHAKE, 1, 200)
    for _ in range(100):
        events.add_data(0, 0, SERVER, 10, False)
        events.add_data(0, 0, CLIENT, 10, False)
    assert data(events)[MAX_DATA_RUNS:] == [(SERVER, 100, 1000), (CLIENT, 100, 1000)]
    assert events.cut == 0


def test_a_run_counts_no_further_than_its_field_reaches() -> None:
    events = Events()
    for _ in range(70_000):
        events.add_data(0, 0, CLIENT, 10, False)
    ((side, records, size),) = data(events)
    assert (side, records, size) == (CLIENT, 0xFFFE, 700_000)


def test_runs_follow_their_sides_when_these_are_swapped() -> None:
    events = Events()
    events.add_data(0, 0, CLIENT, 10, False)
    events.swap_sides()
    events.add_data(0, 0, SERVER, 10, False)
    assert data(events) == [(SERVER, 2, 20)]
