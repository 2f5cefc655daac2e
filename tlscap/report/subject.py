"""What a report is about, as far as reports look at it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from tlscap.report.overview import Overview

if TYPE_CHECKING:
    import pyarrow

    from tlscap.findings.finding import Finding


class Subject(Protocol):
    """An `Analysis`; reports come before it in the pipeline and so know only this of it."""

    @property
    def alerts(self) -> pyarrow.Table:
        """The table `alerts`."""

    @property
    def coverage(self) -> pyarrow.Table:
        """The table `coverage`."""

    @property
    def findings(self) -> Sequence[Finding]:
        """Most severe first."""

    @property
    def overview(self) -> Overview:
        """Made once: several reports show the same numbers."""

    def sql(self, query: str) -> pyarrow.Table:
        """The answer of a query over all tables by their names."""
