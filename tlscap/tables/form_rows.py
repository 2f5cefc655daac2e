"""What many rows say alike, told once: a row of a big table names its row here by number.

Most connections share a verdict with others (see `judge.precedents`), and with its verdict how its handshake and
its alerts went; clients are of few kinds. So a row of `connections` is its own instants, frames and counts, and two
numbers. What nothing else says, such as the verdict on a connection that had no precedent, has a row of its own.
`finish.py` puts them together again.
"""

from __future__ import annotations

from tlscap.engine.profile import ClientProfile
from tlscap.judge.verdict import Alert, Handshake, Verdict
from tlscap.tables.cells import Flags, Ints, Longs, Names, Reals, Rows

VERDICT_COLUMNS = (
    "client_certificate", "client_certificate_confidence", "closed_by", "closed_how", "closed_idle", "closed_phase",
    "drop_confidence", "dropped", "early_data", "established", "external_psk", "handshake", "handshake_outcome",
    "hello_retry", "history", "outcome", "outcome_basis", "outcome_confidence", "pending", "renegotiations",
    "renegotiations_completed", "renegotiations_failed", "renegotiations_refused", "resumption", "resumption_offered",
    "secure_renegotiation", "unknown", "version",
)  # fmt: skip
PROFILE_COLUMNS = ("alpn_offered", "fallback_scsv", "ja3", "ja4", "record_size_limit")
HANDSHAKE_COLUMNS = (
    "basis", "broken_off_by", "certificate_changed", "client_certificate", "confidence", "data_afterwards", "encrypted",
    "ended_by_alert", "initiator", "kind", "number", "outcome", "stalled_at", "to_drop_s",
)  # fmt: skip
ALERT_COLUMNS = ("basis", "confidence", "description", "encrypted", "level", "peer_next", "sender", "sender_next")

MAX_REMEMBERED = 4096
"""Forms that are found again; a peer can make up new ones without end. The judge remembers half as many."""

_MAX_REMEMBERED = MAX_REMEMBERED
_NOTHING_UNKNOWN: tuple[tuple[str, str], ...] = ()


class Forms:
    """Rows that are found again by a key; what has none is told anew."""

    def __init__(self) -> None:
        self.count = 0
        self._known: dict[object, int] = {}
        self._rows = Rows()

    def _find(self, key: object) -> int:
        """The row that is remembered for `key`, -1 if there is none."""
        row = None if key is None else self._known.get(key)
        return -1 if row is None else row

    def _next(self, key: object) -> int:
        """Where in their chunks the cells of a new row go, which from now on is that of `key`."""
        if key is not None:
            if len(self._known) >= _MAX_REMEMBERED:
                self._known.clear()
            self._known[key] = self.count
        self.count += 1
        return self._rows.next()


class VerdictForms(Forms):
    """What a verdict says about a connection, but for its instants."""

    def __init__(self) -> None:
        super().__init__()
        rows = self._rows
        self.version = Names(rows)
        self.secure_renegotiation = Names(rows)
        self.handshake = Names(rows)
        self.handshake_outcome = Names(rows)
        self.established = Flags(rows)
        self.resumption = Names(rows)
        self.resumption_offered = Names(rows)
        self.external_psk = Flags(rows)
        self.hello_retry = Flags(rows)
        self.early_data = Names(rows)
        self.client_certificate = Names(rows)
        self.client_certificate_confidence = Reals(rows)
        self.history = Names(rows)
        self.renegotiations = Ints(rows)
        self.renegotiations_completed = Ints(rows)
        self.renegotiations_refused = Ints(rows)
        self.renegotiations_failed = Ints(rows)
        self.outcome = Names(rows)
        self.outcome_basis = Names(rows)
        self.outcome_confidence = Reals(rows)
        self.closed_by = Names(rows)
        self.closed_how = Names(rows)
        self.closed_phase = Names(rows)
        self.closed_idle = Flags(rows)
        self.pending = Flags(rows)
        self.dropped = Flags(rows)
        self.drop_confidence = Reals(rows)
        self.unknown = Names(rows)

    def row_of(self, verdict: Verdict, has_client_hello: bool) -> int:
        """The row of a verdict, and of those that differ in instants and frames only."""
        row = self._find(verdict.precedent)
        if row >= 0:
            return row
        at = self._next(verdict.precedent)
        self.version.put(at, verdict.version)
        self.secure_renegotiation.put(at, verdict.secure_renegotiation)
        self.handshake.put(at, verdict.handshake)
        self.handshake_outcome.put(at, verdict.handshake_outcome)
        self.established.put(at, verdict.established)
        self.resumption.put(at, verdict.resumption)
        self.resumption_offered.put(at, verdict.resumption_offered if has_client_hello else None)
        self.external_psk.put(at, verdict.external_psk)
        self.hello_retry.put(at, verdict.hello_retry)
        self.early_data.put(at, verdict.early_data)
        self.client_certificate.put(at, verdict.client_certificate)
        self.client_certificate_confidence.cells[at] = verdict.client_certificate_confidence
        self.history.put(at, verdict.history)
        self.renegotiations.cells[at] = verdict.renegotiations
        self.renegotiations_completed.cells[at] = verdict.renegotiations_completed
        self.renegotiations_refused.cells[at] = verdict.renegotiations_refused
        self.renegotiations_failed.cells[at] = verdict.renegotiations_failed
        self.outcome.put(at, verdict.outcome)
        self.outcome_basis.put(at, verdict.outcome_basis)
        self.outcome_confidence.cells[at] = verdict.outcome_confidence
        self.closed_by.put(at, verdict.closed_by)
        self.closed_how.put(at, verdict.closed_how)
        self.closed_phase.put(at, verdict.closed_phase)
        self.closed_idle.cells[at] = verdict.closed_idle
        self.pending.put(at, verdict.pending)
        self.dropped.cells[at] = verdict.dropped
        self.drop_confidence.put(at, verdict.drop_confidence)
        self.unknown.put(at, tuple(verdict.unknown.items()) if verdict.unknown else _NOTHING_UNKNOWN)
        return self.count - 1


class ProfileForms(Forms):
    """What all connections with one client profile say of the client; row 0 is where no ClientHello was seen."""

    def __init__(self) -> None:
        super().__init__()
        rows = self._rows
        self.ja3 = Names(rows)
        self.ja4 = Names(rows)
        self.alpn_offered = Names(rows)
        self.fallback_scsv = Flags(rows)
        self.record_size_limit = Ints(rows)
        at = self._next(None)
        for absent in (self.ja3, self.ja4, self.alpn_offered):
            absent.put(at, None)
        self.fallback_scsv.put(at, None)
        self.record_size_limit.cells[at] = -1

    def row_of(self, profile: ClientProfile) -> int:
        """The row of a profile."""
        row = self._find(profile)
        if row >= 0:
            return row
        at = self._next(profile)
        self.ja3.put(at, profile.ja3 or None)
        self.ja4.put(at, profile.ja4 or None)
        self.alpn_offered.put(at, profile.alpn)
        self.fallback_scsv.put(at, profile.fallback_scsv)
        self.record_size_limit.cells[at] = profile.record_size_limit or -1
        return self.count - 1


class HandshakeForms(Forms):
    """How a handshake went, but for its instants and messages."""

    def __init__(self) -> None:
        super().__init__()
        rows = self._rows
        self.number = Ints(rows)
        self.initiator = Names(rows)
        self.kind = Names(rows)
        self.outcome = Names(rows)
        self.encrypted = Flags(rows)
        self.basis = Names(rows)
        self.confidence = Reals(rows)
        self.broken_off_by = Names(rows)
        self.stalled_at = Names(rows)
        self.certificate_changed = Flags(rows)
        self.client_certificate = Names(rows)
        self.ended_by_alert = Names(rows)
        self.data_afterwards = Flags(rows)
        self.to_drop_s = Longs(rows)

    def row_of(self, handshake: Handshake) -> int:
        """The row of a handshake, and of those that are told like it."""
        row = self._find(handshake.like)
        if row >= 0:
            return row
        at = self._next(handshake.like)
        self.number.cells[at] = handshake.number
        self.initiator.put(at, handshake.initiator)
        self.kind.put(at, handshake.kind)
        self.outcome.put(at, handshake.outcome)
        self.encrypted.cells[at] = handshake.encrypted
        self.basis.put(at, handshake.basis)
        self.confidence.cells[at] = handshake.confidence
        self.broken_off_by.put(at, handshake.broken_off_by)
        self.stalled_at.put(at, handshake.stalled_at)
        self.certificate_changed.put(at, handshake.certificate_changed)
        self.client_certificate.put(at, handshake.client_certificate)
        self.ended_by_alert.put(at, handshake.ended_by_alert)
        self.data_afterwards.put(at, handshake.data_afterwards)
        self.to_drop_s.cells[at] = handshake.to_drop_ns
        return self.count - 1


class AlertForms(Forms):
    """What an alert says, and who sent what behind it."""

    def __init__(self) -> None:
        super().__init__()
        rows = self._rows
        self.sender = Names(rows)
        self.sender_next = Names(rows)
        self.peer_next = Names(rows)
        self.level = Names(rows)
        self.description = Names(rows)
        self.encrypted = Flags(rows)
        self.basis = Names(rows)
        self.confidence = Reals(rows)

    def row_of(self, alert: Alert) -> int:
        """The row of an alert, and of those that are told like it."""
        row = self._find(alert.like)
        if row >= 0:
            return row
        at = self._next(alert.like)
        self.sender.put(at, alert.sender)
        self.sender_next.put(at, alert.sender_next)
        self.peer_next.put(at, alert.peer_next)
        self.level.put(at, alert.level)
        self.description.put(at, alert.description)
        self.encrypted.cells[at] = alert.encrypted
        self.basis.put(at, alert.basis)
        self.confidence.cells[at] = alert.confidence
        return self.count - 1
