cimport cython
from tlscap.engine.client_hello cimport ClientHello
from tlscap.engine.events cimport Events
from tlscap.engine.facts cimport Facts, Side
from tlscap.engine.server_hello cimport ServerHello
from tlscap.judge.ending cimport has_strange_ttl
from tlscap.judge.flights cimport finished_record, overhead_of
from tlscap.judge.handshake cimport is_external, offers_psk

cdef long long APPLICATION_DATA, HANDSHAKE, SERVER_HELLO, END_OPEN, ALERT_BYTES, END_OF_EARLY_DATA_BYTES, IDLE_NS
cdef long long PADDING, UNANSWERED_RETRANSMISSIONS, ACKNOWLEDGED, AFTER_RST, AFTER_SILENCE, BEFORE_TLS13, BYTES
cdef long long CHAIN, CHAIN_SEEN, CLIENT_HELLO_SEEN, CLIENT_SECURE, COOKIE, DATA_BEFORE_PACKET, DATA_PACKET
cdef long long DATA_RECORDS, EARLY_DATA, ECHOED, EVENT_LENGTH, EXTERNAL, FIN_PACKET, FIRST_SERVER_LENGTH
cdef long long IN_WINDOW, LAST_KIND, LAST_LENGTH, LAST_PACKET, LEFT, LONG_RECORD, MAX_FLIGHT_RECORDS, MOST_OF_RUN
cdef long long MOST_RECORDS, MOST_UNACKED, OFFERS_PSK, OFFERS_TICKET, OTHER_CLIENT_LENGTH, PACKETS, PAYLOAD
cdef long long RECORDS, RECORD_HEADER, RECORD_VERSION, RETRY_SEEN, RST_PACKET, SAME_PACKET, SAME_TIME, SELECTED
cdef long long SERVER_HELLO_SEEN, SERVER_SECURE, SESSION_ID, SOON, STEP, STRANGE_TTL, SYN, TIMED, UNACKED
cdef long long UNFINISHED, UNHEARD, UNSEEN, VERSION_BITS
cdef Py_ssize_t HEAD_WORDS, _MAX_EVENTS, _WORD_BYTES, _STRIDE
cdef long long _TLS13, _TCP, _RUN_MASK
cdef unsigned long long _MIX, _ALL

cdef class Gist:
    cdef public bytearray bytes
    cdef public long long[::1] words
    cdef public Py_ssize_t count
    cdef public unsigned long long mark
    cdef public bint restless
    cdef long long[::1] _firsts
    cdef Py_ssize_t _packet_count
    cdef bint _has_lengths, _seen_answer
    cdef long long _overhead, _finished, _client_records, _server_length, _server_told
    @cython.locals(client=Side, server=Side, events=Events, client_packets=cython.longlong, server_packets=cython.longlong)
    cpdef bint take(self, Facts facts) except? -1
    @cython.locals(mark=cython.ulonglong, i=Py_ssize_t)
    cdef unsigned long long _mark(self) except? 0xDEAD
    cpdef Py_ssize_t first_of(self, Py_ssize_t packet) except? -1
    @cython.locals(cipher=cython.longlong)
    cdef int _measure(self, ServerHello answer) except -1
    @cython.locals(cells='long long[::1]', ns=cython.longlong, frame=cython.longlong, packets=Py_ssize_t, i=Py_ssize_t,
                   at=Py_ssize_t, restless_ns=cython.longlong, step_ns=cython.longlong, step=cython.longlong)
    cdef bint _take_events(self, Events events) except? -1
    @cython.locals(kind=cython.longlong, detail=cython.longlong, told=cython.longlong)
    cdef long long _event(self, long long word, long long length) except? -1
    @cython.locals(more=cython.longlong)
    cdef bint _is_special(self, long long length) except? -1
    cdef long long _client_record(self, long long length) except? -1
    cdef long long _server_record(self, long long length) except? -1
    @cython.locals(fin=cython.longlong, rst=cython.longlong, data=cython.longlong, before=cython.longlong,
                   last=cython.longlong)
    cdef long long _packets(self, Events events, Side side) except? -2
    @cython.locals(cells='long long[::1]', k=Py_ssize_t, at=Py_ssize_t)
    cdef long long _packet(self, Events events, long long ns, long long frame) except? -2
    @cython.locals(flags=cython.longlong, records=cython.longlong, length=cython.longlong)
    cdef long long _flags(self, Side side) except? -1

@cython.locals(payload_ns=cython.longlong)
cdef bint _is_plain(Side side, Side other) except? -1
@cython.locals(asked=ClientHello, answered=ServerHello, word=cython.longlong)
cdef long long _hellos(Facts facts) except? -1
cdef long long _client_hello(ClientHello hello) except? -1
@cython.locals(answer=ServerHello)
cdef long long _versions(Facts facts) except? -1
@cython.locals(unacked=cython.longlong, times=cython.longlong)
cdef long long _times_unacked(Side side) except? -1
