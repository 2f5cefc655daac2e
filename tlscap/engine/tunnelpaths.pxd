cimport cython

cdef long long _SLOTS, _MASK, _NO_ID, _WITH_ID, _PATHS, _ID_SPAN, _KIND_SPAN
cdef unsigned long long _SCATTER

@cython.final
cdef class TunnelPaths:
    cdef public list paths
    cdef long long[::1] _keys
    cdef long long[::1] _children
    @cython.locals(key="long long", scattered="unsigned long long", slot="size_t")
    cdef int enter(self, long long parent, long long kind, long long ident) except -1 nogil
    @cython.locals(count="long long")
    cdef int _grow(self, size_t slot, long long key, long long parent, long long kind, long long ident) except -1 with gil
