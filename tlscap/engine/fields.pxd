cimport cython
from tlscap.engine cimport octets

cdef object _BLANK

cpdef long long u16(bytes body, Py_ssize_t at) except? -1
cpdef bytes digest(bytes body, Py_ssize_t start, Py_ssize_t stop)
@cython.locals(stop=Py_ssize_t)
cpdef Py_ssize_t block_end(bytes body, Py_ssize_t at) except? -1
cpdef Py_ssize_t renegotiated_connection_length(bytes body, Py_ssize_t at, Py_ssize_t stop) except? -1
