cimport cython

from tlscap cimport octets
from tlscap.engine.alike cimport Alike, Model
from tlscap.engine.fields cimport block_end, digest, renegotiated_connection_length
from tlscap.engine.interned cimport Interned
from tlscap.engine.outline cimport Outline, is_grease
from tlscap.engine.profile cimport ClientProfile, client_profile

cdef long long _GREASE, _MAX_EXTENSIONS, _MAX_NAME, _MAX_PSK_IDENTITIES, _MAX_KEY_SHARES, _MAX_SESSION_ID, _RANDOM
cdef unsigned long long _KEPT, _FRESH
cdef long long _KEPT_BELOW
cdef long long _SERVER_NAME, _GROUPS, _SIGNATURE_ALGORITHMS, _SESSION_TICKET, _PRE_SHARED_KEY, _KEY_SHARE_DRAFT
cdef long long _EARLY_DATA, _SUPPORTED_VERSIONS, _COOKIE, _SIGNATURE_ALGORITHMS_CERT, _KEY_SHARE
cdef long long _ECH, _RENEGOTIATION_INFO, _FIRST_ECH_DRAFT, _LAST_ECH_DRAFT, _ESNI
cdef long long _LEAD_TLS, _LEAD_DTLS, _LEAD_SSLV2
cdef long long _NO_EXTENSION
cdef Interned _names
cdef Alike _alike
cdef ClientProfile _NOTHING

@cython.final
cdef class ClientHello:
    cdef public long long legacy_version, client_version
    cdef public bytes random, session_id
    cdef public object sni
    cdef public long long ticket_length
    cdef public bytes ticket_key
    cdef public tuple psk_identities, psk_binders
    cdef public bint early_data, cookie
    cdef public tuple key_share_groups
    cdef public object ech
    cdef public bint esni
    cdef public long long renegotiation_info_length
    cdef public bint sslv2, dtls
    cdef public str malformed
    cdef public ClientProfile profile
    @cython.locals(hello=ClientHello)
    cpdef ClientHello again(self)
    cpdef note(self, sentence)

cpdef ClientHello parse_client_hello(const unsigned char[::1] message, bint dtls=*)
@cython.locals(hello=ClientHello, outline=Outline, model=Model, fresh=list, at=Py_ssize_t)
cpdef ClientHello read_client_hello(bytes body, bint dtls=*)
@cython.locals(body=bytes, hello=ClientHello, outline=Outline, size=Py_ssize_t, head=Py_ssize_t, ciphers_end=Py_ssize_t,
               session_id_end=Py_ssize_t, challenge_end=Py_ssize_t)
cpdef ClientHello parse_client_hello_sslv2(const unsigned char[::1] message)

@cython.locals(profile=ClientProfile)
cdef ClientHello _with_profile(ClientHello hello, Outline outline)
@cython.locals(known=ClientHello, hello=ClientHello, i=Py_ssize_t)
cdef ClientHello _read_like(Model model, bytes body)
@cython.locals(at=Py_ssize_t)
cdef _read_random_and_session_id(ClientHello hello, bytes body)
@cython.locals(at=Py_ssize_t, stop=Py_ssize_t)
cdef Py_ssize_t _read_client_head(ClientHello hello, list fresh, bytes body) except? -2
@cython.locals(size=Py_ssize_t, stop=Py_ssize_t)
cdef Py_ssize_t _read_ciphers(ClientHello hello, Outline outline, bytes body, Py_ssize_t at) except? -2
@cython.locals(size=Py_ssize_t, stop=Py_ssize_t)
cdef Py_ssize_t _read_compression_methods(ClientHello hello, Outline outline, bytes body, Py_ssize_t at) except? -2
@cython.locals(size=Py_ssize_t, stop=Py_ssize_t, content=Py_ssize_t, count=Py_ssize_t, kind=cython.longlong)
cdef _read_client_extensions(ClientHello hello, Outline outline, list fresh, bytes body, Py_ssize_t at)
cdef _read_client_extension(ClientHello hello, Outline outline, list fresh, bytes body, long long kind,
                            Py_ssize_t at, Py_ssize_t stop)
cdef _read_fresh_extension(ClientHello hello, bytes body, long long kind, Py_ssize_t at, Py_ssize_t stop)
cdef Py_ssize_t _words_at(long long kind) noexcept
@cython.locals(start=Py_ssize_t, end=Py_ssize_t, raw=bytes)
cdef _read_server_name(ClientHello hello, bytes body, Py_ssize_t at, Py_ssize_t stop)
@cython.locals(groups=list, group=cython.longlong, key=Py_ssize_t)
cdef _read_key_shares(ClientHello hello, list fresh, bytes body, Py_ssize_t at, Py_ssize_t stop)
@cython.locals(identities=list, end=Py_ssize_t, length=Py_ssize_t, age_at=Py_ssize_t, age=cython.longlong)
cdef _read_psk_identities(ClientHello hello, bytes body, Py_ssize_t at, Py_ssize_t stop)
@cython.locals(binders=list)
cdef _read_psk_binders(ClientHello hello, bytes body, Py_ssize_t at, Py_ssize_t stop)
