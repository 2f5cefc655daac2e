cimport cython
from tlscap.engine.events cimport Events
from tlscap.engine.facts cimport Facts
from tlscap.judge.flights cimport Flights
from tlscap.judge.landmarks cimport Landmarks
from tlscap.judge.verdict cimport Verdict

@cython.locals(start=Py_ssize_t)
cpdef list list_handshakes(Landmarks marks, Flights flights, list attempts, Verdict verdict)
@cython.locals(events=Events, i=Py_ssize_t)
cdef Py_ssize_t _first_start(Landmarks marks) except? -2
@cython.locals(end=Py_ssize_t)
cdef _first(Landmarks marks, Flights flights, Verdict verdict, Py_ssize_t start)
cdef Py_ssize_t _first_end(Landmarks marks, Flights flights) except? -2
cdef _renegotiation(Landmarks marks, number, attempt, Verdict verdict)
@cython.locals(facts=Facts)
cpdef note_drop(Landmarks marks, list attempts, Verdict verdict)
