"""The numbers that verdicts rest on. Change them here; nothing else holds one."""

from __future__ import annotations

IDLE_NS = 1_000_000_000
"""Silence from which on an end counts as idle: request and answer lie closer together than this."""

UNANSWERED_RETRANSMISSIONS = 3
"""Retransmissions without an answer from which on a connection counts as stalled: Linux sends the third
after about 1.4 s, which no healthy path needs."""

UNANSWERED_NS = 1_000_000_000
"""The shortest time from the first of them to the last: recovery from loss resends many segments at once."""

GIVEN_UP_NS = 240_000_000_000
"""Silence behind the last retransmission from which on its sender has given up: Linux waits 120 s at most from one to
the next (TCP_RTO_MAX), and the capture may lack one."""

STALLED_NS = 2_000_000_000
"""Silence in the middle of a renegotiation from which on it counts as stalled, or as refused by silence where the
other side never took part: the messages of a handshake follow each other within a second on any healthy path."""

UNDER_WAY_NS = 200_000_000
"""How long behind an alert its receiver may still send what it would have sent anyhow: an alert takes half a round
trip to it, and few paths are longer."""

TTL_TOLERANCE = 1
"""How far a RST's TTL may lie outside its side's other packets; routes change by one hop."""

TLS13_OVERHEAD = 17
"""Bytes that TLS 1.3 adds to a record: content type and a tag of 16 bytes (RFC 8446 §5.2)."""

TLS13_OVERHEAD_CCM_8 = 9
"""The same for the suites with a tag of 8 bytes (RFC 6655)."""

PADDING = 16
"""Zeros that Java's JSSE puts behind what is in each TLS 1.3 record (RFC 8446 §5.4)."""

ALERT_BYTES = 2
FINISHED_HEADER = 4
END_OF_EARLY_DATA_BYTES = 4
EMPTY_CERTIFICATE_BYTES = 8
"""Lengths of messages that have only one (RFC 8446 §4.4.2, §4.5, §6): a Certificate without entries is its
header, an empty context and an empty list."""

SMALLEST_CERTIFICATE_BYTES = 200
"""No client certificate with its CertificateVerify is smaller; two more records of that size are one sent."""

HANDSHAKE_RECORDS = (4, 9)
"""The most records, of client and server, that may all be TLS 1.3's handshake: EndOfEarlyData, Certificate,
CertificateVerify and Finished; EncryptedExtensions to Finished, and four tickets."""

TICKETS_AT_START = 2
"""NewSessionTickets that a TLS 1.3 server usually sends after the handshake (OpenSSL's default)."""

CERTAIN = 1.0
FROM_LENGTHS = 0.95
"""Confidence in what record lengths of TLS 1.3 say when each message has its own record."""

FROM_MERGED_LENGTHS = 0.8
"""The same when messages share records."""

ENCRYPTED_CLOSE = 0.9
"""An encrypted alert, after data, followed by its sender's FIN or RST, is a close_notify."""

ENCRYPTED_CLOSE_OTHER_ENDS = 0.7
"""The same when the other side's FIN came first."""

AFTER_BARE_FIN = 0.8
"""An encrypted alert behind the other side's FIN, which no close_notify announced, is fatal: OpenSSL 3 calls that a
decode_error; other stacks answer by close_notify."""

ENDS_RENEGOTIATION = 0.9
"""An encrypted alert with which a renegotiation, or the session behind its refusal, ended is fatal."""

UNNAMED = 0.5
"""An encrypted alert of which nothing tells what it is, taken for the more likely: fatal where it stands in place
of the first answer, a close_notify where the capture lacks what went before."""

AFTER_LOSS = 0.6
"""What confidence is multiplied by when the capture lost bytes where the verdict rests on."""

STILL_TRYING = 0.7
"""A connection is stalled whose sender had not given up when the capture ended: an answer may have come later."""

PENDING_CLOSE = 0.6
"""A drop told only by an unanswered request: HTTP/2 may end on a client's control frame."""

A_GUESS = 0.7
"""What is said with no more than this may well be wrong."""

GAVE_UP = 0.7
"""A renegotiation that is over by an alert of the side that asked, before any answer: as likely as not the capture
missed the answer, a FIN, which takes no byte that would be missed."""

MIDDLEBOX = 0.8
"""A RST with a strange TTL and a second sign."""
