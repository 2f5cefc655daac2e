"""A renegotiation, as far as records tell; the judge's other questions ask it of its outcome and its place."""

from __future__ import annotations

from dataclasses import dataclass, field

NEVER = -1


@dataclass(slots=True)
class Sent:
    """A message; `kind` is the handshake type, CHANGE_CIPHER_SPEC of the grammar, or None if nothing fits."""

    event: int
    side: int
    kind: int | None
    length: int  # with its header; -1 where it cannot be told
    confidence: float = 1.0


@dataclass(slots=True)
class Attempt:
    """One renegotiation; event indices."""

    first: int
    initiator: int
    outcome: str = "completed"  # refused, failed, stalled, unfinished
    broken_off_by: str | None = None  # alert, close, silence
    stalled_at: str | None = None  # the message that did not come
    kind: str = "unknown"
    last: int = NEVER
    ended_by: int = NEVER  # the alert that refused or failed it
    lossy: bool = False  # the capture lost what would say how it went
    doubtful: bool = False  # what was lost may have said something else
    begun: bool = True  # what began it is in the capture
    untold: int = 0  # records of handshakes behind it that were too many to be read
    messages: list[Sent] = field(default_factory=list)
    confidence: float = 1.0  # in initiator and outcome
    kind_confidence: float = 1.0
