"""What a connection's facts mean: one verdict a connection, the words as DESIGN.md defines them.

`None` is either "not there" or "cannot be told"; for the latter the field's name is in `unknown` with
the reason (`not_captured`, `encrypted`, `one_sided`, `cut`). Instants are nanoseconds, 0 when they
never came; durations are nanoseconds, -1 when there is none.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Alert:
    """One alert record, clear or encrypted."""

    ns: int
    frame: int
    sender: str  # client, server
    level: str | None  # warning, fatal
    description: str | None  # IANA's name
    encrypted: bool
    basis: str = "clear"  # clear, decrypted, inferred
    confidence: float = 1.0


@dataclass(slots=True)
class Message:
    """One message of a handshake, as far as it can be told."""

    ns: int
    frame: int
    sender: str
    type: str  # IANA's name in lower case, or "encrypted"
    length: int


@dataclass(slots=True)
class Handshake:
    """The first handshake, or a renegotiation."""

    number: int  # 0 is the first
    initiator: str  # client, server
    kind: str  # full, abbreviated, unknown
    outcome: str  # completed, refused, failed, stalled, unfinished
    encrypted: bool
    basis: str
    confidence: float
    start_ns: int
    duration_ns: int = -1
    client_certificate: str | None = None
    ended_by_alert: str | None = None
    data_afterwards: bool | None = None
    messages: list[Message] = field(default_factory=list)


@dataclass(slots=True)
class Verdict:
    """The judgement on one connection; the fields are DESIGN.md's columns of the same names."""

    version: str | None = None
    handshake: str = "unknown"
    handshake_outcome: str = "unseen"
    established: bool | None = None
    established_ns: int = 0
    handshake_ns: int = -1
    resumption: str | None = None
    resumption_offered: list[str] = field(default_factory=list)
    external_psk: bool | None = None
    hello_retry: bool | None = False
    early_data: str | None = None
    client_certificate: str = "unknown"  # before lineage: `inherited` is the tables' to say
    client_certificate_confidence: float = 0.0
    secure_renegotiation: str | None = None
    history: str = ""
    renegotiations: int = 0
    renegotiations_completed: int = 0
    renegotiations_refused: int = 0
    renegotiations_failed: int = 0
    outcome: str = "open"
    outcome_basis: str = "clear"
    outcome_confidence: float = 1.0
    closed_by: str | None = None
    closed_how: str | None = None
    closed_phase: str | None = None
    closed_idle: bool = False
    idle_before_close_ns: int = -1
    pending: bool | None = None
    dropped: bool = False
    drop_confidence: float | None = None
    last_data_ns: int = 0
    evidence: list[int] = field(default_factory=list)
    alerts: list[Alert] = field(default_factory=list)
    handshakes: list[Handshake] = field(default_factory=list)
    ticket_candidates: list[tuple[int, int]] = field(default_factory=list)  # TLS 1.3: ns and record length
    unknown: dict[str, str] = field(default_factory=dict)
