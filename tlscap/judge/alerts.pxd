cimport cython
from tlscap.engine.events cimport Events
from tlscap.engine.facts cimport Facts, Side
from tlscap.judge.flights cimport Flights
from tlscap.judge.application_data cimport had_data_tls13
from tlscap.judge.landmarks cimport Landmarks
from tlscap.judge.verdict cimport Alert

cdef long long ALERT, APPLICATION_DATA, CHANGE_CIPHER_SPEC, CLIENT, FIN, HANDSHAKE, HIDDEN, RST, SERVER, ALERT_BYTES, TLS13_OVERHEAD, UNDER_WAY_NS
cdef Py_ssize_t NEVER
cdef double AFTER_BARE_FIN, AFTER_LOSS, ENCRYPTED_CLOSE, ENCRYPTED_CLOSE_OTHER_ENDS, ENDS_RENEGOTIATION, FROM_LENGTHS, FROM_MERGED_LENGTHS, PENDING_CLOSE, UNNAMED
cdef tuple SIDES
cdef dict _NEXT
cdef str CLOSE_NOTIFY, FATAL, NO_RENEGOTIATION

cdef long long TLS12_RECORD

@cython.locals(detail=cython.longlong, i=Py_ssize_t, alerts=list, alert=Alert)
cpdef list find_alerts(Landmarks marks, Flights flights, list attempts)
@cython.locals(ordered=list)
cdef list _in_order(list alerts, Alert client, Alert server)
@cython.locals(at=Py_ssize_t)
cdef int _insert(list ordered, Alert alert) except -1
cdef bint _is_before(Alert alert, Alert other) except? -1
@cython.locals(events=Events, alert=Alert)
cdef Alert _clear(Landmarks marks, Py_ssize_t i, long long detail)
cdef int _tell_next(Landmarks marks, Py_ssize_t start, long long side, Alert alert) except -1
@cython.locals(events=Events, k=Py_ssize_t)
cdef str _next_of(Landmarks marks, Py_ssize_t start, long long side)
@cython.locals(events=Events, k=Py_ssize_t)
cdef Py_ssize_t _first_behind(Landmarks marks, long long ns, long long frame) except? -1
cdef bint _is_behind(Events events, Py_ssize_t i, long long ns, long long frame) except? -1
@cython.locals(facts=Side, alert=Alert)
cdef Alert _last_record(Landmarks marks, long long side)
@cython.locals(alert=Alert)
cdef Alert _hidden(long long ns, long long frame, long long side)
@cython.locals(events=Events, side=cython.longlong, alert=Alert)
cdef Alert _encrypted(Landmarks marks, Py_ssize_t i, list attempts)
cdef bint _follows_unknown_ending(Landmarks marks, list attempts, Py_ssize_t i) except? -1
@cython.locals(refuses=cython.bint, again=cython.bint, stays=cython.bint)
cdef _infer_refusal(Landmarks marks, Py_ssize_t i, long long side, attempt, Alert alert)
cdef bint _is_at_the_end(Landmarks marks, Py_ssize_t i) except? -1
@cython.locals(events=Events, k=Py_ssize_t)
cdef bint _alerts_between(Landmarks marks, Py_ssize_t start, Py_ssize_t stop, long long side) except? -1
@cython.locals(events=Events, k=Py_ssize_t)
cdef bint _answered_by_alert(Landmarks marks, Py_ssize_t i, long long side) except? -1
cdef bint _is_in_renegotiation(Landmarks marks, attempt, Py_ssize_t i) except? -1
@cython.locals(events=Events, data_before=cython.bint, ended=cython.longlong, last_data=Py_ssize_t)
cdef _infer_close(Landmarks marks, Py_ssize_t i, long long side, Alert alert)
@cython.locals(other=Side, k=Py_ssize_t)
cdef bint _answers_bare_fin(Landmarks marks, Alert alert, long long side) except? -1
@cython.locals(events=Events, k=Py_ssize_t)
cdef Py_ssize_t _last_data(Landmarks marks, Py_ssize_t i) except? -2
@cython.locals(events=Events, k=Py_ssize_t)
cpdef bint goes_on(Landmarks marks, Py_ssize_t i, long long side) except? -1
@cython.locals(events=Events, k=Py_ssize_t)
cdef long long _next_close(Landmarks marks, Py_ssize_t i) except? -2
@cython.locals(facts=Side, other=Side, is_alert=cython.bint, own_end=cython.bint, said=cython.bint, alert=Alert)
cdef Alert _hidden_in_data(Landmarks marks, Flights flights, long long side)
@cython.locals(facts=Side, length=cython.longlong, is_alert=cython.bint, alert=Alert)
cdef Alert _hidden_under_way(Landmarks marks, long long side)
cdef bint _has_ended(Side side) except? -1
@cython.locals(events=Events, later_ns=cython.longlong, i=Py_ssize_t)
cdef bint _after_idle(Landmarks marks, long long side) except? -1
cdef bint _after_other(Alert alert, Side other) except? -1
cdef bint _is_before_event(Landmarks marks, Alert alert, Py_ssize_t i) except? -1
