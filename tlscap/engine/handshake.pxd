cimport cython
from tlscap cimport octets
from tlscap.engine.buffer cimport Buffer
from tlscap.engine.certificate_store cimport CertificateStore
from tlscap.engine.client_hello cimport ClientHello, read_client_hello
from tlscap.engine.events cimport Events
from tlscap.engine.facts cimport Facts, Side
from tlscap.engine.fields cimport digest
from tlscap.engine.held cimport Held
from tlscap.engine.server_hello cimport ServerHello, read_server_hello
from tlscap.engine.session cimport Session
from tlscap.engine.versions cimport final_version

cdef long long _HEADER, _HANDSHAKE, _CLIENT, _SERVER, _DECRYPTED, _TLS_1_3
cdef long long _CLIENT_HELLO, _SERVER_HELLO, _CLIENT_KEY_EXCHANGE, _HELLO_REQUEST, _HELLO_RETRY_REQUEST
cdef long long _NEW_SESSION_TICKET, _CERTIFICATE, _COMPRESSED_CERTIFICATE, _SERVER_KEY_EXCHANGE
cdef unsigned long long _KNOWN_BELOW_64

@cython.final
cdef class HandshakeReader:
    cdef public Session session
    cdef public long long direction
    cdef public Events events
    cdef public bytearray pending
    cdef public long long needed, skip, mark
    cpdef renew(self)
    cpdef bint is_idle(self) except? -1
    @cython.locals(kind=cython.longlong, length=cython.longlong)
    cpdef bint plausible(self, Buffer buffer, Py_ssize_t at, Py_ssize_t end, long long record_length) except? -1
    @cython.locals(length=cython.longlong, taken=Py_ssize_t)
    cpdef feed(self, Buffer buffer, Py_ssize_t at, Py_ssize_t end, long long ns, long long frame)
    cpdef feed_decrypted(self, bytes content, long long ns, long long frame)
    @cython.locals(left=cython.longlong)
    cpdef lose(self, long long missing)
    cpdef drop_pending(self)
    @cython.locals(lost=Py_ssize_t)
    cpdef Py_ssize_t give_up(self) except? -1
    @cython.locals(pending=bytearray, length=cython.longlong, taken=Py_ssize_t, kind=cython.longlong)
    cpdef Py_ssize_t _continue_pending(self, Buffer buffer, Py_ssize_t at, Py_ssize_t end, long long ns, long long frame) except? -1
    cpdef _skip_large(self, long long kind, long long length, long long ns, long long frame)
    @cython.locals(session=Session, noted=cython.longlong)
    cpdef message(self, long long kind, Buffer buffer, Py_ssize_t at, Py_ssize_t end, long long ns, long long frame)
    cpdef sslv2_hello(self, const unsigned char[::1] body, long long ns, long long frame)
    cpdef sslv2_server_hello(self, long long length, long long ns, long long frame)
    cpdef sslv2_key(self, long long cipher, long long ns, long long frame)
    @cython.locals(session=Session, facts=Facts, hello=ClientHello)
    cpdef _client_hello(self, Buffer buffer, Py_ssize_t at, Py_ssize_t end, long long ns, long long frame)
    @cython.locals(facts=Facts)
    cdef bint _comes_late(self) except -1
    @cython.locals(session=Session, facts=Facts, hello=ServerHello, asked=ClientHello)
    cpdef Py_ssize_t _server_hello(self, Buffer buffer, Py_ssize_t at, Py_ssize_t end, long long ns, long long frame) except? -1
    @cython.locals(session=Session, facts=Facts, side=Side)
    cpdef _other(self, long long kind, Buffer buffer, Py_ssize_t at, Py_ssize_t end, long long ns, long long frame)
    @cython.locals(session=Session, facts=Facts, side=Side, is_later=cython.bint)
    cpdef _certificate(self, long long kind, long long sender, Buffer buffer, Py_ssize_t at, Py_ssize_t end, long long ns, long long frame)
    @cython.locals(facts=Facts, size=Py_ssize_t, at=Py_ssize_t, length=cython.longlong, lifetime=cython.longlong, issued=bytes)
    cpdef _new_session_ticket(self, bytes body, long long ns, long long frame)

cpdef bint is_known_type(long long kind) except? -1
@cython.locals(group=cython.longlong, length=cython.longlong)
cpdef long long named_group(const unsigned char[::1] body) except? -1
