cimport cython
from tlscap.engine.events cimport Events
from tlscap.engine.facts cimport Facts, Side
from tlscap.judge.flights cimport Flights
from tlscap.judge.landmarks cimport Landmarks
from tlscap.judge.alerts cimport goes_on
from tlscap.judge.application_data cimport has_data, is_pending, last_data_ns
from tlscap.judge.verdict cimport Alert, Verdict

cdef long long CLIENT, FIN, GAP, HANDSHAKE, RST, HIDDEN, SERVER, END_OPEN, GIVEN_UP_NS, IDLE_NS, TTL_TOLERANCE, UNANSWERED_NS, UNANSWERED_RETRANSMISSIONS
cdef Py_ssize_t NEVER
cdef double AFTER_LOSS, CERTAIN, ENCRYPTED_CLOSE, FROM_LENGTHS, MIDDLEBOX, PENDING_CLOSE, STILL_TRYING, UNNAMED
cdef tuple SIDES
cdef str CLOSE_NOTIFY, FATAL

cdef tuple _NEVER_CAME
cdef tuple _DROPS

cdef class Close:
    cdef public Alert close_notify, unnamed, fatal
    cdef public tuple fin, rst, goodbye, first
    cpdef bint says_goodbye(self) except? -1
    @cython.locals(said=Alert)
    cpdef order(self)

@cython.locals(facts=Facts, client=Close, server=Close, carried=cython.bint)
cpdef judge_ending(Landmarks marks, Flights flights, list attempts, Verdict verdict)
@cython.locals(close=Close, alert=Alert)
cdef Close _close_of(Side side, Side other, list alerts, str name)
cdef int _take(Close close, Alert alert) except -1
@cython.locals(is_clear=cython.bint)
cdef int _outcome(Landmarks marks, list attempts, Verdict verdict, Close client, Close server) except -1
@cython.locals(fatal=Alert, ender=Close)
cdef int _outcome_of_session(Verdict verdict, Close client, Close server) except -1
cdef int _say(Verdict verdict, str outcome, str basis, double confidence) except -1
@cython.locals(alert=Alert)
cdef bint _any_clear_fatal(list alerts) except? -1
cdef str _basis(Landmarks marks)
@cython.locals(events=Events, i=Py_ssize_t)
cdef bint _ended_by(Landmarks marks, attempt) except? -1
@cython.locals(fatal=Alert)
cdef Alert _ending_alert(Close client, Close server)
cdef bint _is_stalled(Facts facts) except? -1
cdef bint _has_given_up(Facts facts) except? -1
@cython.locals(often=cython.bint)
cdef bint _is_unanswered(Side side) except? -1
@cython.locals(side=cython.longlong, close=Close)
cdef _who(Landmarks marks, Verdict verdict, Close client, Close server)
@cython.locals(client=Side, server=Side)
cdef bint _may_lack_its_end(Landmarks marks) except? -1
@cython.locals(events=Events, i=Py_ssize_t)
cdef bint _lacks_its_end(Landmarks marks, long long side) except? -1
@cython.locals(own=Side, other=Side, first_ns=cython.longlong, last_ns=cython.longlong)
cdef bint _has_second_sign(Landmarks marks, long long side) except? -1
cpdef bint has_strange_ttl(Side side) except? -1
@cython.locals(reset=cython.bint)
cdef str _how(Facts facts, Verdict verdict, Close client, Close server)
@cython.locals(closed=tuple, busy_ns=cython.longlong)
cdef int _activity(Landmarks marks, bint carried, Verdict verdict, Close client, Close server) except -1
cdef str _phase(Landmarks marks, bint carried, Verdict verdict)
@cython.locals(session=cython.bint, carried=cython.bint, server_ended=cython.bint, quiet=cython.bint, idle=cython.bint)
cdef _drop(Landmarks marks, Verdict verdict)
cdef bint _in_clients_name(Facts facts, closed_by) except? -1
@cython.locals(lost=cython.bint, one_sided=cython.bint, shuffled=cython.bint, uncertain=cython.bint, alert=Alert)
cdef _lose_confidence(Facts facts, Verdict verdict)
@cython.locals(side=Side)
cdef bint _may_end_otherwise(Facts facts, Verdict verdict) except? -1
cdef bint _is_shuffled(Side side, Side other) except? -1
@cython.locals(side=Side, under_way=cython.bint)
cdef bint _is_bare_reset(Facts facts, closed_by) except? -1
@cython.locals(i=Py_ssize_t, alerts=list, alert=Alert, side=Side)
cdef list _evidence(Facts facts, list attempts, Landmarks marks, Verdict verdict)
@cython.locals(at=Py_ssize_t, before=cython.longlong)
cdef _add_frame(list frames, long long frame)
