cimport cython
from tlscap.engine.events cimport Events
from tlscap.judge.flights cimport Flights
from tlscap.judge.landmarks cimport Landmarks

cdef long long APPLICATION_DATA, SERVER
cdef Py_ssize_t NEVER, _MAX_CANDIDATES

@cython.locals(events=Events, i=Py_ssize_t, finished=Py_ssize_t, found=list)
cpdef list ticket_candidates(Landmarks marks, Flights flights)
