cimport cython
from tlscap.engine.dtls cimport is_hidden_record, is_record, starts_association
from tlscap.engine.duplicates cimport Duplicates
from tlscap.engine.frame cimport Decoder
from tlscap.engine.held cimport Held

cdef Py_ssize_t _SEARCHED, _RECORD_HEADER
cdef long long _MARK

cdef class Datagrams:
    cdef public object limits, certificates
    cdef dict _associations
    cdef public Held held
    cdef public object stubs
    cdef object _closing
    cdef dict _recognised
    cdef long long _most, _linger_ns
    cdef public long long begun, copies, refused, times_full
    cdef public list over, evicted, forgotten
    cdef Duplicates _duplicates
    @cython.locals(data="const unsigned char[::1]")
    cpdef take(self, Decoder decoder, long long ns, long long frame)
    cpdef _associate(self, Decoder decoder, const unsigned char[::1] data, long long ns, long long frame)
    cpdef bint _continue(self, Decoder decoder, const unsigned char[::1] data, long long ns, long long frame) except? -1
    cpdef bint is_following(self) except -1
    cpdef let_go(self, long long now_ns)
    cpdef bint let_stubs_go(self, Py_ssize_t most) except? -1
    cpdef _hand_over(self, association, bytes key, Decoder decoder, const unsigned char[::1] data, long long ns, long long frame)
    cpdef bint _is_copy(self, Decoder decoder, bytes sender, const unsigned char[::1] data, long long ns) except -1
    cpdef _count(self, Decoder decoder, name, const unsigned char[::1] data, long long ns)

cdef tuple _ends(Decoder decoder)
cpdef bint is_quic(const unsigned char[::1] data) except? -1
@cython.locals(size=Py_ssize_t, first=cython.longlong, at=Py_ssize_t, end=Py_ssize_t)
cpdef bint carries_hello(const unsigned char[::1] data) except? -1
