cdef Py_ssize_t _CHUNK

cdef class Rows:
    cdef Py_ssize_t _at
    cdef list _columns
    cpdef int hold(self, Cells column) except -1
    cpdef Py_ssize_t next(self) except -1
    cpdef int close(self) except -1

cdef class Cells:
    cdef object _bytes
    cdef Py_ssize_t _width
    cdef bytearray _full
    cdef Rows _rows
    cpdef chunk(self, str typecode)
    cpdef int keep(self, Py_ssize_t count) except -1
    cpdef bytearray take(self)

cdef class Longs(Cells):
    cdef public long long[::1] cells

cdef class Reals(Cells):
    cdef public double[::1] cells
    cpdef int put(self, Py_ssize_t at, value) except -1

cdef class Ints(Cells):
    cdef public int[::1] cells

cdef class Flags(Ints):
    cpdef int put(self, Py_ssize_t at, value) except -1

cdef class Names(Ints):
    cdef dict _codes
    cdef object _last
    cdef long long _last_number
    cdef int _last_code
    cdef int _last_number_code
    cpdef int put(self, Py_ssize_t at, key) except -1
    cpdef int put_number(self, Py_ssize_t at, long long number) except -1
    cpdef int code(self, key) except -1
    cpdef list keys(self)
