cimport cython
from tlscap.engine.events cimport Events
from tlscap.engine.facts cimport Facts
from tlscap.judge.verdict cimport Alert, Handshake, Message, Verdict, message_type
from tlscap.tables.cells cimport Ints, Longs, Names, Rows
from tlscap.tables.form_rows cimport AlertForms, HandshakeForms

cdef long long _ALERT, _CHANGE_CIPHER_SPEC, _HANDSHAKE, _HIDDEN, _MAX_MESSAGES

cdef class HandshakeRows:
    cdef Rows _rows, _messages
    cdef int[::1] _senders, _types, _others
    cdef HandshakeForms _forms
    cdef public Ints connection, form, message_count
    cdef public Longs start, handshake_s
    cdef public Longs message_frame, message_time, message_length
    cdef public Names message_sender, message_type
    @cython.locals(handshake=Handshake)
    cpdef int add(self, int connection, Verdict verdict) except -1
    @cython.locals(at=Py_ssize_t)
    cdef int _add_handshake(self, int connection, Handshake handshake) except -1
    @cython.locals(message=Message, at=Py_ssize_t)
    cdef int _add_told(self, list messages) except -1
    @cython.locals(i=Py_ssize_t, at=Py_ssize_t, count=Py_ssize_t, word=cython.longlong, kind=cython.longlong,
                   detail=cython.longlong)
    cdef int _add_events(self, Events events, Handshake handshake) except -1
    cdef int _other_type(self, Events events, Py_ssize_t i, Py_ssize_t kind) except -2

cdef class AlertRows:
    cdef Rows _rows
    cdef AlertForms _forms
    cdef public Ints connection, form, length
    cdef public Longs time, frame
    @cython.locals(alert=Alert)
    cpdef int add(self, int connection, Verdict verdict) except -1
    @cython.locals(at=Py_ssize_t)
    cdef int _add_alert(self, int connection, Alert alert) except -1

cdef class AnomalyRows:
    cdef Rows _rows
    cdef public Ints connection
    cdef public Longs time, frame
    cdef public Names kind, detail
    cpdef int add(self, int connection, Facts facts) except -1
    @cython.locals(at=Py_ssize_t)
    cdef int _add_anomaly(self, int connection, long long ns, long long frame, kind, detail) except -1
