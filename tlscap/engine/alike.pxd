cimport cython
from tlscap cimport octets

cdef Py_ssize_t _SET_MASK, _WAYS, _MAX_BYTES

@cython.final
cdef class Model:
    cdef public bytes body
    cdef public long long[::1] spans
    cdef public object hello
    @cython.locals(at=Py_ssize_t, i=Py_ssize_t)
    cpdef bint fits(self, bytes body) except? -1

@cython.final
cdef class Alike:
    cdef list _models
    cdef Py_ssize_t _turn
    @cython.locals(first=Py_ssize_t, place=Py_ssize_t, model=Model)
    cpdef Model find(self, bytes body)
    cpdef keep(self, bytes body, list spans, object hello)
