cimport cython
from tlscap.engine.certificate_store cimport CertificateStore
from tlscap.engine.facts cimport Facts
from tlscap.engine.held cimport Held

@cython.final
cdef class Session:
    cdef public Facts facts
    cdef public object limits
    cdef public CertificateStore certificates
    cdef public object decryptor
    cdef public Held held
    cdef public bint found, sslv2, tls13, server_hello_seen, client_hello_seen, flipped
    cdef public long long message_bytes, search_bytes
    cpdef renew(self, Facts facts)
    cpdef long long side_of(self, long long direction) noexcept
    cpdef swap_roles(self)
    cpdef settle_roles(self, long long direction, long long side)
