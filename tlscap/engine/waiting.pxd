cimport cython
from tlscap cimport octets
from tlscap.engine.buffer cimport Buffer
from tlscap.engine.session cimport Session

cdef long long _SEGMENT_OVERHEAD, _SEQ_MASK

@cython.final
cdef class Waiting:
    cdef public Session session
    cdef public long long since, bytes
    cdef public list segments
    cpdef Py_ssize_t distance(self, long long wanted) except? -1
    cpdef Py_ssize_t held_bytes(self) except? -1
    @cython.locals(segments=list, offset=cython.longlong, place=Py_ssize_t)
    cpdef insert(self, long long wanted, long long seq, bytes data, long long on_wire, long long ns, long long frame)
    @cython.locals(segments=list, begin=cython.longlong, stop=cython.longlong, start=cython.longlong, low=cython.longlong, high=cython.longlong, place=Py_ssize_t, found=cython.bint)
    cpdef bint insert_uncovered(self, long long wanted, long long seq, Buffer buffer, Py_ssize_t at, Py_ssize_t end, long long on_wire, long long ns, long long frame) except? -1
    @cython.locals(segments=list, i=Py_ssize_t)
    cpdef remove_first(self, Py_ssize_t count)
    @cython.locals(kept=tuple)
    cpdef Py_ssize_t _end_of(self, Py_ssize_t place, long long wanted) except? -1
    @cython.locals(captured=cython.longlong, low=cython.longlong, high=cython.longlong)
    cpdef _insert_part(self, long long wanted, Buffer buffer, Py_ssize_t at, Py_ssize_t end, long long begin, long long start, long long stop, long long ns, long long frame)
    @cython.locals(start=cython.longlong, stop=cython.longlong)
    cpdef _compare(self, bytes kept, long long low, Buffer buffer, Py_ssize_t at, Py_ssize_t end, long long begin, long long ns, long long frame)
