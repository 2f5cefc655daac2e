"""What hangs on a connection, as numbers: its handshakes with their messages, its alerts, its anomalies.

`connection` is the number of the row of `ConnectionRows` that they belong to. What many handshakes or alerts say alike
is in `form_rows.py`.
"""

from __future__ import annotations

from array import array

from tlscap.engine.events import ALERT, CHANGE_CIPHER_SPEC, HANDSHAKE, HIDDEN, Events
from tlscap.engine.facts import Facts
from tlscap.judge.verdict import (
    MAX_MESSAGES,
    MESSAGE_TYPES,
    SIDES,
    Alert,
    Handshake,
    Message,
    Verdict,
    message_type,
)
from tlscap.tables.cells import Ints, Longs, Names, Rows
from tlscap.tables.form_rows import AlertForms, HandshakeForms

_ALERT, _CHANGE_CIPHER_SPEC, _HANDSHAKE, _HIDDEN = ALERT, CHANGE_CIPHER_SPEC, HANDSHAKE, HIDDEN
_MAX_MESSAGES = MAX_MESSAGES


class HandshakeRows:
    """The table `handshakes` while it grows."""

    def __init__(self, forms: HandshakeForms) -> None:
        self._forms = forms
        rows = self._rows = Rows()
        self.connection = Ints(rows)
        self.form = Ints(rows)  # the row of its form
        self.start = Longs(rows)
        self.handshake_s = Longs(rows)
        self.message_count = Ints(rows)
        rows = self._messages = Rows()
        self.message_frame = Longs(rows)
        self.message_time = Longs(rows)
        self.message_sender = Names(rows)
        self.message_type = Names(rows)
        self.message_length = Longs(rows)
        self._senders = array("i", [self.message_sender.code(side) for side in SIDES])
        self._types = array("i", [self.message_type.code(name) for name in MESSAGE_TYPES])
        self._others = array("i", [-1] * (HANDSHAKE + 1))  # by kind of event

    def add(self, connection: int, verdict: Verdict) -> None:
        """Adds the handshakes of one connection."""
        for handshake in verdict.handshakes:
            self._add_handshake(connection, handshake)

    def _add_handshake(self, connection: int, handshake: Handshake) -> None:
        at = self._rows.next()
        self.connection.cells[at] = connection
        self.form.cells[at] = self._forms.row_of(handshake)
        self.start.cells[at] = handshake.start_ns
        self.handshake_s.cells[at] = handshake.duration_ns
        if handshake.told is None and handshake.events is not None:
            self.message_count.cells[at] = self._add_events(handshake.events, handshake)
        else:
            self.message_count.cells[at] = self._add_told(handshake.messages)

    def _add_told(self, messages: list[Message]) -> int:
        """Adds the messages, and gives how many they are."""
        for message in messages:
            at = self._messages.next()
            self.message_frame.cells[at] = message.frame
            self.message_time.cells[at] = message.ns
            self.message_sender.put(at, message.sender)
            self.message_type.put(at, message.type)
            self.message_length.cells[at] = message.length
        return len(messages)

    def _add_events(self, events: Events, handshake: Handshake) -> int:
        """The same of the messages that are still events."""
        count = 0
        for i in range(handshake.first, handshake.last + 1):
            word = events.word(i)
            kind, detail = word >> 16 & 0xFFFF, word & 0xFFFF
            if kind not in (_HANDSHAKE, _CHANGE_CIPHER_SPEC, _ALERT):
                continue
            at = self._messages.next()
            self.message_frame.cells[at] = events.frame(i)
            self.message_time.cells[at] = events.ns(i)
            self.message_sender.cells[at] = self._senders[word >> 32 & 1]
            if kind == _HANDSHAKE and detail != _HIDDEN:
                self.message_type.cells[at] = self._types[detail & 0xFF]
            else:
                self.message_type.cells[at] = self._other_type(events, i, kind)
            self.message_length.cells[at] = events.length(i)
            count += 1
            if count == _MAX_MESSAGES:
                break
        return count

    def _other_type(self, events: Events, i: int, kind: int) -> int:
        """The code of what is no handshake message by name; the kind of event says it all."""
        if self._others[kind] < 0:
            self._others[kind] = self.message_type.code(message_type(events, i))
        return self._others[kind]


class AlertRows:
    """The table `alerts` while it grows."""

    def __init__(self, forms: AlertForms) -> None:
        self._forms = forms
        rows = self._rows = Rows()
        self.connection = Ints(rows)
        self.form = Ints(rows)  # the row of its form
        self.time = Longs(rows)
        self.frame = Longs(rows)
        self.length = Ints(rows)

    def add(self, connection: int, verdict: Verdict) -> None:
        """Adds the alerts of one connection."""
        for alert in verdict.alerts:
            self._add_alert(connection, alert)

    def _add_alert(self, connection: int, alert: Alert) -> None:
        at = self._rows.next()
        self.connection.cells[at] = connection
        self.time.cells[at] = alert.ns
        self.frame.cells[at] = alert.frame
        self.length.cells[at] = alert.length
        self.form.cells[at] = self._forms.row_of(alert)


class AnomalyRows:
    """The table `anomalies` while it grows."""

    def __init__(self) -> None:
        rows = self._rows = Rows()
        self.connection = Ints(rows)
        self.time = Longs(rows)
        self.frame = Longs(rows)
        self.kind = Names(rows)
        self.detail = Names(rows)

    def add(self, connection: int, facts: Facts) -> None:
        """Adds the anomalies of one connection, and how many more there were than are kept."""
        for ns, frame, kind, detail in facts.anomalies:
            self._add_anomaly(connection, ns, frame, kind, detail)
        if facts.anomalies_cut:
            sentence = f"{facts.anomalies_cut} more anomalies of this connection are not listed"
            self._add_anomaly(connection, 0, 0, "not_listed", sentence)

    def _add_anomaly(self, connection: int, ns: int, frame: int, kind: str, detail: str) -> None:
        at = self._rows.next()
        self.connection.cells[at] = connection
        self.time.cells[at] = ns
        self.frame.cells[at] = frame
        self.kind.put(at, kind)
        self.detail.put(at, detail)
