"""What hangs on a connection, as numbers: its handshakes with their messages, its alerts, its anomalies.

`connection` is the number of the row of `ConnectionRows` that they belong to.
"""

from __future__ import annotations

from tlscap.engine.events import Events
from tlscap.engine.facts import Facts
from tlscap.judge.verdict import SIDES, Alert, Handshake, Message, Verdict, message_events, message_type
from tlscap.tables.cells import Flags, Ints, Longs, Names, Reals


class HandshakeRows:
    """The table `handshakes` while it grows."""

    def __init__(self) -> None:
        self.connection = Ints()
        self.number = Ints()
        self.initiator = Names()
        self.kind = Names()
        self.outcome = Names()
        self.encrypted = Flags()
        self.basis = Names()
        self.confidence = Reals()
        self.start = Longs()
        self.handshake_s = Longs()
        self.broken_off_by = Names()
        self.stalled_at = Names()
        self.certificate_changed = Flags()
        self.client_certificate = Names()
        self.ended_by_alert = Names()
        self.data_afterwards = Flags()
        self.to_drop_s = Longs()
        self.message_count = Ints()
        self.message_frame = Longs()
        self.message_time = Longs()
        self.message_sender = Names()
        self.message_type = Names()
        self.message_length = Longs()

    def add(self, connection: int, verdict: Verdict) -> None:
        """Adds the handshakes of one connection."""
        for handshake in verdict.handshakes:
            self._add_handshake(connection, handshake)

    def _add_handshake(self, connection: int, handshake: Handshake) -> None:
        self.connection.add(connection)
        self.number.add(handshake.number)
        self.initiator.add(handshake.initiator)
        self.kind.add(handshake.kind)
        self.outcome.add(handshake.outcome)
        self.encrypted.add(handshake.encrypted)
        self.basis.add(handshake.basis)
        self.confidence.add_real(handshake.confidence)
        self.start.add(handshake.start_ns)
        self.handshake_s.add(handshake.duration_ns)
        self.broken_off_by.add(handshake.broken_off_by)
        self.stalled_at.add(handshake.stalled_at)
        self.certificate_changed.add(handshake.certificate_changed)
        self.client_certificate.add(handshake.client_certificate)
        self.ended_by_alert.add(handshake.ended_by_alert)
        self.data_afterwards.add(handshake.data_afterwards)
        self.to_drop_s.add(handshake.to_drop_ns)
        if handshake.told is None and handshake.events is not None:
            self._add_events(handshake.events, message_events(handshake))
        else:
            self._add_told(handshake.messages)

    def _add_told(self, messages: list[Message]) -> None:
        self.message_count.add(len(messages))
        for message in messages:
            self.message_frame.add(message.frame)
            self.message_time.add(message.ns)
            self.message_sender.add(message.sender)
            self.message_type.add(message.type)
            self.message_length.add(message.length)

    def _add_events(self, events: Events, found: list[int]) -> None:
        self.message_count.add(len(found))
        for i in found:
            self.message_frame.add(events.frame(i))
            self.message_time.add(events.ns(i))
            self.message_sender.add(SIDES[events.side(i)])
            self.message_type.add(message_type(events, i))
            self.message_length.add(events.length(i))


class AlertRows:
    """The table `alerts` while it grows."""

    def __init__(self) -> None:
        self.connection = Ints()
        self.time = Longs()
        self.frame = Longs()
        self.sender = Names()
        self.level = Names()
        self.description = Names()
        self.encrypted = Flags()
        self.basis = Names()
        self.confidence = Reals()

    def add(self, connection: int, verdict: Verdict) -> None:
        """Adds the alerts of one connection."""
        for alert in verdict.alerts:
            self._add_alert(connection, alert)

    def _add_alert(self, connection: int, alert: Alert) -> None:
        self.connection.add(connection)
        self.time.add(alert.ns)
        self.frame.add(alert.frame)
        self.sender.add(alert.sender)
        self.level.add(alert.level)
        self.description.add(alert.description)
        self.encrypted.add(alert.encrypted)
        self.basis.add(alert.basis)
        self.confidence.add_real(alert.confidence)


class AnomalyRows:
    """The table `anomalies` while it grows."""

    def __init__(self) -> None:
        self.connection = Ints()
        self.time = Longs()
        self.frame = Longs()
        self.kind = Names()
        self.detail = Names()

    def add(self, connection: int, facts: Facts) -> None:
        """Adds the anomalies of one connection, and how many more there were than are kept."""
        for ns, frame, kind, detail in facts.anomalies:
            self._add_anomaly(connection, ns, frame, kind, detail)
        if facts.anomalies_cut:
            sentence = f"{facts.anomalies_cut} more anomalies of this connection are not listed"
            self._add_anomaly(connection, 0, 0, "not_listed", sentence)

    def _add_anomaly(self, connection: int, ns: int, frame: int, kind: str, detail: str) -> None:
        self.connection.add(connection)
        self.time.add(ns)
        self.frame.add(frame)
        self.kind.add(kind)
        self.detail.add(detail)
