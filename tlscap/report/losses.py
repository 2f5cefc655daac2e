"""What a capture covers and what it lost, in words: the small print under every report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tlscap.report.printable import printable
from tlscap.report.quantities import count, size, span

if TYPE_CHECKING:
    import pyarrow

_SUMS = (
    "packets",
    "filtered",
    "bytes",
    "cut_by_snaplen",
    "oversize_frames",
    "duplicates",
    "tcp_connections",
    "tls_connections",
    "under_way",
    "open_at_end",
    "one_sided",
    "misdated",
    "evicted",
    "forgotten",
    "relieved",
    "missing_bytes",
)

QUOTED = 120
"""Characters shown of a comment; tools write whole command lines."""


class Covered:
    """All captures of a run together."""

    def __init__(self, coverage: pyarrow.Table) -> None:
        rows = coverage.drop_columns(["start", "end"]).to_pylist()
        self.sums: dict[str, int] = {name: sum(row[name] for row in rows) for name in _SUMS}
        self.captures: list[str] = [printable(row["capture"]) for row in rows]
        self.undecoded: Counter[str] = _merged(rows, "undecoded")
        self.recognised: Counter[str] = _merged(rows, "recognised_connections")
        self.comments: list[str] = [printable(text) for row in rows for text in row["comments"]]
        self.damage: list[str] = [printable(sentence) for row in rows for sentence in row["damage"]]
        told = [row["kernel_dropped"] for row in rows if row["kernel_dropped"] is not None]
        self.kernel_dropped: int | None = sum(told) if told else None
        starts, ends = _instants(coverage, "start"), _instants(coverage, "end")
        self.first_ns: int | None = min(starts, default=None)
        self.last_ns: int | None = max(ends, default=None)

    def name(self) -> str:
        """The captures in a few words: `lb1.pcap`, `lb1.pcap and 3 more`."""
        if not self.captures:
            return "nothing"
        shown = {"-": "standard input"}.get(self.captures[0], self.captures[0].rsplit("/", 1)[-1])
        return shown if len(self.captures) == 1 else f"{shown} and {len(self.captures) - 1:,} more"

    def span(self) -> str:
        """`2026-11-22 10:00:00 – 10:10:00 UTC (10 min)`; `no packet` where there is none."""
        if self.first_ns is None or self.last_ns is None:
            return "no packet"
        return span(self.first_ns, self.last_ns)

    def volume(self) -> str:
        """`12,000 packets, 6.6 MB`."""
        return f"{count(self.sums['packets'], 'packet')}, {size(self.sums['bytes'])}"

    def edges(self) -> str:
        """What lies over the edges of the capture; empty if nothing does."""
        parts = [
            (self.sums["under_way"], "under way when it began"),
            (self.sums["open_at_end"], "still open when it ended"),
            (self.sums["one_sided"], "captured in one direction only"),
        ]
        return ", ".join(f"{n:,} {words}" for n, words in parts if n)

    def losses(self) -> list[str]:
        """One phrase for each kind of loss; empty if the capture tells of none."""
        parts = [
            (self.kernel_dropped or 0, "{} dropped by the capturing kernel", "packet"),
            (self.sums["missing_bytes"], "{} of TLS connections missing", "byte"),
            (self.sums["cut_by_snaplen"], "{} cut short by the snapshot length", "packet"),
            (self.sums["forgotten"], "{} given up for want of memory", "connection"),
            (self.sums["relieved"], "{} read in part for want of memory", "connection"),
        ]
        phrases = [words.format(count(n, noun)) for n, words, noun in parts if n]
        return phrases + self.damage

    def remarks(self) -> list[str]:
        """What else a reader should know before drawing conclusions."""
        parts = [
            (self.sums["filtered"], "{} left out by the filter", "packet"),
            (self.sums["duplicates"], "{} captured twice", "packet"),
            (
                self.sums["misdated"],
                "{} with packets dated against their order (two clocks, or one set back)",
                "connection",
            ),
            (self.sums["evicted"], "{} put aside for a while for want of memory", "connection"),
            (self.sums["oversize_frames"], "{} larger than MTU 1500 allows (merged by offload, or jumbo)", "frame"),
        ]
        remarks = [words.format(count(n, noun)) for n, words, noun in parts if n]
        if self.undecoded:
            remarks.append(f"{count(self.undecoded.total(), 'packet')} not decoded ({_listed(self.undecoded)})")
        if self.recognised:
            remarks.append(f"recognised, not analysed: {_listed(self.recognised)}")
        if self.comments:
            remarks.append(_quoted(self.comments))
        return remarks


def _instants(coverage: pyarrow.Table, name: str) -> list[int]:
    """Nanoseconds; Python's own instants are not fine enough."""
    from tlscap.tables.counting import present

    ns, is_there = present(coverage, name)
    return [int(each) for each in ns[is_there]]


def _merged(rows: Sequence[Mapping[str, Any]], column: str) -> Counter[str]:
    total: Counter[str] = Counter()
    for row in rows:
        for what, n in row[column]:
            total[what] += n
    return total


def _listed(counts: Counter[str], most: int = 4) -> str:
    shown = [f"{printable(what)} {n:,}" for what, n in counts.most_common(most)]
    return ", ".join(shown + (["…"] if len(counts) > most else []))


def _quoted(comments: Sequence[str]) -> str:
    """The first comment, and how many there are."""
    first = comments[0] if len(comments[0]) <= QUOTED else comments[0][: QUOTED - 1] + "…"
    return f"commented: “{first}”" + (f" and {len(comments) - 1:,} more in the table coverage" if comments[1:] else "")
