cimport cython

cdef long long _STRIDE, _SIDE_SHIFT, _KIND_SHIFT, _MASK, _MAX_EVENTS

cdef class Events:
    cdef public Py_ssize_t count
    cdef public Py_ssize_t cut
    cdef public Py_ssize_t data_runs
    cdef Py_ssize_t _room
    cdef long long[::1] _cells
    @cython.locals(at=Py_ssize_t)
    cpdef Py_ssize_t add(self, long long ns, long long frame, long long side, long long kind, long long detail, long long length) except -2
    @cython.locals(at=Py_ssize_t)
    cpdef extend_run(self, long long length)
    cpdef long long ns(self, Py_ssize_t i) except? -1
    cpdef long long frame(self, Py_ssize_t i) except? -1
    cpdef long long side(self, Py_ssize_t i) except? -1
    cpdef long long kind(self, Py_ssize_t i) except? -1
    cpdef long long detail(self, Py_ssize_t i) except? -1
    cpdef long long length(self, Py_ssize_t i) except? -1
    cpdef set_length(self, Py_ssize_t i, long long length)
    @cython.locals(i=Py_ssize_t)
    cpdef swap_sides(self)
    @cython.locals(i=Py_ssize_t, cells='long long[::1]')
    cdef _grow(self)
