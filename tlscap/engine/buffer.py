"""Bytes in which the readers of the engine are told where their part lies.

A packet's payload goes from the decoder through stream, record and handshake as a buffer and two
offsets. A memoryview of its own at each of these steps would cost more than reading it does.
"""

from __future__ import annotations


class Buffer:
    """Bytes that others keep, and may fill again once the call that was given the buffer is over."""

    def __init__(self, data: memoryview) -> None:
        self.data = data
