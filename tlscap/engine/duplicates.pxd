cimport cython
from tlscap cimport octets
from tlscap.engine.frame cimport Decoder

cdef long long _DUPLICATE_NS, _SET_MASK, _SET_WORDS, _SIGNED
cdef unsigned long long _WORD, _MIX

@cython.final
cdef class Duplicates:
    cdef long long[::1] _words
    @cython.locals(numbers=cython.ulonglong, mark=cython.ulonglong, ident=cython.longlong)
    cpdef bint is_copy(self, Decoder decoder, unsigned long long key_hash, unsigned long long sender_end, long long ns) except -1
    @cython.locals(first=Py_ssize_t, at=Py_ssize_t)
    cpdef bint remembers(self, long long mark, long long ns) except -1

@cython.locals(at="size_t", end="size_t", word=cython.ulonglong)
cdef unsigned long long _with_header(Decoder decoder, unsigned long long mark) except? 0xDEAD
