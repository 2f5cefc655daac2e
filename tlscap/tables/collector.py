"""Takes facts with their verdicts while the engine runs, and makes the tables when it is done."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from tlscap.engine.coverage import Coverage
from tlscap.engine.facts import Block
from tlscap.judge.verdict import Verdict
from tlscap.tables.certificate_rows import CertificateRows
from tlscap.tables.connection_rows import ConnectionRows
from tlscap.tables.nested_rows import AlertRows, AnomalyRows, HandshakeRows

if TYPE_CHECKING:
    from tlscap.tables.finish import Tables


class Collector:
    """Keeps of each finished connection the numbers of its rows, and nothing else."""

    def __init__(self) -> None:
        self.connections = ConnectionRows()
        self.handshakes = HandshakeRows()
        self.alerts = AlertRows()
        self.anomalies = AnomalyRows()
        self.certificates = CertificateRows()

    def add(self, block: Block, verdicts: Iterable[Verdict]) -> None:
        """Adds the connections of `block`; `verdicts` are of the same rows in the same order.

        Best is an iterator that judges when it is asked: each verdict is gone before the next is made in its place.
        """
        for facts, verdict in zip(block.rows, verdicts):
            row = self.connections.count
            self.connections.add(facts, verdict)
            self.handshakes.add(row, verdict)
            self.alerts.add(row, verdict)
            self.anomalies.add(row, facts)
            self.certificates.add(facts)

    def finish(
        self,
        coverage: Sequence[Coverage],
        certificate: Callable[[bytes], bytes | None],
        endpoints: Mapping[tuple[bytes, int, int], Sequence[int]] | None = None,
    ) -> Tables:
        """The tables, sorted by start; the collector is empty afterwards.

        `coverage` is by file index and names the files. `certificate` gives the DER of a SHA-256 digest.
        `endpoints` counts connections without TLS, as `engine.endpoints` does.
        """
        from tlscap.tables.finish import finish

        return finish(self, coverage, certificate, endpoints or {})
