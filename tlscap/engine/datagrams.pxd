from tlscap.engine.frame cimport Decoder

cdef long long _DTLS, _HIDDEN, _QUIC

cdef class Datagrams:
    cdef public object limits, certificates
    cdef dict _associations
    cdef dict _quic
    cdef long long _most
    cpdef take(self, Decoder decoder, long long ns, long long frame)
    cpdef _take_known(self, Decoder decoder, const unsigned char[::1] data, long long what, long long ns, long long frame)

cpdef bint is_quic(const unsigned char[::1] data) except? -1
