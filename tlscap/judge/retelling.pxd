cimport cython
from tlscap.engine.client_hello cimport ClientHello
from tlscap.engine.events cimport Events
from tlscap.engine.facts cimport Facts, Side
from tlscap.engine.profile cimport ClientProfile
from tlscap.engine.server_hello cimport ServerHello

cdef long long ACKNOWLEDGED, AFTER_RST, AFTER_SILENCE, BEFORE_TLS13, BYTES, CHAIN, CHAIN_SEEN, CLIENT_HELLO_SEEN
cdef long long CLIENT_SECURE, COOKIE, DATA_BEFORE_PACKET, DATA_PACKET, DATA_RECORDS, EARLY_DATA, ECHOED
cdef long long END_CLOSED, EVENT_LENGTH, EXTERNAL, FIN_PACKET, IDLE_NS, IN_WINDOW, LAST_KIND, LAST_LENGTH
cdef long long LAST_PACKET, LEFT, OFFERS_PSK, OFFERS_TICKET, PACKETS, PAYLOAD, RECORDS, RECORD_HEADER
cdef long long RECORD_VERSION, RETRY_SEEN, RST_PACKET, SAME_PACKET, SAME_TIME, SELECTED, SERVER_HELLO_SEEN
cdef long long SERVER_SECURE, SESSION_ID, SOON, STEP, STRANGE_TTL, SYN, TIMED, UNACKED, UNFINISHED, UNHEARD
cdef long long UNSEEN, VERSION_BITS
cdef Py_ssize_t HEAD_WORDS
cdef long long _BEGIN_NS, _SOON_NS, _SILENCE_NS, _TLS12, _TLS13, _TTL, _OTHER_TTL, _SOME_BYTES
cdef ClientProfile _SECURE
cdef tuple _TICKET, _EXTERNAL, _CHAIN

@cython.locals(facts=Facts, hellos=cython.longlong)
cpdef Facts retold(list words, list at)
@cython.locals(ns=cython.longlong, i=Py_ssize_t, word=cython.longlong, step=cython.longlong)
cpdef list instants(list words)
@cython.locals(packet=Py_ssize_t, i=Py_ssize_t, word=cython.longlong, side=cython.longlong, kind=cython.longlong,
               detail=cython.longlong)
cdef _tell_events(Events events, list words, list at)
cdef _tell_side(Side side, long long flags, long long packets, list at)
@cython.locals(times=cython.longlong)
cdef _tell_unacknowledged(Side side, long long flags)
@cython.locals(hello=ClientHello)
cdef ClientHello _client_hello(long long hellos)
@cython.locals(hello=ServerHello, told=bytes)
cdef ServerHello _server_hello(long long hellos, long long versions)
cdef _tell_psk(ClientHello asked, ServerHello answered, long long hellos)
cdef long long _instant(Py_ssize_t packet, list at) except? -1
cdef bint _says(long long word, long long bit) except? -1
