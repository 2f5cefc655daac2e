cimport cython

cpdef long long u16(const unsigned char[::1] body, Py_ssize_t at) except? -1
cpdef bytes taken(const unsigned char[::1] body, Py_ssize_t start, Py_ssize_t stop)
cpdef bytes digest(const unsigned char[::1] body, Py_ssize_t start, Py_ssize_t stop)
@cython.locals(stop=Py_ssize_t)
cpdef Py_ssize_t block_end(const unsigned char[::1] body, Py_ssize_t at) except? -1
cpdef Py_ssize_t renegotiated_connection_length(const unsigned char[::1] body, Py_ssize_t at, Py_ssize_t stop) except? -1
