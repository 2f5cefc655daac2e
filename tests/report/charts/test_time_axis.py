"""Round intervals and ticks for any span."""

from __future__ import annotations

import pytest
from matplotlib.figure import Figure

from report.synthetic import NS, START
from tlscap.report.charts.time_axis import TimeAxis, interval_words


@pytest.mark.parametrize(
    ("seconds", "bar"),
    [
        (0, "per 1 ms"),
        (2, "per 50 ms"),
        (60, "per second"),
        (600, "per 10 s"),
        (3600, "per minute"),
        (86400, "per 30 min"),
        (3 * 86400, "per hour"),
        (40 * 86400, "per 12 h"),
        (50 * 365 * 86400, "per 364 d"),
    ],
)
def test_divides_any_span_into_at_most_ninety_bars(seconds: int, bar: str) -> None:
    axis = TimeAxis(START, START + seconds * NS)
    assert interval_words(axis.bar_ns) == bar
    assert axis.span_s * NS <= 90 * axis.bar_ns


def labels(first: int, seconds: float) -> list[str]:
    axes = Figure().add_subplot()
    TimeAxis(first, first + int(seconds * NS)).draw(axes)
    return [label.get_text() for label in axes.get_xticklabels()]


def test_puts_ticks_at_round_times_of_the_day() -> None:
    assert labels(START + 7 * NS, 600)[:2] == ["10:02\n2026-11-22", "10:04"]


def test_shows_fractions_of_seconds_where_they_matter() -> None:
    assert labels(START, 2)[:2] == ["10:00:00.0\n2026-11-22", "10:00:00.5"]


def test_names_the_day_where_it_changes() -> None:
    assert [label for label in labels(START, 3 * 86400) if "\n" in label] == [
        "12:00\n2026-11-22",
        "00:00\n2026-11-23",
        "00:00\n2026-11-24",
        "00:00\n2026-11-25",
    ]


@pytest.mark.parametrize("seconds", [0, 1e-6, 0.5, 61, 1e5, 1e7, 1e9])
def test_has_between_one_and_ten_ticks(seconds: float) -> None:
    assert 1 <= len(labels(START, seconds)) <= 10
