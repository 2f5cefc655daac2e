"""What a connection's facts mean: one verdict a connection, the words as DESIGN.md defines them.

`None` is either "not there" or "cannot be told"; for the latter the field's name is in `unknown` with
the reason (`not_captured`, `encrypted`, `one_sided`, `cut`). Instants are nanoseconds, 0 when they
never came; durations are nanoseconds, -1 when there is none.

The messages of a handshake stay where they are, in the connection's events: a `Handshake` knows from
which to which (`tell_events`), and makes a list of them only for who asks for `messages`. A handshake
whose messages were told from something else, as those of an encrypted renegotiation are, is given that
list instead.
"""

from __future__ import annotations

from tlscap.engine.events import ALERT, CHANGE_CIPHER_SPEC, HANDSHAKE, HIDDEN, Events
from tlscap.registry import handshake_type_name

MAX_MESSAGES = 64
"""Messages listed of one handshake; a peer may send more."""

SIDES = ("client", "server")
CLOSE_NOTIFY, NO_RENEGOTIATION, FATAL = "close_notify", "no_renegotiation", "fatal"

MESSAGE_TYPES = [handshake_type_name(kind) for kind in range(256)]
"""IANA's names, in lower case."""

_MAX_MESSAGES = MAX_MESSAGES
_TYPES = MESSAGE_TYPES
_ALERT, _CHANGE_CIPHER_SPEC, _HANDSHAKE, _HIDDEN = ALERT, CHANGE_CIPHER_SPEC, HANDSHAKE, HIDDEN


class Alert:
    """One alert record, clear or encrypted."""

    __slots__ = (
        "basis",
        "confidence",
        "description",
        "encrypted",
        "event",
        "frame",
        "length",
        "level",
        "like",
        "ns",
        "peer_next",
        "sender",
        "sender_next",
    )

    def __init__(
        self,
        ns: int = 0,
        frame: int = 0,
        sender: str = "client",
        level: str | None = None,
        description: str | None = None,
        encrypted: bool = False,
        basis: str = "clear",
        confidence: float = 1.0,
        length: int = 0,
        sender_next: str | None = None,
        peer_next: str | None = None,
    ) -> None:
        self.ns = ns
        self.frame = frame
        self.sender = sender  # client, server
        self.length = length  # of the record's body, in bytes
        self.sender_next = sender_next  # data, handshake, alert, fin, reset: what its sender sent next
        self.peer_next = peer_next  # the same of the other side
        self.level = level  # warning, fatal
        self.description = description  # IANA's name
        self.encrypted = encrypted
        self.basis = basis  # clear, decrypted, inferred
        self.confidence = confidence
        self.like: Alert | None = None  # the one of a precedent that it is told like
        self.event = -1  # its index among the events; -1 where it is its sender's last record

    def moment(self) -> tuple[int, int]:
        """When it came and in which frame, to compare with others."""
        return self.ns, self.frame

    def again(self) -> Alert:
        """Another one that says the same."""
        alert = Alert.__new__(Alert)
        alert.ns, alert.frame, alert.length, alert.event = self.ns, self.frame, self.length, self.event
        alert.sender, alert.sender_next, alert.peer_next = self.sender, self.sender_next, self.peer_next
        alert.level, alert.description = self.level, self.description
        alert.encrypted, alert.basis, alert.confidence = self.encrypted, self.basis, self.confidence
        alert.like = self
        return alert


class Message:
    """One message of a handshake, as far as it can be told."""

    __slots__ = ("confidence", "frame", "length", "ns", "sender", "type")

    def __init__(self, ns: int, frame: int, sender: str, type: str, length: int, confidence: float = 1.0) -> None:
        self.ns = ns
        self.frame = frame
        self.sender = sender
        self.type = type  # IANA's name in lower case, or "encrypted"
        self.length = length  # of the body; -1 where it cannot be told
        self.confidence = confidence  # in the type


class Handshake:
    """The first handshake, or a renegotiation."""

    __slots__ = (
        "basis", "broken_off_by", "certificate_changed", "client_certificate", "confidence", "data_afterwards",
        "duration_ns", "encrypted", "ended_by_alert", "events", "first", "initiator", "kind", "last", "like", "number",
        "outcome", "stalled_at", "start_ns", "to_drop_ns", "told",
    )  # fmt: skip

    def __init__(
        self,
        number: int = 0,
        initiator: str = "client",
        kind: str = "unknown",
        outcome: str = "unfinished",
        encrypted: bool = False,
        basis: str = "clear",
        confidence: float = 1.0,
        start_ns: int = 0,
        duration_ns: int = -1,
        client_certificate: str | None = None,
        ended_by_alert: str | None = None,
        data_afterwards: bool | None = None,
        messages: list[Message] | None = None,
    ) -> None:
        self.number = number  # 0 is the first
        self.initiator = initiator  # client, server
        self.kind = kind  # full, abbreviated, unknown
        self.outcome = outcome  # completed, refused, failed, stalled, unfinished
        self.encrypted = encrypted
        self.basis = basis
        self.confidence = confidence
        self.start_ns = start_ns
        self.duration_ns = duration_ns
        self.client_certificate = client_certificate
        self.ended_by_alert = ended_by_alert
        self.data_afterwards = data_afterwards
        self.broken_off_by: str | None = None  # alert, close, silence
        self.stalled_at: str | None = None  # the message that did not come
        self.certificate_changed: bool | None = None
        self.to_drop_ns = -1
        self.like: Handshake | None = None  # the one of a precedent that it is told like
        self.told = messages  # None: the messages are those of `events`
        self.events: Events | None = None
        self.first = 0  # event indices; no message if the last is before the first
        self.last = -1

    def again(self) -> Handshake:
        """Another one that says the same."""
        row = Handshake.__new__(Handshake)
        row.number, row.initiator, row.kind, row.outcome = self.number, self.initiator, self.kind, self.outcome
        row.encrypted, row.basis, row.confidence = self.encrypted, self.basis, self.confidence
        row.start_ns, row.duration_ns, row.to_drop_ns = self.start_ns, self.duration_ns, self.to_drop_ns
        row.client_certificate, row.certificate_changed = self.client_certificate, self.certificate_changed
        row.ended_by_alert, row.broken_off_by = self.ended_by_alert, self.broken_off_by
        row.stalled_at, row.data_afterwards = self.stalled_at, self.data_afterwards
        row.told, row.events, row.first, row.last, row.like = self.told, self.events, self.first, self.last, self
        return row

    def tell_events(self, events: Events, first: int, last: int) -> None:
        """The messages are those among `events` from index `first` to `last`."""
        self.events = events
        self.first = first
        self.last = last

    @property
    def messages(self) -> list[Message]:
        """Handshake messages, ChangeCipherSpecs and alerts, at most MAX_MESSAGES; data is left out."""
        if self.told is not None:
            return self.told
        events = self.events
        if events is None:
            return []
        return [
            Message(events.ns(i), events.frame(i), SIDES[events.side(i)], message_type(events, i), events.length(i))
            for i in message_events(self)
        ]


def is_message(events: Events, i: int) -> bool:
    """Whether event `i` is listed among the messages of a handshake."""
    kind = events.kind(i)
    return kind in (_HANDSHAKE, _CHANGE_CIPHER_SPEC, _ALERT)


def message_events(handshake: Handshake) -> list[int]:
    """The events that are messages of a handshake of which `tell_events` told, at most MAX_MESSAGES."""
    events = handshake.events
    found: list[int] = []
    if events is None:
        return found
    for i in range(handshake.first, handshake.last + 1):
        if is_message(events, i):
            found.append(i)
            if len(found) == _MAX_MESSAGES:
                break
    return found


def message_type(events: Events, i: int) -> str:
    """What event `i` is called as a message."""
    kind, detail = events.kind(i), events.detail(i)
    if kind == _CHANGE_CIPHER_SPEC:
        return "change_cipher_spec"
    if kind == _ALERT:
        return "alert"
    return "encrypted" if detail == _HIDDEN else _TYPES[detail & 0xFF]


class Verdict:
    """The judgement on one connection; the fields are DESIGN.md's columns of the same names."""

    __slots__ = (
        "alerts", "client_certificate", "client_certificate_confidence", "closed_by", "closed_how", "closed_idle",
        "closed_ns", "closed_phase", "drop_confidence", "dropped", "early_data", "established", "established_ns",
        "evidence", "external_psk", "handshake", "handshake_ns", "handshake_outcome", "handshakes", "hello_retry",
        "history", "idle_before_close_ns", "last_data_ns", "outcome", "outcome_basis", "outcome_confidence", "pending",
        "precedent", "renegotiations", "renegotiations_completed", "renegotiations_failed", "renegotiations_refused",
        "resumption", "resumption_offered", "secure_renegotiation", "ticket_candidates", "unknown", "version",
    )  # fmt: skip

    def __init__(self) -> None:
        self.version: str | None = None
        self.handshake = "unknown"
        self.handshake_outcome = "unseen"
        self.established: bool | None = None
        self.established_ns = 0
        self.handshake_ns = -1
        self.resumption: str | None = None
        self.resumption_offered: tuple[str, ...] = ()
        self.external_psk: bool | None = None
        self.hello_retry: bool | None = False
        self.early_data: str | None = None
        self.client_certificate = "unknown"  # before lineage: `inherited` is the tables' to say
        self.client_certificate_confidence = 0.0
        self.secure_renegotiation: str | None = None
        self.history = ""
        self.renegotiations = 0
        self.renegotiations_completed = 0
        self.renegotiations_refused = 0
        self.renegotiations_failed = 0
        self.outcome = "open"
        self.outcome_basis = "clear"
        self.outcome_confidence = 1.0
        self.closed_by: str | None = None
        self.closed_how: str | None = None
        self.closed_phase: str | None = None
        self.closed_idle = False
        self.closed_ns = 0  # the end of that idleness
        self.idle_before_close_ns = -1
        self.pending: bool | None = None
        self.dropped = False
        self.drop_confidence: float | None = None
        self.last_data_ns = 0
        self.evidence: list[int] = []  # frames
        self.alerts: list[Alert] = []
        self.handshakes: list[Handshake] = []
        self.precedent: object = None  # the same one for verdicts that differ in instants and frames only
        self.ticket_candidates: list[int] = []  # TLS 1.3: events, each a record
        self.unknown: dict[str, str] = {}

    def again(self) -> Verdict:
        """Another one that says the same; what is a list or a dict is the same one."""
        verdict = Verdict.__new__(Verdict)
        verdict.version, verdict.handshake, verdict.handshake_outcome = (
            self.version, self.handshake, self.handshake_outcome
        )  # fmt: skip
        verdict.established, verdict.established_ns, verdict.handshake_ns = (
            self.established, self.established_ns, self.handshake_ns
        )  # fmt: skip
        verdict.resumption, verdict.resumption_offered = self.resumption, self.resumption_offered
        verdict.external_psk, verdict.hello_retry, verdict.early_data = (
            self.external_psk, self.hello_retry, self.early_data
        )  # fmt: skip
        verdict.client_certificate = self.client_certificate
        verdict.client_certificate_confidence = self.client_certificate_confidence
        verdict.secure_renegotiation, verdict.history = self.secure_renegotiation, self.history
        verdict.renegotiations, verdict.renegotiations_completed = self.renegotiations, self.renegotiations_completed
        verdict.renegotiations_refused = self.renegotiations_refused
        verdict.renegotiations_failed = self.renegotiations_failed
        verdict.outcome, verdict.outcome_basis = self.outcome, self.outcome_basis
        verdict.outcome_confidence = self.outcome_confidence
        verdict.closed_by, verdict.closed_how, verdict.closed_phase = self.closed_by, self.closed_how, self.closed_phase
        verdict.closed_idle, verdict.closed_ns = self.closed_idle, self.closed_ns
        verdict.idle_before_close_ns, verdict.pending = self.idle_before_close_ns, self.pending
        verdict.dropped, verdict.drop_confidence = self.dropped, self.drop_confidence
        verdict.last_data_ns, verdict.evidence, verdict.alerts = self.last_data_ns, self.evidence, self.alerts
        verdict.handshakes, verdict.ticket_candidates = self.handshakes, self.ticket_candidates
        verdict.unknown, verdict.precedent = self.unknown, self.precedent
        return verdict
