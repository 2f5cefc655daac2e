"""Takes facts with their verdicts while the engine runs; `finish.py` makes tables of it when it is done."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from tlscap.engine.facts import Block, Facts
from tlscap.judge.verdict import Verdict
from tlscap.tables.certificate_rows import CertificateRows
from tlscap.tables.connection_rows import ConnectionRows
from tlscap.tables.form_rows import AlertForms, HandshakeForms, ProfileForms, VerdictForms
from tlscap.tables.nested_rows import AlertRows, AnomalyRows, HandshakeRows

STEP_ROWS = 128
"""Connections that are judged, and then written table by table: facts and verdicts stay in the processor's cache, and
so does the code of one table at a time."""

_STEP_ROWS = STEP_ROWS


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

    def add(self, block: Block, verdicts: Iterable[Verdict]) -> None:
        """Adds the connections of `block`; `verdicts` are of the same rows in the same order.

        Best is an iterator that judges when it is asked: verdicts are gone before others are made in their place.
        """
        following = iter(verdicts)
        for first in range(0, len(block.rows), _STEP_ROWS):
            self._add_step(block.rows[first : first + _STEP_ROWS], list(islice(following, _STEP_ROWS)))

    def _add_step(self, rows: list[Facts], verdicts: list[Verdict]) -> None:
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
