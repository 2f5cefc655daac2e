cimport cython

cdef long long _NOTHING, _MORE, _TLS, _SSLV2_HELLO, _PROXY_HEADER, _MAX_RECORD, _HEADER, _ALERT, _HELLO_PREFIX
cdef bytes _V1, _V2

@cython.locals(size=Py_ssize_t, first=cython.longlong, found=cython.longlong)
cpdef long long start_of_tls(const unsigned char[::1] data, bint mid_stream, bint expected) except? -1
@cython.locals(at=Py_ssize_t)
cpdef Py_ssize_t next_record(const unsigned char[::1] data, long long version) except? -2
@cython.locals(at=Py_ssize_t)
cpdef Py_ssize_t data_record(const unsigned char[::1] data, Py_ssize_t start) except? -2
@cython.locals(size=Py_ssize_t, headers=cython.longlong)
cpdef bint records_in_line(const unsigned char[::1] data, Py_ssize_t at) except? -1
@cython.locals(kind=cython.longlong, length=cython.longlong)
cpdef bint is_header(const unsigned char[::1] data, Py_ssize_t at) except? -1
@cython.locals(at=Py_ssize_t)
cpdef Py_ssize_t proxy_header_length(const unsigned char[::1] data) except? -1
@cython.locals(length=cython.longlong, major=cython.longlong)
cdef long long _hello(const unsigned char[::1] data, Py_ssize_t size) except? -1
cdef long long _small_record(const unsigned char[::1] data, Py_ssize_t size, Py_ssize_t end) except? -1
cdef bint _alert_in_place_of_hello(const unsigned char[::1] data, Py_ssize_t size) except? -1
@cython.locals(version=cython.longlong, length=cython.longlong, ciphers=cython.longlong, session_id=cython.longlong, challenge=cython.longlong)
cdef long long _sslv2_hello(const unsigned char[::1] data, Py_ssize_t size) except? -1
@cython.locals(i=Py_ssize_t)
cdef long long _proxy(const unsigned char[::1] data, Py_ssize_t size) except? -1
@cython.locals(whole=cython.bint)
cdef bint _change_before_records(const unsigned char[::1] data, Py_ssize_t size) except? -1
cdef bint _message_fills_record(const unsigned char[::1] data, Py_ssize_t size) except? -1
cdef long long _expected_record(const unsigned char[::1] data, Py_ssize_t size) except? -1
