cimport cython
from tlscap.engine.events cimport Events
from tlscap.engine.facts cimport Facts, Side

cdef class Passage:
    cdef public Py_ssize_t change_cipher_spec, hidden, finished, data, certificate, key_exchange, gap
    cdef public bint reads

cdef class Landmarks:
    cdef public Facts facts
    cdef public Events events
    cdef public Passage client, server
    cdef public Py_ssize_t client_hello, server_hello, certificate_request, server_hello_done
    cdef public list alerts
    cdef bint _is_tls13
    cpdef Passage of(self, long long side)
    cpdef Side side(self, long long side)
    cpdef bint both_captured(self) except? -1
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
    @cython.locals(kind=cython.longlong, passage=Passage)
    cpdef _place(self, Py_ssize_t i)
    cpdef _place_later_message(self, Py_ssize_t i, long long kind, Passage passage)
    cpdef _place_message(self, Py_ssize_t i, long long kind, Passage passage)

cpdef Py_ssize_t first(Py_ssize_t known, Py_ssize_t index) except? -2
