"""How numbers are written."""

from __future__ import annotations

import pytest

from tlscap.report.quantities import address, clock, count, duration, instant, size, span

NS = 1_000_000_000
AT = 1_795_341_600 * NS + 123_456_789  # 2026-11-22 10:00:00.123456789


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "–"),
        (0.0, "0 µs"),
        (0.0000042, "4.2 µs"),
        (0.000999, "999 µs"),
        (0.0009999, "1 ms"),
        (0.0123, "12.3 ms"),
        (0.99949, "999 ms"),
        (0.9999, "1 s"),
        (59.94, "59.9 s"),
        (59.96, "1 min"),
        (303.0, "5 min 3 s"),
        (7200.0, "2 h"),
        (7320.0, "2 h 2 min"),
        (3 * 86400.0 + 4 * 3600, "3 d 4 h"),
        (86399.9, "1 d"),
    ],
)
def test_says_durations_in_at_most_two_units(seconds: float | None, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("octets", "text"),
    [(0, "0 B"), (999, "999 B"), (1000, "1 kB"), (29_240, "29.2 kB"), (338_000_000, "338 MB"), (10**13, "10 TB")],
)
def test_says_sizes_in_decimal_units(octets: int, text: str) -> None:
    assert size(octets) == text


def test_counts_one_and_many() -> None:
    assert [count(n, "drop") for n in (0, 1, 1234)] == ["0 drops", "1 drop", "1,234 drops"]


def test_cuts_the_digits_of_an_instant_and_never_rounds_them_up() -> None:
    assert instant(AT) == "2026-11-22 10:00:00"
    assert clock(AT, 6) == "10:00:00.123456"
    assert clock(AT + 876_543_210, 3) == "10:00:00.999"


def test_says_the_day_of_a_range_once() -> None:
    assert span(AT, AT + 600 * NS) == "2026-11-22 10:00:00 – 10:10:00 UTC (10 min)"
    assert span(AT, AT + 86400 * NS) == "2026-11-22 10:00:00 – 2026-11-23 10:00:00 UTC (1 d)"
    assert span(AT, AT + NS) == "2026-11-22 10:00:00.123 – 10:00:01.123 UTC (1 s)"


def test_brackets_ipv6_addresses() -> None:
    assert address("10.0.0.1", 443) == "10.0.0.1:443"
    assert address("2001:db8::1", 443) == "[2001:db8::1]:443"
