cimport cython
from tlscap cimport octets
from tlscap.engine.events cimport Events
from tlscap.engine.facts cimport Facts, Side
from tlscap.engine.server_hello cimport ServerHello

cdef long long ALERT, APPLICATION_DATA, CHANGE_CIPHER_SPEC, CLIENT, GAP, HANDSHAKE, HIDDEN, DTLS_1_3, IDLE_NS
cdef Py_ssize_t _NEVER, _MAX_COURSES, _MAX_COURSE_EVENTS, _MAX_HISTORIES, _UNASKED, _WORD_BYTES
cdef long long _TLS13, _FINISHED, _CLIENT_HELLO, _SERVER_HELLO, _CERTIFICATE, _COMPRESSED_CERTIFICATE
cdef long long _SERVER_KEY_EXCHANGE, _CLIENT_KEY_EXCHANGE, _CERTIFICATE_REQUEST, _SERVER_HELLO_DONE

cdef class Passage:
    cdef public Py_ssize_t change_cipher_spec, hidden, finished, data, certificate, key_exchange, gap
    cdef public bint reads

cdef class Landmarks:
    cdef public Facts facts
    cdef public Events events
    cdef public Passage client, server
    cdef public Py_ssize_t client_hello, server_hello, certificate_request, server_hello_done
    cdef public list alerts
    cdef public Course course
    cdef public bint tls13, dtls13, hello_seen
    cdef public list asked
    cpdef Passage of(self, long long side)
    cpdef Side side(self, long long side)
    cpdef bint both_captured(self) except? -1
    cpdef bint is_silent(self, long long start_ns, long long end_ns) except? -1
    cpdef bint gap_before(self, long long side, Py_ssize_t index) except? -1
    @cython.locals(facts=Facts)
    cpdef bint is_whole(self) except? -1
    cpdef bint is_unanswered(self) except? -1
    @cython.locals(client=Side, server=Side, cut=cython.longlong)
    cpdef why_missing(self)
    @cython.locals(i=Py_ssize_t)
    cpdef bint gap_between(self, Py_ssize_t start, Py_ssize_t stop) except? -1
    @cython.locals(i=Py_ssize_t)
    cpdef bint data_between(self, Py_ssize_t start, Py_ssize_t stop) except? -1
    cdef int _read_answer(self, ServerHello hello, ServerHello retry) except -1

cdef class Course:
    cdef public bint tls13
    cdef public Passage client, server
    cdef public Py_ssize_t client_hello, server_hello, certificate_request, server_hello_done
    cdef public list alerts
    cdef public Py_ssize_t start
    cdef dict _histories
    cdef str _latest
    cdef long long _latest_key
    cpdef str history(self, long long key)
    cpdef int remember(self, long long key, str history) except -1
    @cython.locals(kind=cython.longlong, passage=Passage)
    cdef int _place(self, Events events, Py_ssize_t i) except -1
    cdef int _place_later_message(self, Py_ssize_t i, long long kind, Passage passage) except -1
    cdef int _place_message(self, Events events, Py_ssize_t i, long long kind, Passage passage) except -1

cpdef Py_ssize_t first(Py_ssize_t known, Py_ssize_t index) except? -2

cdef class Courses:
    cdef dict _known
    cdef bytearray _key
    cdef long long[::1] _words
    @cython.locals(count=Py_ssize_t, i=Py_ssize_t, key=bytes, course=Course)
    cpdef Course of(self, Events events, bint tls13, bint dtls13)

cdef Courses _courses
