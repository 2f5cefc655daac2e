cimport cython

from tlscap cimport octets
from tlscap.engine.alike cimport Alike, Model
from tlscap.engine.fields cimport block_end, renegotiated_connection_length
from tlscap.engine.outline cimport Outline
from tlscap.engine.profile cimport ServerProfile, server_profile
from tlscap.engine.versions cimport final_version

cdef long long _MAX_EXTENSIONS, _RANDOM
cdef long long _STATUS_REQUEST, _HEARTBEAT, _ALPN, _ENCRYPT_THEN_MAC, _EXTENDED_MASTER_SECRET
cdef long long _SESSION_TICKET, _PRE_SHARED_KEY, _SUPPORTED_VERSIONS, _KEY_SHARE, _KEY_SHARE_DRAFT
cdef long long _NPN, _RENEGOTIATION_INFO
cdef long long _LEAD, _DRAFTS, _FIRST_DRAFT_WITH_RETRY_CIPHER, _LAST_SHORT_DRAFT, _TLS_1_3
cdef bytes _HELLO_RETRY_RANDOM
cdef unsigned long long _SENTINEL
cdef dict _DOWNGRADES
cdef ServerProfile _NOTHING
cdef long long _NO_EXTENSION
cdef Alike _alike

@cython.final
cdef class ServerHello:
    cdef public long long legacy_version, version, raw_version
    cdef public bytes random, session_id
    cdef public long long cipher, compression
    cdef public bint hello_retry
    cdef public long long selected_psk, key_share_group
    cdef public object alpn
    cdef public bint renegotiation_info
    cdef public long long renegotiation_info_length
    cdef public bint extended_master_secret, encrypt_then_mac, session_ticket, npn, heartbeat, status_request
    cdef public tuple extensions
    cdef public str downgrade, malformed
    cdef public ServerProfile profile
    @cython.locals(hello=ServerHello)
    cpdef ServerHello again(self)
    cpdef note(self, sentence)

cpdef ServerHello parse_server_hello(const unsigned char[::1] message)
@cython.locals(hello=ServerHello, outline=Outline, model=Model, fresh=list, at=Py_ssize_t, profile=ServerProfile)
cpdef ServerHello read_server_hello(bytes body)

@cython.locals(body=bytes, hello=ServerHello, version=cython.longlong)
cpdef parse_hello_retry_request(const unsigned char[::1] message)

@cython.locals(known=ServerHello, hello=ServerHello, i=Py_ssize_t)
cdef ServerHello _read_like(Model model, bytes body)
cdef _read_random(ServerHello hello, bytes body)
@cython.locals(size=Py_ssize_t, at=Py_ssize_t, stop=Py_ssize_t)
cdef Py_ssize_t _read_server_head(ServerHello hello, list fresh, bytes body) except? -2
cdef bint _is_short(long long version, bytes body, Py_ssize_t at) except -1
@cython.locals(size=Py_ssize_t, stop=Py_ssize_t, content=Py_ssize_t, count=Py_ssize_t, kind=cython.longlong)
cdef _read_server_extensions(ServerHello hello, Outline outline, list fresh, bytes body, Py_ssize_t at)
cdef _read_server_extension(ServerHello hello, bytes body, long long kind, Py_ssize_t at,
                            Py_ssize_t stop)
cdef str _downgrade(bytes random)
