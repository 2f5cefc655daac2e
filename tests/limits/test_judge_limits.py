"""What peers may make the inference of renegotiations keep: each limit, and one beyond."""

from __future__ import annotations

from tlscap.engine.events import APPLICATION_DATA, CLIENT, Events
from tlscap.judge.inference.fits import MAX_FITS, MAX_MEASURES, Fits, fits_under
from tlscap.judge.inference.lengths import MAX_SUMS, sums
from tlscap.judge.inference.measure import Measure
from tlscap.judge.inference.parse import MAX_DATA_SIZES, MAX_READINGS, _best, _data_sizes
from tlscap.judge.inference.reading import RECORD_HEADER, Reading

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
