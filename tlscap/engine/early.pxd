cimport cython
from tlscap.engine.held cimport Held

cdef Py_ssize_t _MOST_EARLY, _EARLY_BYTES
cdef long long _SEQ_MASK, _SEQ_HALF

@cython.final
cdef class Early:
    cdef public Held held
    cdef public list log
    @cython.locals(log=list)
    cpdef note(self, long long ack, long long ns)
    @cython.locals(log=list, done=Py_ssize_t)
    cpdef Py_ssize_t covering(self, long long end_seq) except? -1
    cpdef Py_ssize_t held_bytes(self) except? -1
    cpdef let_go(self)
