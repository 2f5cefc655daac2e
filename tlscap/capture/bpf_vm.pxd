cimport cython
from tlscap.capture.batch cimport Batch

cdef long long _WORD

cdef inline long long _alu(int op, unsigned long long a, unsigned long long b) noexcept nogil

@cython.final
cdef class Program:
    cdef Py_ssize_t _length
    cdef long long[::1] _ops
    cdef long long[::1] _jumps_true
    cdef long long[::1] _jumps_false
    cdef long long[::1] _operands
    cdef long long[::1] _memory
    @cython.locals(data="const unsigned char[::1]", at=size_t, pc=Py_ssize_t, op=int, a="long long", x="long long",
                   k="long long", end="long long")
    cpdef Py_ssize_t run(self, Batch batch, Py_ssize_t packet) except -1

@cython.final
cdef class Sieve:
    cdef object _compile
    cdef dict _programs
    cdef Program _program
    cdef long long _linktype
    @cython.locals(kept=Py_ssize_t, i=Py_ssize_t)
    cpdef Py_ssize_t apply(self, Batch batch) except -1
    cdef int _move(self, Batch batch, Py_ssize_t i, Py_ssize_t to) except -1
