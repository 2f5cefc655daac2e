"""Acknowledgments of bytes that the capture has later: when, at the latest, those bytes were on the wire.

Two sockets, or two cores, had a packet and its acknowledgment in between.
"""

from __future__ import annotations

from tlscap.engine.held import Held

MOST_EARLY = 64
"""Acknowledgments kept of bytes that come later in the capture; a clock that is 100 ms late has a few dozen."""

EARLY_BYTES = 128
"""What each of them takes, as `Held` counts it."""

_MOST_EARLY, _EARLY_BYTES = MOST_EARLY, EARLY_BYTES
_SEQ_MASK = 0xFFFFFFFF
_SEQ_HALF = 0x80000000


class Early:
    """What was acknowledged of one direction before it was seen, and when; never empty while a stream has it."""

    def __init__(self, held: Held) -> None:
        self.held = held
        self.log: list[tuple[int, int]] = []  # acknowledgment, ns

    def note(self, ack: int, ns: int) -> None:
        """Keeps when `ack` came, unless it says what the one before it did or there are too many."""
        log = self.log
        if len(log) == _MOST_EARLY or (len(log) > 0 and log[-1][0] == ack):
            return
        log.append((ack, ns))
        self.held.bytes += _EARLY_BYTES

    def covering(self, end_seq: int) -> int:
        """When bytes that end before `end_seq` were first acknowledged, in ns, -1 if not; forgets what came before."""
        log = self.log
        done = 0
        while done < len(log) and ((log[done][0] - end_seq) & _SEQ_MASK) >= _SEQ_HALF:
            done += 1
        del log[:done]
        self.held.bytes -= done * _EARLY_BYTES
        return log[0][1] if len(log) > 0 else -1

    def held_bytes(self) -> int:
        return len(self.log) * _EARLY_BYTES

    def let_go(self) -> None:
        """Forgets all."""
        self.held.bytes -= self.held_bytes()
        self.log.clear()
