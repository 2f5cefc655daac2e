cimport cython
from tlscap.engine.events cimport Events
from tlscap.engine.facts cimport Facts, Side

cdef long long _HEADER, _HANDSHAKE, _CLIENT, _SERVER, _DECRYPTED
cdef long long _CLIENT_HELLO, _SERVER_HELLO, _CLIENT_KEY_EXCHANGE, _HELLO_REQUEST, _HELLO_RETRY_REQUEST

cdef class Session:
    cdef public Facts facts
    cdef public object limits
    cdef public object certificates
    cdef public object decryptor
    cdef public bint found, sslv2, tls13, server_hello_seen, client_hello_seen, flipped
    cdef public long long message_bytes, search_bytes
    cpdef long long side_of(self, long long direction) except? -1
    cpdef swap_roles(self)
    cpdef settle_roles(self, long long direction, long long side)

cdef class HandshakeReader:
    cdef public Session session
    cdef public long long direction
    cdef public Events events
    cdef public object pending
    cdef public long long needed, skip, mark
    cpdef bint is_idle(self) except? -1
    @cython.locals(kind=cython.longlong, length=cython.longlong)
    cpdef bint plausible(self, const unsigned char[::1] data, long long record_length) except? -1
    @cython.locals(at=Py_ssize_t, end=Py_ssize_t, length=cython.longlong, taken=Py_ssize_t)
    cpdef feed(self, const unsigned char[::1] data, long long ns, long long frame)
    cpdef feed_decrypted(self, const unsigned char[::1] data, long long ns, long long frame)
    cpdef lose(self, long long missing)
    cpdef drop_pending(self)
    @cython.locals(end=Py_ssize_t, length=cython.longlong, taken=Py_ssize_t)
    cpdef Py_ssize_t _continue_pending(self, const unsigned char[::1] data, Py_ssize_t at, long long ns, long long frame) except? -1
    cpdef _skip_large(self, long long kind, long long length, long long ns, long long frame)
    cpdef message(self, long long kind, const unsigned char[::1] body, long long ns, long long frame)
    cpdef sslv2_hello(self, const unsigned char[::1] body, long long ns, long long frame)
    cpdef sslv2_server_hello(self, long long length, long long ns, long long frame)
    cpdef sslv2_key(self, long long cipher, long long ns, long long frame)
    cpdef _client_hello(self, const unsigned char[::1] body, long long ns, long long frame)
    cpdef long long _server_hello(self, const unsigned char[::1] body, long long ns, long long frame) except? -1
    cpdef _other(self, long long kind, const unsigned char[::1] body, long long ns, long long frame)
    @cython.locals(facts=Facts, side=Side, is_later=cython.bint)
    cpdef _certificate(self, long long kind, long long sender, const unsigned char[::1] body, long long ns, long long frame)
    @cython.locals(facts=Facts, size=Py_ssize_t, at=Py_ssize_t, length=cython.longlong, lifetime=cython.longlong)
    cpdef _new_session_ticket(self, const unsigned char[::1] body, long long ns, long long frame)

@cython.locals(group=cython.longlong, length=cython.longlong)
cpdef long long named_group(const unsigned char[::1] body) except? -1
