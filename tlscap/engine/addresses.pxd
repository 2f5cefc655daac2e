cimport cython
from tlscap cimport octets

cdef unsigned long long _MASK

@cython.final
cdef class Addresses:
    cdef unsigned long long[::1] _high, _low
    cdef long long[::1] _sizes
    cdef list _kept
    @cython.locals(at=Py_ssize_t, address=bytes)
    cpdef bytes get(self, unsigned long long high, unsigned long long low, Py_ssize_t size)
