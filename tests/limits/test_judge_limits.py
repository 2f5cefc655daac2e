"""What peers may make the inference of renegotiations keep: each limit, and one beyond."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator

from tlscap.engine.events import ALERT, APPLICATION_DATA, CLIENT, SERVER, Events
from tlscap.judge.inference.fits import MAX_FITS, MAX_MEASURES, Fits, fits_under
from tlscap.judge.inference.grammar import STEPS
from tlscap.judge.inference.lengths import MAX_SUMS, sums
from tlscap.judge.inference.measure import Measure
from tlscap.judge.inference.parse import MAX_DATA_SIZES, MAX_READINGS, _best, _data_sizes
from tlscap.judge.inference.reading import RECORD_HEADER, Reading
from tlscap.judge.landmarks import MAX_COURSE_EVENTS, MAX_COURSES, MAX_HISTORIES, Courses

CERTIFICATE, CLIENT_KEY_EXCHANGE = 11, 16


def test_as_many_measures_are_remembered_as_the_limit() -> None:
    first = fits_under(Measure(version=1))
    assert fits_under(Measure(version=1)) is first
    for number in range(MAX_MEASURES):
        fits_under(Measure(version=100 + number))
    assert fits_under(Measure(version=1)) is not first


def test_as_many_answers_on_a_measure_are_remembered_as_the_limit() -> None:
    fits = Fits(Measure())
    first = fits.fit(CLIENT, (CLIENT_KEY_EXCHANGE,), 0, 0)
    for number in range(1, MAX_FITS):
        fits.fit(CLIENT, (CLIENT_KEY_EXCHANGE,), 0, number)
    assert fits.fit(CLIENT, (CLIENT_KEY_EXCHANGE,), 0, 0) is first
    fits.fit(CLIENT, (CLIENT_KEY_EXCHANGE,), 0, MAX_FITS)
    again = fits.fit(CLIENT, (CLIENT_KEY_EXCHANGE,), 0, 0)
    assert again == first
    assert again is not first


def test_all_that_is_remembered_of_measures_takes_less_than_64_megabytes() -> None:
    lengths = {(SERVER, 2): 90, (SERVER, CERTIFICATE): 1200, (SERVER, 12): 110, (CLIENT, CLIENT_KEY_EXCHANGE): 37}
    measure = Measure(lengths=lengths)
    ways = sorted(set(runs()))
    tracemalloc.start()
    try:
        fits = Fits(measure)
        for number in range(MAX_FITS):
            side, kinds = ways[number % len(ways)]
            fits.fit(side, kinds, 100 + number, 100 + number)
        assert tracemalloc.get_traced_memory()[0] * MAX_MEASURES < 64 << 20
    finally:
        tracemalloc.stop()


def runs(most: int = 4) -> Iterator[tuple[int, tuple[int, ...]]]:
    """All rows of messages, up to so many, that one side may send in a handshake: more than stand in a record."""
    reached = {(place, side, ()) for place in STEPS for side in (CLIENT, SERVER)}
    for _ in range(most):
        reached = {
            (step.to, side, (*kinds, step.kind))
            for place, side, kinds in reached
            for step in STEPS[place]
            if step.side == side
        }
        yield from ((side, kinds) for _, side, kinds in reached)


def test_as_many_sums_of_lengths_are_kept_as_the_limit() -> None:
    counts = [len(sums(Measure(), CLIENT, (CERTIFICATE,) * number)) for number in range(1, 8)]
    assert counts[0] < MAX_SUMS
    assert max(counts) == counts[-1] == MAX_SUMS


def test_as_many_readings_are_followed_as_the_limit() -> None:
    readings = [Reading(-number / 1000) for number in range(MAX_READINGS + 1)]
    assert _best(readings[:MAX_READINGS]) == readings[:MAX_READINGS]
    assert _best(readings) == readings[:MAX_READINGS]


def test_as_many_sizes_of_data_are_compared_as_the_limit() -> None:
    events = Events()
    for size in range(MAX_DATA_SIZES + 1):
        events.add(size, 1, CLIENT, APPLICATION_DATA, 1, size)
    assert _data_sizes(events)[CLIENT] == {RECORD_HEADER + size for size in range(MAX_DATA_SIZES)}


def course_of(number: int, count: int = 12) -> Events:
    """Events of which as many are the client's as the number has binary ones: another course for each number."""
    events = Events()
    for i in range(count):
        events.add(i + 1, 1, number >> i & 1, ALERT, 0x0100, 2)
    return events


def test_as_many_courses_are_remembered_as_the_limit() -> None:
    courses = Courses()
    first = courses.of(course_of(0), False, False)
    for number in range(1, MAX_COURSES):
        courses.of(course_of(number), False, False)
    assert courses.of(course_of(0), False, False) is first
    courses.of(course_of(MAX_COURSES), False, False)
    assert courses.of(course_of(0), False, False) is not first


def test_a_course_that_is_remembered_has_as_many_events_as_the_limit() -> None:
    courses = Courses()
    for count, again in ((MAX_COURSE_EVENTS, True), (MAX_COURSE_EVENTS + 1, False)):
        first = courses.of(course_of(5, count), False, False)
        assert (courses.of(course_of(5, count), False, False) is first) is again


def test_as_many_histories_of_a_course_are_remembered_as_the_limit() -> None:
    course = Courses().of(course_of(1), False, False)
    for key in range(MAX_HISTORIES + 1):
        course.remember(key, str(key))
    assert course.history(MAX_HISTORIES - 1) == str(MAX_HISTORIES - 1)
    assert course.history(MAX_HISTORIES) is None
