cimport cython
from tlscap cimport octets
from tlscap.engine.held cimport Held

cdef long long _STRIDE, _SIDE_SHIFT, _SIDE_BIT, _DECRYPTED_BIT, _KIND_SHIFT, _MASK, _MAX_EVENTS, _MAX_DATA_RUNS, _DATA, _FIN, _RST, _NONE, _STORE_CELLS, _FIRST_ROOM, _USUAL_ROOM
cdef long long _MOST_KEPT_IN_NEED, _CELL_BYTES
cdef long long[::1] _NO_CELLS

@cython.final
cdef class Events:
    cdef public Py_ssize_t count
    cdef public Py_ssize_t cut
    cdef public Py_ssize_t data_runs
    cdef public bint unsorted
    cdef public Held held
    cdef Py_ssize_t _room, _most, _client_run, _server_run
    cdef long long[::1] _cells
    @cython.locals(at=Py_ssize_t)
    cpdef Py_ssize_t add(self, long long ns, long long frame, long long side, long long kind, long long detail, long long length) except -2
    @cython.locals(run=Py_ssize_t, again=cython.bint)
    cpdef add_data(self, long long ns, long long frame, long long side, long long length, bint single)
    cpdef clear(self)
    cpdef bint is_large(self) except? -1
    @cython.locals(i=Py_ssize_t, k=Py_ssize_t, place=Py_ssize_t, source=Py_ssize_t, order=list, cells='long long[::1]')
    cpdef sort(self)
    cpdef Py_ssize_t ns(self, Py_ssize_t i) except? -1
    cpdef Py_ssize_t frame(self, Py_ssize_t i) except? -1
    cpdef Py_ssize_t side(self, Py_ssize_t i) except? -1
    cpdef bint decrypted(self, Py_ssize_t i) except? -1
    cpdef Py_ssize_t kind(self, Py_ssize_t i) except? -1
    cpdef Py_ssize_t detail(self, Py_ssize_t i) except? -1
    cpdef Py_ssize_t word(self, Py_ssize_t i) except? -1
    cpdef Py_ssize_t length(self, Py_ssize_t i) except? -1
    cpdef set_length(self, Py_ssize_t i, long long length)
    @cython.locals(i=Py_ssize_t)
    cpdef swap_sides(self)
    @cython.locals(at=Py_ssize_t)
    cdef _extend(self, Py_ssize_t run, long long length)
    @cython.locals(i=Py_ssize_t, held=Py_ssize_t, cells='long long[::1]')
    cdef _grow(self)
    cpdef Py_ssize_t held_bytes(self) except? -1
    @cython.locals(count=Py_ssize_t, before='long long[::1]', i=Py_ssize_t, about=cython.longlong, kind=cython.longlong)
    cpdef give_up(self, long long ns, long long frame)
    cpdef let_go(self)

@cython.final
cdef class EventStore:
    cdef long long[::1] _cells
    cdef Py_ssize_t _end, _used
    @cython.locals(size=Py_ssize_t, at=Py_ssize_t, kept=Events)
    cpdef Events copy(self, Events events)
