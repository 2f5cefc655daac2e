cimport cython
from tlscap.engine.events cimport Events
from tlscap.engine.facts cimport Facts, Side
from tlscap.judge.flights cimport Flights
from tlscap.judge.landmarks cimport Landmarks

@cython.locals(detail=cython.longlong, i=Py_ssize_t)
cpdef list find_alerts(Landmarks marks, Flights flights, list attempts)
@cython.locals(events=Events)
cdef _clear(Landmarks marks, Py_ssize_t i, long long detail)
@cython.locals(events=Events, side=cython.longlong)
cdef _encrypted(Landmarks marks, Py_ssize_t i, list attempts)
cdef _infer_refusal(Landmarks marks, Py_ssize_t i, long long side, attempt, alert)
@cython.locals(events=Events, k=Py_ssize_t)
cdef bint _answered_by_alert(Landmarks marks, Py_ssize_t i, long long side) except? -1
cdef bint _is_in_renegotiation(Landmarks marks, attempt, Py_ssize_t i) except? -1
@cython.locals(events=Events, data_before=cython.bint, ended=cython.longlong, last_data=Py_ssize_t)
cdef _infer_close(Landmarks marks, Py_ssize_t i, long long side, alert)
@cython.locals(events=Events, k=Py_ssize_t)
cdef Py_ssize_t _last_data(Landmarks marks, Py_ssize_t i) except? -2
@cython.locals(events=Events, k=Py_ssize_t)
cdef bint _goes_on(Landmarks marks, Py_ssize_t i, long long side) except? -1
@cython.locals(events=Events, k=Py_ssize_t)
cdef long long _next_close(Landmarks marks, Py_ssize_t i) except? -2
@cython.locals(facts=Side, other=Side)
cdef _hidden_in_data(Landmarks marks, Flights flights, long long side)
@cython.locals(facts=Side)
cdef _hidden_under_way(Landmarks marks, long long side)
@cython.locals(facts=Side)
cdef bint _after_idle(Landmarks marks, long long side) except? -1
cdef bint _after_other(long long ns, Side other) except? -1
