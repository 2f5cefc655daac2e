from tlscap.engine.buffer cimport Buffer
from tlscap.engine.tunnelpaths cimport TunnelPaths
from tlscap.engine.undecoded cimport Undecoded

cdef long long _STOP, _TRUNCATED

cdef class Cursor(Buffer):
    cdef public size_t at
    cdef public size_t cap
    cdef public size_t wire
    cdef public long long tunnel
    cdef public TunnelPaths paths
    cdef public Undecoded reasons

    cdef bint has(self, size_t size) noexcept nogil
    cdef long long u8(self, size_t offset) except -1 nogil
    cdef long long u16(self, size_t offset) except -1 nogil
    cdef long long u24(self, size_t offset) except -1 nogil
    cdef long long u32(self, size_t offset) except -1 nogil
    cdef long long u16_little(self, size_t offset) except -1 nogil
    cdef long long u32_little(self, size_t offset) except -1 nogil
    cdef int stop(self, long long reason) except -1 nogil
    cdef int lacks(self, long long reason) except -1 nogil
    cdef long long enter(self, long long kind, long long ident) except -1 nogil
