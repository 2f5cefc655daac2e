cimport cython

@cython.final
cdef class Undecoded:
    cdef long long[::1] _counts
    cdef long long[::1] _protocols
    cdef dict _ethertypes
    cdef dict _names
    cdef int note(self, long long reason) except -1 nogil
    cdef int note_protocol(self, long long protocol) except -1 nogil
    cdef int note_ethertype(self, long long ethertype) except -1
    cpdef note_name(self, str name)
