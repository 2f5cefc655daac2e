"""Where the words of a gist have what: shared by who writes one (`gist`) and who reads it (`retelling`)."""

from __future__ import annotations

# The word of the hellos, by bits.
CLIENT_HELLO_SEEN, SERVER_HELLO_SEEN, RETRY_SEEN, SELECTED, EXTERNAL, OFFERS_PSK, OFFERS_TICKET = range(7)
SESSION_ID, ECHOED, BEFORE_TLS13, COOKIE, CLIENT_SECURE, SERVER_SECURE, EARLY_DATA, LEFT, TIMED = range(7, 16)
RECORD_VERSION = 16
"""Where the version of records begins, for want of a ServerHello."""

# The word of versions: as on the wire, final, cipher suite.
VERSION_BITS = 16

# The flags of a side, by bits.
PACKETS, BYTES, RECORDS, SYN, PAYLOAD, ACKNOWLEDGED, UNFINISHED, CHAIN_SEEN, CHAIN, STRANGE_TTL = range(10)
IN_WINDOW, AFTER_RST, UNSEEN, UNHEARD = range(10, 14)
LAST_KIND, LAST_LENGTH, UNACKED, DATA_RECORDS = 16, 24, 36, 44
"""Of its last record what kind and how long, how often that goes into the bytes that were not acknowledged, and its
records of data: where these numbers begin."""

# The packets of a side, 8 bits each.
FIN_PACKET, RST_PACKET, DATA_PACKET, DATA_BEFORE_PACKET, LAST_PACKET = 0, 8, 16, 24, 32

# The word of an event: 34 bits as `Events.word` has them, how far its packet is from the last one's, its length.
STEP, EVENT_LENGTH = 34, 36
SAME_PACKET, SOON, AFTER_SILENCE, SAME_TIME = 0, 1, 2, 3

HEAD_WORDS = 6
MOST_RECORDS = 127
"""Data records of a side that are counted: more than any handshake can have in so many events."""

MOST_OF_RUN = 8
"""Records of a run that are counted, more than any judgement asks for."""

MOST_UNACKED = 127
"""How often a last record is taken to go into what was not acknowledged: more than there can be alerts."""

LONG_RECORD = 300
"""What is longer than this in a client's flight is told to be as long: a certificate in any case."""

MAX_FLIGHT_RECORDS = 10
"""Records of a client whose lengths are told; the judge reads one less."""

OTHER_CLIENT_LENGTH, FIRST_SERVER_LENGTH = 500, 1000
"""In place of lengths that say nothing of a client's record; of a server's only whether the last one was as long."""

RECORD_HEADER = 5
