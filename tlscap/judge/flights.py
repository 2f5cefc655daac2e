"""The flights of a TLS 1.3 handshake, told from the lengths of encrypted records (RFC 8446 §2, §4.4).

After the ServerHello every message is inside an application data record, so what is known of a
message is its length:

    server  EncryptedExtensions, [CertificateRequest], Certificate, CertificateVerify, Finished
    client  [EndOfEarlyData], [Certificate, [CertificateVerify]], Finished

Finished is 4 bytes and a hash of the suite's length, so the first client record of that length (after
the ServerHello) ends the client's flight. A stack that puts several messages into one record hides
that; then the client's first record is taken for the whole flight, with less confidence. A stack that
pads its records (`thresholds.PADDING`) makes each of them, Finished too, longer by as much. What the
client sends before the server's flight is early data.

Where a key log was given, the messages themselves say where the flights end, and `is_known` says so.
"""

from __future__ import annotations

from tlscap.engine.events import APPLICATION_DATA, CLIENT, HANDSHAKE, SERVER
from tlscap.engine.server_hello import ServerHello
from tlscap.judge.landmarks import END_OF_EARLY_DATA, NEVER, Landmarks
from tlscap.judge.thresholds import (
    ALERT_BYTES,
    END_OF_EARLY_DATA_BYTES,
    FINISHED_HEADER,
    PADDING,
    TLS13_OVERHEAD,
    TLS13_OVERHEAD_CCM_8,
)

_CCM_8_SUITE = 0x1305  # TLS_AES_128_CCM_8_SHA256
_SHA384_SUITE = 0x1302  # TLS_AES_256_GCM_SHA384


class Flights:
    """Where the two flights end; event indices, NEVER where that is not seen."""

    def __init__(self, marks: Landmarks) -> None:
        self.overhead = 0  # bytes that encryption adds to a record
        self.finished_length = 0  # of a record that holds it
        self.alert_length = 0
        self.server_finished = NEVER
        self.client_finished = NEVER
        self.later_finished = NEVER  # the last client record behind its Finished that is as long
        self.client_first = NEVER  # the first client record of the flight
        self.client_lengths: list[int] = []  # of the client's flight, Finished last
        self.server_records = 0  # of the flight, or without its end
        self.end_of_early_data = False
        self.merged = False  # no record of Finished's length: messages share records
        self.early_records = 0
        self.client_reads = marks.client.reads  # its alerts are told as such
        self.server_reads = marks.server.reads
        self.client_padding = 0
        self.server_padding = 0
        self.is_known = False  # the client's flight was decrypted
        self._padded_count = 0  # server records up to it
        self._padded_finished = NEVER  # the server's first record of a padded Finished's length
        self._measure(marks.facts.server_hello)
        self._read(marks)

    def is_alert(self, side: int, length: int) -> bool:
        """Whether an encrypted record of that side has an alert's length."""
        if self.client_reads if side == CLIENT else self.server_reads:
            return False
        return length == self.alert_length + (self.client_padding if side == CLIENT else self.server_padding)

    def _measure(self, hello: ServerHello | None) -> None:
        """The lengths that the cipher suite gives."""
        cipher = hello.cipher if hello is not None else 0
        self.overhead = overhead_of(cipher)
        self.finished_length = finished_record(cipher)
        self.alert_length = ALERT_BYTES + self.overhead

    def _read(self, marks: Landmarks) -> None:
        events = marks.events
        if marks.server_hello == NEVER:
            return
        for i in range(events.count):
            if events.decrypted(i):
                self._decrypted(marks, i)
            elif events.kind(i) != APPLICATION_DATA:
                continue
            elif events.side(i) == SERVER:
                self._server_record(i, events.length(i))
            elif i < marks.server_hello:
                self.early_records += events.detail(i)
            else:
                self._client_record(i, events.length(i))
        if self.server_finished == NEVER and self._padded_finished != NEVER:
            self.server_finished = self._padded_finished
            self.server_padding = PADDING
            self.server_records = self._padded_count
        if self.client_finished == NEVER and self.client_first != NEVER:
            self._take_first_record(marks)

    def _decrypted(self, marks: Landmarks, i: int) -> None:
        events = marks.events
        kind = events.kind(i)
        if kind == APPLICATION_DATA and events.side(i) == CLIENT and self.client_finished == NEVER:
            self.early_records += events.detail(i)
        elif kind == HANDSHAKE and events.detail(i) == END_OF_EARLY_DATA:
            self.end_of_early_data = True
        elif i == marks.server.finished:
            self.server_finished = i
        elif i == marks.client.finished:
            self.client_finished = i
            self.is_known = True

    def _server_record(self, i: int, length: int) -> None:
        if self.server_finished != NEVER:
            return
        self.server_records += 1
        if length == self.finished_length:
            self.server_finished = i
        elif length == self.finished_length + PADDING and self._padded_finished == NEVER:
            self._padded_finished = i
            self._padded_count = self.server_records

    def _client_record(self, i: int, length: int) -> None:
        if self.client_finished != NEVER and length == self.finished_length + self.client_padding:
            self.later_finished = i
        if self.client_finished != NEVER or len(self.client_lengths) >= 8:
            return
        if length == END_OF_EARLY_DATA_BYTES + self.overhead and not self.client_lengths:
            self.end_of_early_data = True
            return
        if length == self.alert_length and not self.client_lengths:
            return  # the client refuses: an alert in place of its flight
        if self.client_first == NEVER:
            self.client_first = i
        self.client_lengths.append(length)
        if length == self.finished_length:
            self.client_finished = i
        elif length == self.finished_length + PADDING:
            self.client_finished = i
            self.client_padding = PADDING

    def _take_first_record(self, marks: Landmarks) -> None:
        """No record has Finished's length: the client's first record holds its whole flight."""
        if marks.gap_before(CLIENT, NEVER) or self.client_lengths[0] < self.finished_length:
            self.client_first = NEVER
            self.client_lengths = []
            return
        self.merged = True
        self.client_lengths = self.client_lengths[:1]
        self.client_finished = self.client_first


def overhead_of(cipher: int) -> int:
    """Bytes that encryption by a cipher suite of TLS 1.3 adds to a record."""
    return TLS13_OVERHEAD_CCM_8 if cipher == _CCM_8_SUITE else TLS13_OVERHEAD


def finished_record(cipher: int) -> int:
    """The length of a record that holds Finished, and nothing else."""
    return FINISHED_HEADER + (48 if cipher == _SHA384_SUITE else 32) + overhead_of(cipher)
