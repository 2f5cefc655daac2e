cimport cython
from tlscap.engine.client_hello cimport ClientHello
from tlscap.engine.events cimport Events
from tlscap.engine.facts cimport Facts, Side
from tlscap.engine.server_hello cimport ServerHello
from tlscap.judge.verdict cimport Verdict
from tlscap.tables.cells cimport Flags, Ints, Longs, Names, Reals, Rows, flag
from tlscap.tables.session_key cimport session_key

cdef Py_ssize_t _MAX_REMEMBERED_PROFILES, _MAX_REMEMBERED_VERDICTS
cdef long long _NS, _TLS_1_3, _DTLS_1_3

cdef tuple _NOTHING_UNKNOWN

cdef class ProfileCells:
    cdef public int ja3, ja4, alpn_offered, record_size_limit
    cdef public bint fallback_scsv, extended_master_secret, encrypt_then_mac, npn

cdef class ConnectionRows

cdef class VerdictCells:
    cdef public int client_certificate, closed_by, closed_how, closed_phase, early_data, established, external_psk
    cdef public int handshake, handshake_outcome, hello_retry, history, outcome, outcome_basis, pending, resumption
    cdef public int resumption_offered, secure_renegotiation, unknown, version
    cdef public bint closed_idle, dropped
    cdef public double client_certificate_confidence, drop_confidence, outcome_confidence
    cdef int take(self, ConnectionRows rows, Verdict verdict, tuple offers) except -1

cdef class ConnectionRows:
    cdef public Py_ssize_t count
    cdef dict _profiles, _answers, _verdicts
    cdef Rows _rows, _evidence, _candidates, _tickets, _identities
    cdef public Flags closed_idle, dropped, established, extended_master_secret, external_psk, fallback_scsv, hello_retry
    cdef public Flags encrypt_then_mac, npn, pending
    cdef public Ints candidate_count, candidate_length, identity_binder, identity_count, identity_length, identity_selected
    cdef public Ints record_size_limit
    cdef public Ints client_port, evidence_count, proxied_client_port, renegotiations, renegotiations_completed, ticket_count
    cdef public Ints renegotiations_failed, renegotiations_refused, server_port
    cdef public Longs candidate_at, identity_key, ticket_at, ticket_key
    cdef public Longs bytes_c2s, bytes_s2c, end, established_at, evidence_frame, first_frame, handshake_s, hello_at
    cdef public Longs idle_before_close_s, last_data_at, last_frame, missing_bytes_c2s, missing_bytes_s2c
    cdef public Longs out_of_order_c2s, out_of_order_s2c, packets_c2s, packets_s2c, records_c2s, records_s2c
    cdef public Longs retransmitted_c2s, retransmitted_s2c, session_id_issued, session_id_offered, start, tcp_rtt_s
    cdef public Longs ticket_issued, ticket_lifetime_s, ticket_offered
    cdef public Names alpn, alpn_offered, cipher, client_certificate, client_ip, client_leaf, client_version, closed_by
    cdef public Names closed_how, closed_phase, early_data, ech, group, handshake, handshake_outcome, history, ja3, ja3s
    cdef public Names ja4, outcome, outcome_basis, preamble, proxied_client_ip, resumption, resumption_offered
    cdef public Names secure_renegotiation, server_ip, server_leaf, sni, transport, tunnel, unknown, version
    cdef public Reals client_certificate_confidence, drop_confidence, outcome_confidence
    cpdef dict _counted(self)
    @cython.locals(at=Py_ssize_t)
    cpdef int add(self, Facts facts, Verdict verdict) except -1
    @cython.locals(client=Side, server=Side)
    cdef int _add_who(self, Py_ssize_t at, Facts facts) except -1
    cdef int _add_no_client_hello(self, Py_ssize_t at) except -1
    @cython.locals(cells=ProfileCells)
    cdef int _add_client_hello(self, Py_ssize_t at, ClientHello hello, profile) except -1
    @cython.locals(cells=ProfileCells)
    cdef ProfileCells _cells_of(self, profile)
    @cython.locals(offered=ProfileCells, ja3s=cython.int)
    cdef _add_server_hello(self, Py_ssize_t at, ClientHello client, ServerHello server)
    cdef int _add_no_server_hello(self, Py_ssize_t at) except -1
    cdef int _ja3s_code(self, ServerHello server) except -2
    @cython.locals(answer=ServerHello, group=cython.longlong)
    cdef int _add_negotiated(self, Py_ssize_t at, Facts facts) except -1
    @cython.locals(known=VerdictCells, cells=VerdictCells)
    cdef VerdictCells _verdict_cells(self, Facts facts, Verdict verdict)
    cdef int _add_judged(self, Py_ssize_t at, Verdict verdict, VerdictCells cells) except -1
    cdef int _add_renegotiations(self, Py_ssize_t at, Verdict verdict) except -1
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
