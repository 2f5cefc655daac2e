cimport cython
from tlscap.engine.connection cimport Connection

cdef unsigned long long _WORD, _MIX_1, _MIX_2, _SEED_1, _SEED_2

cpdef unsigned long long mix(unsigned long long word) noexcept nogil
@cython.locals(word=cython.ulonglong)
cpdef unsigned long long hash_key(unsigned long long a_hi, unsigned long long a_lo, unsigned long long b_hi, unsigned long long b_lo, unsigned long long ports) noexcept nogil

cdef class FlowTable:
    cdef public Py_ssize_t count
    cdef Py_ssize_t _size
    cdef long long[::1] _slots
    cdef list _held
    cdef list _free
    @cython.locals(mask=Py_ssize_t, at=Py_ssize_t, held=Connection)
    cpdef Connection find(self, unsigned long long key_hash, unsigned long long a_hi, unsigned long long a_lo, unsigned long long b_hi, unsigned long long b_lo, long long ports)
    @cython.locals(index=Py_ssize_t)
    cpdef add(self, Connection connection)
    @cython.locals(mask=Py_ssize_t, at=Py_ssize_t)
    cpdef remove(self, Connection connection)
    cpdef list connections(self)
    @cython.locals(mask=Py_ssize_t, at=Py_ssize_t)
    cpdef _place(self, unsigned long long key_hash, Py_ssize_t index)
    @cython.locals(mask=Py_ssize_t, at=Py_ssize_t, home=Py_ssize_t, held=Connection)
    cpdef _close_hole(self, Py_ssize_t hole)
    cpdef _grow(self)
