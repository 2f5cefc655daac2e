cimport cython
from tlscap.engine.events cimport Events
from tlscap.engine.facts cimport Facts
from tlscap.judge.flights cimport Flights
from tlscap.judge.landmarks cimport Landmarks
from tlscap.judge.verdict cimport Alert, Handshake, Verdict

cdef long long HANDSHAKE, HIDDEN, HELLO_REQUEST
cdef Py_ssize_t NEVER
cdef double FROM_LENGTHS

@cython.locals(start=Py_ssize_t, rows=list)
cpdef list list_handshakes(Landmarks marks, Flights flights, list attempts, Verdict verdict)
@cython.locals(events=Events, i=Py_ssize_t)
cdef Py_ssize_t _first_start(Landmarks marks) except? -2
@cython.locals(row=Handshake)
cdef Handshake _first(Landmarks marks, Flights flights, Verdict verdict, Py_ssize_t start)
@cython.locals(alert=Alert)
cdef str _first_alert_from(Verdict verdict, long long frame)
cdef Py_ssize_t _first_end(Landmarks marks, Flights flights) except? -2
@cython.locals(rows=list, row=Handshake, alert=Alert, ended_by=cython.longlong)
cdef list _renegotiations(Landmarks marks, list attempts, Verdict verdict)
@cython.locals(facts=Facts)
cpdef note_drop(Landmarks marks, list attempts, Verdict verdict)
