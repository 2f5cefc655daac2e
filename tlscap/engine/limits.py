"""How much of the machine a peer may use: every bound of the engine, with its reason.

What lies beyond a limit is not read, is counted, and is said in an anomaly or in coverage; nothing
that was learned before is lost.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds a user may change; sizes in bytes, times in nanoseconds of capture time."""

    connections: int = 100_000
    """TCP connections held at once, at about 4 KB each (9 uncompiled). Anyone can send SYNs; beyond it those
    that were silent for longest leave: without a trace if they were no more than a SYN, else as stubs."""

    stub_bytes: int = 268_435_456
    """What the stubs of evicted connections take together: some 250,000. Anyone can send half a ClientHello;
    beyond it the one that was put aside first is forgotten, and its row ends there."""

    out_of_order_bytes: int = 262_144
    """Bytes a direction may hold behind a hole. The sender chooses; a window of 256 KB is usual."""

    out_of_order_segments: int = 512
    """Segments a direction may hold behind a hole, so that tiny segments cost no more than large ones."""

    buffered_bytes: int = 268_435_456
    """What all connections hold together of bytes that cannot be read yet (see `held`), as counted after each batch
    of packets. A sender may let each of its connections hold one and a half megabytes; beyond it those that hold
    most give up what they hold, and say so."""

    hole_patience_ns: int = 500_000_000
    """How long a hole that the receiver has acknowledged may still be filled by a late packet."""

    linger_ns: int = 2_000_000_000
    """How long a closed connection waits for stray packets before it leaves the engine."""

    message_bytes: int = 524_288
    """One handshake message. RFC 8446 allows 16 MB; a chain with ML-DSA is under 64 KB, but chains of
    hundreds of certificates have been seen."""

    search_bytes: int = 65_536
    """Plaintext of a direction that is searched for the start of TLS (STARTTLS comes early)."""


MAX_RECORD = (1 << 14) + 2048
"""The largest TLSCiphertext.length (RFC 5246 §6.2.3); what says more is no record header."""

MAX_ANOMALIES = 32
"""Anomalies kept for one connection; a peer that sends nonsense without end reaches it."""

MAX_TICKETS = 16
"""Tickets kept of one connection; servers issue one to four, and could go on for ever."""

MAX_LATER_CHAINS = 16
"""Certificate messages kept that were decrypted behind the first handshake; peers may renegotiate without end."""

PLAIN_HEAD = 512
"""Bytes of a plaintext start that are kept to name the protocol."""
