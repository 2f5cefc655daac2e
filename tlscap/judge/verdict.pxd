cimport cython
from tlscap.engine.events cimport Events

cdef long long _ALERT, _CHANGE_CIPHER_SPEC, _HANDSHAKE, _HIDDEN
cdef Py_ssize_t _MAX_MESSAGES
cdef list _TYPES

cdef class Alert:
    cdef public long long ns, frame, length
    cdef public Py_ssize_t event
    cdef public str sender, level, description, basis, sender_next, peer_next
    cdef public bint encrypted
    cdef public double confidence
    cdef public Alert like
    cpdef tuple moment(self)
    @cython.locals(alert=Alert)
    cpdef Alert again(self)

cdef class Message:
    cdef public long long ns, frame, length
    cdef public str sender, type
    cdef public double confidence

cdef class Handshake:
    cdef public long long number, start_ns, duration_ns, to_drop_ns
    cdef public str initiator, kind, outcome, basis, client_certificate, ended_by_alert, broken_off_by, stalled_at
    cdef public bint encrypted
    cdef public double confidence
    cdef public object data_afterwards, certificate_changed
    cdef public list told
    cdef public Events events
    cdef public Py_ssize_t first, last
    cdef public Handshake like
    @cython.locals(row=Handshake)
    cpdef Handshake again(self)
    cpdef tell_events(self, Events events, Py_ssize_t first, Py_ssize_t last)

@cython.locals(kind=cython.longlong)
cpdef bint is_message(Events events, Py_ssize_t i) except? -1
@cython.locals(events=Events, found=list, i=Py_ssize_t)
cpdef list message_events(Handshake handshake)
@cython.locals(kind=cython.longlong, detail=cython.longlong)
cpdef str message_type(Events events, Py_ssize_t i)

cdef class Verdict:
    cdef public str version, handshake, handshake_outcome, resumption, early_data, client_certificate
    cdef public str secure_renegotiation, history, outcome, outcome_basis, closed_by, closed_how, closed_phase
    cdef public object precedent, established, external_psk, hello_retry, pending, drop_confidence
    cdef public bint closed_idle, dropped
    cdef public long long closed_ns, established_ns, handshake_ns, idle_before_close_ns, last_data_ns
    cdef public long long renegotiations, renegotiations_completed, renegotiations_refused, renegotiations_failed
    cdef public double client_certificate_confidence, outcome_confidence
    cdef public tuple resumption_offered
    cdef public list evidence, alerts, handshakes, ticket_candidates
    cdef public dict unknown
    @cython.locals(verdict=Verdict)
    cpdef Verdict again(self)
