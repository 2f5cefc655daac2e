cimport cython
from tlscap.engine.events cimport Events
from tlscap.engine.facts cimport Facts, Side
from tlscap.judge.flights cimport Flights
from tlscap.judge.landmarks cimport Landmarks
from tlscap.judge.verdict cimport Verdict

cpdef bint has_data(Landmarks marks, Flights flights) except? -1
@cython.locals(events=Events, i=Py_ssize_t, after_client=cython.longlong, after_server=cython.longlong, client=Side)
cpdef bint had_data_tls13(Landmarks marks, Flights flights) except? -1
@cython.locals(facts=Side)
cpdef tuple last_data(Landmarks marks, Verdict verdict, long long side)
@cython.locals(facts=Facts)
cpdef is_pending(Landmarks marks, Flights flights, Verdict verdict)
@cython.locals(events=Events, i=Py_ssize_t, goodbye=Py_ssize_t)
cdef Py_ssize_t _client_goodbye(Landmarks marks) except? -1
@cython.locals(events=Events, i=Py_ssize_t, asked=cython.bint)
cdef bint _only_tickets_after(Landmarks marks, Flights flights) except? -1
@cython.locals(client=Side, unacked=cython.longlong)
cdef bint _unacknowledged(Facts facts, Verdict verdict) except? -1
