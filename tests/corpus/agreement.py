"""How far two sides agree: counts by source and by fact, as tables of Markdown."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from corpus.known import Difference, Known, reason_for


class Agreement:
    """Comparisons counted as they come."""

    def __init__(self, known: list[Known]) -> None:
        self.known = known
        self.captures = 0
        self.explained: list[tuple[Difference, Known]] = []
        self.unexplained: list[Difference] = []
        self._by_source: dict[str, Counter[str]] = defaultdict(Counter)
        self._by_fact: dict[str, Counter[str]] = defaultdict(Counter)

    def add(self, comparisons: Iterable[Difference]) -> None:
        """Counts what was compared of one capture."""
        self.captures += 1
        for it in comparisons:
            result = self._result(it)
            self._by_source[it.source][result] += 1
            self._by_fact[it.fact][result] += 1

    def _result(self, it: Difference) -> str:
        if it.theirs == it.ours:
            return "agree"
        if entry := reason_for(it, self.known):
            self.explained.append((it, entry))
            return "explained"
        self.unexplained.append(it)
        return "unexplained"

    @property
    def share(self) -> float:
        """Of all that was compared, what agrees; what differs for a reason differs."""
        counts = self._all()
        return counts["agree"] / counts.total() if counts else 1.0

    @property
    def reasons(self) -> list[tuple[Known, int]]:
        """The reasons that differences asked for, in their order, each with how many it explains."""
        used = Counter(id(entry) for _, entry in self.explained)
        return [(entry, used[id(entry)]) for entry in self.known if used[id(entry)]]

    @property
    def unused(self) -> list[Known]:
        """Reasons that no difference asked for."""
        used = {id(entry) for _, entry in self.explained}
        return [entry for entry in self.known if id(entry) not in used]

    def by_source(self) -> str:
        return _table("source", {**dict(sorted(self._by_source.items())), "all": self._all()})

    def by_fact(self) -> str:
        return _table("fact", {**dict(sorted(self._by_fact.items())), "all": self._all()})

    def _all(self) -> Counter[str]:
        return sum(self._by_source.values(), Counter())


def _table(what: str, counts: dict[str, Counter[str]]) -> str:
    lines = [f"| {what} | compared | agree | differ for a known reason | differ | agree |", "|---|--:|--:|--:|--:|--:|"]
    for name, count in counts.items():
        share = f"{100 * count['agree'] / count.total():.1f} %" if count else "–"
        cells = (name, count.total(), count["agree"], count["explained"], count["unexplained"], share)
        lines.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join(lines)
