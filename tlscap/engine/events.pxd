cimport cython

cdef long long _STRIDE, _SIDE_SHIFT, _SIDE_BIT, _DECRYPTED_BIT, _KIND_SHIFT, _MASK, _MAX_EVENTS, _MAX_DATA_RUNS, _DATA, _FIN, _RST, _NONE

cdef class Events:
    cdef public Py_ssize_t count
    cdef public Py_ssize_t cut
    cdef public Py_ssize_t data_runs
    cdef public bint unsorted
    cdef Py_ssize_t _room, _client_run, _server_run
    cdef long long[::1] _cells
    @cython.locals(at=Py_ssize_t)
    cpdef Py_ssize_t add(self, long long ns, long long frame, long long side, long long kind, long long detail, long long length) except -2
    @cython.locals(run=Py_ssize_t, again=cython.bint)
    cpdef add_data(self, long long ns, long long frame, long long side, long long length, bint single)
    @cython.locals(i=Py_ssize_t, k=Py_ssize_t, place=Py_ssize_t, source=Py_ssize_t, order=list, cells='long long[::1]')
    cpdef sort(self)
    cpdef long long ns(self, Py_ssize_t i) except? -1
    cpdef long long frame(self, Py_ssize_t i) except? -1
    cpdef long long side(self, Py_ssize_t i) except? -1
    cpdef bint decrypted(self, Py_ssize_t i) except? -1
    cpdef long long kind(self, Py_ssize_t i) except? -1
    cpdef long long detail(self, Py_ssize_t i) except? -1
    cpdef long long length(self, Py_ssize_t i) except? -1
    cpdef set_length(self, Py_ssize_t i, long long length)
    @cython.locals(i=Py_ssize_t)
    cpdef swap_sides(self)
    @cython.locals(at=Py_ssize_t)
    cdef _extend(self, Py_ssize_t run, long long length)
    @cython.locals(i=Py_ssize_t, cells='long long[::1]')
    cdef _grow(self)
