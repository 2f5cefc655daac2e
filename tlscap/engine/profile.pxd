cimport cython
from tlscap.engine.interned cimport Interned

cdef Interned _clients
cdef Interned _servers

@cython.final
cdef class ClientProfile:
    cdef public bytes outline
    cdef public str transport, malformed
    cdef public long long legacy_version, client_version, record_size_limit
    cdef public Py_ssize_t _extensions_at
    cdef public bint scsv, fallback_scsv, status_request, heartbeat, encrypt_then_mac, extended_master_secret
    cdef public bint session_ticket, post_handshake_auth, npn, renegotiation_info
    cdef public tuple psk_modes, versions, alpn, _fingerprints

@cython.final
cdef class ServerProfile:
    cdef public long long legacy_version, cipher
    cdef public tuple extensions
    cdef public str malformed, _ja3s
    cdef public object alpn

@cython.locals(profile=ClientProfile)
cpdef ClientProfile client_profile(bytes outline)
@cython.locals(profile=ServerProfile)
cpdef ServerProfile server_profile(bytes outline)
