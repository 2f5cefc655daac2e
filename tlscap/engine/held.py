"""What all connections of a run hold together of bytes that cannot be read yet.

Segments behind a hole, messages and records that are not whole, records that wait for a key's other half, the
transcript of a handshake that is to be decrypted, fragments of DTLS, and the events of a connection that has
very many. Each has a limit of its own; a hundred thousand connections at those limits would be too much, so who
puts bytes aside adds them here, who is done with them takes them off, and `relief` looks at the sum.
"""

from __future__ import annotations

SEGMENT_OVERHEAD = 256
"""Bytes that one segment, record or fragment which waits takes beside its own, so that tiny ones are not free."""


class Held:
    """The bytes that are held now, and the most that were after any batch."""

    def __init__(self) -> None:
        self.bytes = 0
        self.peak = 0

    def note_peak(self) -> None:
        if self.bytes > self.peak:
            self.peak = self.bytes
