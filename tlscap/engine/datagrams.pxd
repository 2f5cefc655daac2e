cimport cython
from tlscap.engine.frame cimport Decoder

cdef Py_ssize_t _SEARCHED

cdef class Datagrams:
    cdef public object limits, certificates
    cdef dict _associations
    cdef dict _recognised
    cdef long long _most
    cpdef take(self, Decoder decoder, long long ns, long long frame)
    cpdef _associate(self, Decoder decoder, const unsigned char[::1] data, long long ns, long long frame)
    cpdef bint _continue(self, Decoder decoder, const unsigned char[::1] data, long long ns, long long frame) except? -1
    cpdef _count(self, Decoder decoder, name)

cdef tuple _ends(Decoder decoder)
cpdef bint is_quic(const unsigned char[::1] data) except? -1
@cython.locals(size=Py_ssize_t, first=cython.longlong, at=Py_ssize_t, end=Py_ssize_t)
cpdef bint carries_hello(const unsigned char[::1] data) except? -1
