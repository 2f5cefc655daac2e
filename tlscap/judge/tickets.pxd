cimport cython
from tlscap.engine.events cimport Events
from tlscap.judge.flights cimport Flights
from tlscap.judge.landmarks cimport Landmarks

@cython.locals(events=Events, i=Py_ssize_t)
cpdef list ticket_candidates(Landmarks marks, Flights flights)
