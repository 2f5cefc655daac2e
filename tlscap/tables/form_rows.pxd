cimport cython
from tlscap.engine.profile cimport ClientProfile
from tlscap.judge.verdict cimport Alert, Handshake, Verdict
from tlscap.tables.cells cimport Flags, Ints, Longs, Names, Reals, Rows

cdef Py_ssize_t _MAX_REMEMBERED
cdef tuple _NOTHING_UNKNOWN

cdef class Forms:
    cdef public int count
    cdef dict _known
    cdef Rows _rows
    cdef int _find(self, key) except -2
    cdef Py_ssize_t _next(self, key) except -1

cdef class VerdictForms(Forms):
    cdef public Names version, secure_renegotiation, handshake, handshake_outcome, resumption, resumption_offered
    cdef public Names early_data, client_certificate, history, outcome, outcome_basis, closed_by, closed_how
    cdef public Names closed_phase, unknown
    cdef public Flags established, external_psk, hello_retry, closed_idle, pending, dropped
    cdef public Ints renegotiations, renegotiations_completed, renegotiations_refused, renegotiations_failed
    cdef public Reals client_certificate_confidence, outcome_confidence, drop_confidence
    @cython.locals(row=int, at=Py_ssize_t)
    cpdef int row_of(self, Verdict verdict, bint has_client_hello) except -1

cdef class ProfileForms(Forms):
    cdef public Names ja3, ja4, alpn_offered
    cdef public Flags fallback_scsv
    cdef public Ints record_size_limit
    @cython.locals(row=int, at=Py_ssize_t)
    cpdef int row_of(self, ClientProfile profile) except -1

cdef class HandshakeForms(Forms):
    cdef public Ints number
    cdef public Names initiator, kind, outcome, basis, broken_off_by, stalled_at, client_certificate, ended_by_alert
    cdef public Flags encrypted, certificate_changed, data_afterwards
    cdef public Reals confidence
    cdef public Longs to_drop_s
    @cython.locals(row=int, at=Py_ssize_t)
    cpdef int row_of(self, Handshake handshake) except -1

cdef class AlertForms(Forms):
    cdef public Names sender, sender_next, peer_next, level, description, basis
    cdef public Flags encrypted
    cdef public Reals confidence
    @cython.locals(row=int, at=Py_ssize_t)
    cpdef int row_of(self, Alert alert) except -1
