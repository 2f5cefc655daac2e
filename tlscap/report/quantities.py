"""Numbers as people read them: counts, bytes, durations, instants, addresses."""

from __future__ import annotations

from datetime import UTC, datetime

NS = 1_000_000_000


def count(n: int, noun: str, plural: str = "") -> str:
    """`1 drop`, `1,234 drops`."""
    return f"{n:,} {noun if n == 1 else plural or noun + 's'}"


def size(n: int) -> str:
    """Bytes in decimal units: `999 B`, `1.2 kB`, `338 MB`."""
    value = float(n)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 999.5:
            return f"{_three_digits(value) if unit != 'B' else int(value)} {unit}"
        value /= 1000
    return f"{_three_digits(value)} TB"


def duration(seconds: float | None) -> str:
    """Two units at most: `230 µs`, `1.2 s`, `5 min 3 s`, `3 d 4 h`; `–` for None."""
    if seconds is None:
        return "–"
    if seconds < 0.0009995:
        return f"{_three_digits(seconds * 1e6)} µs"
    if seconds < 0.9995:
        return f"{_three_digits(seconds * 1e3)} ms"
    if seconds < 59.95:
        return f"{_three_digits(seconds)} s"
    whole = round(seconds)
    for unit, length, smaller, part in (("d", 86400, "h", 3600), ("h", 3600, "min", 60), ("min", 60, "s", 1)):
        if whole >= length:
            rest = whole % length // part
            return f"{whole // length:,} {unit} {rest} {smaller}" if rest else f"{whole // length:,} {unit}"
    return f"{whole} s"


def instant(ns: int, digits: int = 0) -> str:
    """`2026-11-22 10:00:00` in UTC, with `digits` digits of the second."""
    return f"{_date(ns):%Y-%m-%d} {clock(ns, digits)}"


def clock(ns: int, digits: int = 0) -> str:
    """`10:00:00` in UTC, with `digits` digits of the second, cut and not rounded."""
    fraction = f"{ns % NS:09d}"[:digits]
    return f"{_date(ns):%H:%M:%S}" + (f".{fraction}" if digits else "")


def span(first_ns: int, last_ns: int) -> str:
    """A range of time with its length; the day is said once if both ends are in it."""
    digits = 0 if last_ns - first_ns >= 10 * NS else 3
    start, end = _date(first_ns), _date(last_ns)
    shown = clock(last_ns, digits) if start.date() == end.date() else instant(last_ns, digits)
    return f"{instant(first_ns, digits)} – {shown} UTC ({duration((last_ns - first_ns) / NS)})"


def address(ip: str, port: int) -> str:
    """`10.0.0.1:443`, `[2001:db8::1]:443`."""
    return f"[{ip}]:{port}" if ":" in ip else f"{ip}:{port}"


def _date(ns: int) -> datetime:
    return datetime.fromtimestamp(ns // NS, UTC)


def _three_digits(value: float) -> str:
    digits = 0 if value >= 99.95 else 1
    text = f"{value:.{digits}f}"
    return text.removesuffix(".0")
