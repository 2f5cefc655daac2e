cimport cython
from tlscap cimport octets

cdef unsigned long long _WORD, _SEED, _MIX
cdef Py_ssize_t _DIGEST_BYTES

@cython.locals(at=Py_ssize_t, number=cython.ulonglong, rest=cython.ulonglong)
cpdef bytes digest(bytes body, Py_ssize_t start, Py_ssize_t stop)
@cython.locals(stop=Py_ssize_t)
cpdef Py_ssize_t block_end(bytes body, Py_ssize_t at) except? -1
cpdef Py_ssize_t renegotiated_connection_length(bytes body, Py_ssize_t at, Py_ssize_t stop) except? -1
