cimport cython
from tlscap.engine.connection cimport Connection

cdef unsigned long long _WORD, _INDEX, _MIX_1, _MIX_2, _SEED_1, _SEED_2
cdef int _TAG

cpdef unsigned long long mix(unsigned long long word) noexcept nogil
@cython.locals(word=cython.ulonglong)
cpdef unsigned long long hash_key(unsigned long long a_hi, unsigned long long a_lo, unsigned long long b_hi, unsigned long long b_lo, unsigned long long ports) noexcept nogil

@cython.final
cdef class FlowTable:
    cdef public Py_ssize_t count
    cdef size_t _mask
    cdef unsigned long long[::1] _entries
    cdef list _held
    cdef list _free
    @cython.locals(at=size_t, entry=cython.ulonglong, held=Connection)
    cpdef Connection find(self, unsigned long long key_hash, unsigned long long a_hi, unsigned long long a_lo, unsigned long long b_hi, unsigned long long b_lo, long long ports)
    @cython.locals(index=Py_ssize_t)
    cpdef add(self, Connection connection)
    @cython.locals(at=size_t)
    cpdef remove(self, Connection connection)
    cpdef list connections(self)
    @cython.locals(at=size_t)
    cpdef _place(self, Connection connection)
    @cython.locals(mask=size_t, at=size_t, home=size_t, entry=cython.ulonglong)
    cpdef _close_hole(self, size_t hole)
    @cython.locals(held=Connection)
    cpdef _grow(self)
