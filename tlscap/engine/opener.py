"""Who decrypts a connection's records where there are keys, as the record layer sees it.

`direction` is the stream's, 0 or 1. The record layer tells of all that it reads in the clear, and shows
those encrypted records that are wanted.
"""

from __future__ import annotations

from typing import Any, Protocol

WAITING = -1
"""The content type of a record that is kept for later."""


class Opener(Protocol):
    """Opens records; `decryption.decryptor.Decryptor` is one."""

    tellers: list[Any]
    """By direction the `RecordTeller` whose `unseal` takes what had to wait, or None."""

    def wants(self, direction: int, kind: int, length: int) -> bool:
        """Whether a record that begins, and is not clear, is to be collected and shown to `open`."""

    def is_encrypted(self, direction: int) -> bool:
        """Whether a ChangeCipherSpec is known to have come, captured or not (up to TLS 1.2)."""

    def open(
        self, direction: int, kind: int, version: int, sealed: bytes, ns: int, frame: int
    ) -> tuple[int, bytes] | None:
        """Content type and content of a record, but never application data; None if it stays closed.

        The type is WAITING if the record is kept until the other direction's hello has come.
        """

    def change_cipher_spec(self, direction: int) -> None:
        """A ChangeCipherSpec that was clear, or could not be decrypted."""

    def lose_record(self, direction: int, length: int) -> None:
        """Bytes of a record of `length` were not captured."""

    def gap(self, direction: int, missing: int) -> None:
        """Whole records may have been lost, `missing` bytes in all."""

    def message(self, direction: int, kind: int, body: bytes, ns: int, decrypted: bool) -> None:
        """A whole handshake message, after the facts have taken what they need of it."""

    def finish(self) -> None:
        """The connection is over: what waits will never be decrypted."""

    def held_bytes(self) -> int:
        """Bytes of records that wait and of transcripts."""

    def give_up(self) -> None:
        """For want of room: what waits stays encrypted, and transcripts are forgotten."""
