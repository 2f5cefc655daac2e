cimport cython
from tlscap.engine.client_hello cimport ClientHello
from tlscap.engine.events cimport Events
from tlscap.engine.facts cimport Facts, Side
from tlscap.engine.profile cimport ClientProfile
from tlscap.engine.server_hello cimport ServerHello
from tlscap.judge.verdict cimport Verdict
from tlscap.tables.cells cimport Flags, Ints, Longs, Names, Reals, Rows
from tlscap.tables.form_rows cimport ProfileForms, VerdictForms
from tlscap.tables.session_key cimport session_key

cdef Py_ssize_t _MAX_REMEMBERED_ANSWERS
cdef long long _NS, _TLS_1_3, _DTLS_1_3

cdef class ConnectionRows:
    cdef public Py_ssize_t count
    cdef VerdictForms _verdicts
    cdef ProfileForms _profiles
    cdef dict _answers
    cdef Rows _rows, _evidence, _candidates, _tickets, _identities
    cdef public Flags encrypt_then_mac, extended_master_secret, npn
    cdef public Ints candidate_count, candidate_length, identity_binder, identity_count, identity_length, identity_selected
    cdef public Ints client_port, evidence_count, profile, proxied_client_port, server_port, ticket_count, verdict
    cdef public Longs candidate_at, identity_key, ticket_at, ticket_key
    cdef public Longs bytes_c2s, bytes_s2c, end, established_at, evidence_frame, first_frame, handshake_s, hello_at
    cdef public Longs idle_before_close_s, last_data_at, last_frame, missing_bytes_c2s, missing_bytes_s2c
    cdef public Longs out_of_order_c2s, out_of_order_s2c, packets_c2s, packets_s2c, records_c2s, records_s2c
    cdef public Longs retransmitted_c2s, retransmitted_s2c, session_id_issued, session_id_offered, start, tcp_rtt_s
    cdef public Longs ticket_issued, ticket_lifetime_s, ticket_offered
    cdef public Names alpn, cipher, client_ip, client_leaf, client_version, ech, group, ja3s, preamble, proxied_client_ip
    cdef public Names server_ip, server_leaf, sni, transport, tunnel
    cpdef dict _counted(self)
    @cython.locals(at=Py_ssize_t)
    cpdef int add(self, Facts facts, Verdict verdict) except -1
    @cython.locals(client=Side, server=Side)
    cdef int _add_who(self, Py_ssize_t at, Facts facts) except -1
    cdef int _add_no_client_hello(self, Py_ssize_t at) except -1
    cdef int _add_client_hello(self, Py_ssize_t at, ClientHello hello, ClientProfile profile) except -1
    @cython.locals(offered=ClientProfile, ja3s=cython.int)
    cdef _add_server_hello(self, Py_ssize_t at, ClientHello client, ServerHello server)
    cdef int _add_no_server_hello(self, Py_ssize_t at) except -1
    cdef int _ja3s_code(self, ServerHello server) except -2
    @cython.locals(answer=ServerHello, group=cython.longlong)
    cdef int _add_negotiated(self, Py_ssize_t at, Facts facts) except -1
    @cython.locals(client=ClientHello, server=ServerHello, offered=bytes, ticket=bytes, old=cython.bint)
    cdef int _add_session_keys(self, Py_ssize_t at, Facts facts) except -1
    @cython.locals(binders=tuple, number=Py_ssize_t, place=Py_ssize_t)
    cdef _add_identities(self, Py_ssize_t at, ClientHello client, ServerHello server)
    @cython.locals(i=Py_ssize_t, place=Py_ssize_t)
    cdef int _add_candidates(self, Py_ssize_t at, Events events, Verdict verdict) except -1
    @cython.locals(place=Py_ssize_t)
    cdef int _add_tickets(self, Py_ssize_t at, Facts facts) except -1
    cdef int _add_times(self, Py_ssize_t at, Facts facts, Verdict verdict) except -1
    cdef int _add_volume(self, Py_ssize_t at, Side client, Side server) except -1
    @cython.locals(place=Py_ssize_t)
    cdef int _add_evidence(self, Py_ssize_t at, Verdict verdict) except -1

cdef ServerHello _answer(Facts facts)
cdef bytes _leaf(tuple chain)
