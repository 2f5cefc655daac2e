cimport cython
from tlscap.engine.events cimport Events
from tlscap.engine.facts cimport Facts, Side
from tlscap.judge.flights cimport Flights
from tlscap.judge.landmarks cimport Landmarks, Passage
from tlscap.judge.verdict cimport Alert, Verdict

cdef long long ALERT, APPLICATION_DATA, CLIENT, FIN, RST, SERVER, TICKETS_AT_START
cdef Py_ssize_t NEVER

cpdef bint has_data(Landmarks marks, Flights flights) except? -1
@cython.locals(events=Events, i=Py_ssize_t, after_client=cython.longlong, after_server=cython.longlong, client=Side)
cpdef bint had_data_tls13(Landmarks marks, Flights flights) except? -1
@cython.locals(facts=Side)
cpdef long long last_data_ns(Landmarks marks, Verdict verdict, long long side) except? -1
@cython.locals(asked_ns=cython.longlong, answered_ns=cython.longlong)
cdef bint _asks_last(Landmarks marks, Verdict verdict) except? -1
@cython.locals(facts=Side)
cdef long long _last_data_frame(Landmarks marks, Verdict verdict, long long side) except? -1
@cython.locals(alert=Alert)
cdef bint _is_alert_last(Side facts, Verdict verdict) except? -1
cpdef is_pending(Landmarks marks, Flights flights, bint carried, Verdict verdict)
@cython.locals(client=Passage, server=Passage, before_tls13=cython.bint)
cdef bint _has_all_data(Landmarks marks) except? -1
@cython.locals(events=Events, i=Py_ssize_t, goodbye=Py_ssize_t)
cdef Py_ssize_t _client_goodbye(Landmarks marks) except? -1
@cython.locals(events=Events, i=Py_ssize_t, asked=cython.bint, count=Py_ssize_t, first=cython.longlong,
               last=cython.longlong, before_last=cython.longlong)
cdef bint _only_tickets_after(Landmarks marks, Flights flights) except? -1
@cython.locals(client=Side, unacked=cython.longlong, alert=Alert)
cdef bint _unacknowledged(Facts facts, Verdict verdict) except? -1
