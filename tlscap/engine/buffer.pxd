cdef class Buffer:
    cdef public const unsigned char[::1] data
