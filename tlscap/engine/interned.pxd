cdef class Interned:
    cdef Py_ssize_t _half
    cdef dict _young
    cdef dict _old
    cpdef object get(self, bytes key)
    cpdef put(self, bytes key, object value)
