cimport cython

@cython.final
cdef class Undecoded:
    cdef long long[::1] _counts
    cdef long long[::1] _protocols
    cdef dict _ethertypes
    cdef dict _linktypes
    cdef long long _others
    cdef int note(self, long long reason) except -1 nogil
    cdef int note_protocol(self, long long protocol) except -1 nogil
    cdef int note_ethertype(self, long long ethertype) except -1 with gil
    cdef int note_linktype(self, long long linktype) except -1 with gil
    cdef int _note_in(self, dict counts, long long key) except -1
