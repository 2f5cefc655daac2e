cimport cython
from tlscap cimport octets

cdef Py_ssize_t _MAX_OUTLINE, _HEAD
cdef long long _GREASE, _LOW_NIBBLES

cpdef bint is_grease(long long value) noexcept

@cython.final
cdef class Outline:
    cdef bytearray _cells
    cdef Py_ssize_t _count, _room
    cdef public bint full
    cpdef put8(self, long long value)
    cpdef put16(self, long long value)
    @cython.locals(size=Py_ssize_t)
    cpdef put_specs(self, bytes body, Py_ssize_t start, Py_ssize_t stop)
    @cython.locals(size=Py_ssize_t, at=Py_ssize_t)
    cpdef put_words(self, bytes body, Py_ssize_t start, Py_ssize_t stop)
    @cython.locals(size=Py_ssize_t)
    cpdef put_bytes(self, bytes body, Py_ssize_t start, Py_ssize_t stop)
    @cython.locals(size=Py_ssize_t, at=Py_ssize_t)
    cpdef put_extension(self, long long kind, bytes body, Py_ssize_t start, Py_ssize_t stop,
                        Py_ssize_t words_at)
    cpdef put_type(self, long long kind)
    cpdef bytes key(self)
    cdef bint _has_room(self, Py_ssize_t size) noexcept
    cdef int _copy(self, bytes body, Py_ssize_t start, Py_ssize_t stop) except -1
    @cython.locals(cells=bytearray)
    cdef int _level_grease(self, Py_ssize_t at) except -1
