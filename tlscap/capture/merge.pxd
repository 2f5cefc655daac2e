cimport cython
from tlscap.capture.batch cimport Batch

@cython.final
cdef class Merged:
    cdef public Batch batch
    cdef unsigned char[::1] _room
    cdef Py_ssize_t _used
    cpdef clear(self)
    @cython.locals(into=Batch, n=Py_ssize_t, start=Py_ssize_t, caplen=Py_ssize_t)
    cpdef Py_ssize_t take(self, Batch source, Py_ssize_t first, long long until_ns) except -1
