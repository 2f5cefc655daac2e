cdef Py_ssize_t _CHUNK

cdef class Longs:
    cdef Py_ssize_t _at
    cdef long long[::1] _cells
    cdef list _full
    cpdef int add(self, long long value) except -1
    cpdef bytes take(self)

cdef class Ints:
    cdef Py_ssize_t _at
    cdef int[::1] _cells
    cdef list _full
    cpdef int add(self, int value) except -1
    cpdef bytes take(self)

cdef class Reals:
    cdef Py_ssize_t _at
    cdef double[::1] _cells
    cdef list _full
    cpdef int add(self, value) except -1
    cpdef int add_real(self, double value) except -1
    cpdef bytes take(self)

cdef class Flags:
    cdef Ints _cells
    cpdef int add(self, value) except -1
    cpdef bytes take(self)

cdef class Names:
    cdef dict _codes
    cdef Ints _cells
    cdef object _last
    cdef long long _last_number
    cdef int _last_code
    cdef int _last_number_code
    cpdef int add(self, key) except -1
    cpdef int add_number(self, long long number) except -1
    cpdef int add_code(self, int code) except -1
    cpdef int code(self, key) except -1
    cpdef bytes take(self)
    cpdef list keys(self)

cdef class Digests:
    cdef list _open
    cdef list _full
    cpdef int add(self, bytes digest) except -1
    cpdef bytes take(self)
