cimport cython
from tlscap.engine.interned cimport Interned

cdef Py_ssize_t _NEAR

@cython.final
cdef class CertificateStore:
    cdef public dict _kept
    cdef public Interned _messages
    cdef public long long bytes, refused
    @cython.locals(whole=bytes, near=bytes)
    cpdef read(self, body, bint tls13, long long ns, long long frame)
