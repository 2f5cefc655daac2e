"""Takes facts with their verdicts while the engine runs; `finish.py` makes tables of it when it is done."""

from __future__ import annotations

from tlscap.engine.facts import Block
from tlscap.judge.verdict import Verdict
from tlscap.tables.certificate_rows import CertificateRows
from tlscap.tables.connection_rows import ConnectionRows
from tlscap.tables.form_rows import AlertForms, HandshakeForms, ProfileForms, VerdictForms
from tlscap.tables.nested_rows import AlertRows, AnomalyRows, HandshakeRows


class Collector:
    """Keeps of each finished connection the numbers of its rows, and nothing else."""

    def __init__(self) -> None:
        self.verdicts = VerdictForms()
        self.profiles = ProfileForms()
        self.handshake_forms = HandshakeForms()
        self.alert_forms = AlertForms()
        self.connections = ConnectionRows(self.verdicts, self.profiles)
        self.handshakes = HandshakeRows(self.handshake_forms)
        self.alerts = AlertRows(self.alert_forms)
        self.anomalies = AnomalyRows()
        self.certificates = CertificateRows()

    def add(self, block: Block, verdicts: list[Verdict]) -> None:
        """Adds the connections of `block`; `verdicts` are of the same rows in the same order.

        Table by table: the code of one at a time stays in the processor's cache.
        """
        rows = block.rows
        first = self.connections.count
        for i in range(len(rows)):
            self.connections.add(rows[i], verdicts[i])
        for i in range(len(rows)):
            self.handshakes.add(first + i, verdicts[i])
        for i in range(len(rows)):
            self.alerts.add(first + i, verdicts[i])
        for i in range(len(rows)):
            self.anomalies.add(first + i, rows[i])
            self.certificates.add(rows[i])
