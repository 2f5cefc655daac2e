cdef class Batch:
    cdef public Py_ssize_t capacity
    cdef public Py_ssize_t count
    cdef public const unsigned char[::1] data
    cdef public long long[::1] ts_ns
    cdef public long long[::1] start
    cdef public long long[::1] caplen
    cdef public long long[::1] wirelen
    cdef public long long[::1] linktype
    cdef public long long[::1] frame
