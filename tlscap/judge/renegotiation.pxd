cimport cython
from tlscap.engine.events cimport Events
from tlscap.engine.facts cimport Facts
from tlscap.judge.landmarks cimport Landmarks, Passage
from tlscap.judge.verdict cimport Verdict

@cython.locals(i=Py_ssize_t, start=Py_ssize_t)
cpdef list find_attempts(Landmarks marks)
cpdef judge_renegotiations(Landmarks marks, list attempts, Verdict verdict)
cpdef secure_renegotiation(Landmarks marks)
@cython.locals(facts=Facts)
cdef bint _still_open(Landmarks marks) except? -1
@cython.locals(client=Passage, server=Passage, after_data=Py_ssize_t, after_finished=Py_ssize_t)
cdef Py_ssize_t _first_after_handshake(Landmarks marks) except? -2
@cython.locals(events=Events, kind=cython.longlong, detail=cython.longlong)
cdef bint _opens(Landmarks marks, Py_ssize_t i) except? -1
@cython.locals(events=Events)
cdef bint _begins_anew(Landmarks marks, attempt, Py_ssize_t i) except? -1
@cython.locals(events=Events, side=cython.longlong)
cdef _open(Landmarks marks, Py_ssize_t i)
@cython.locals(events=Events, kind=cython.longlong, side=cython.longlong)
cdef _take(Landmarks marks, attempt, Py_ssize_t i)
cdef _give_up(Landmarks marks, attempt, Py_ssize_t end, outcome)
@cython.locals(last=Py_ssize_t, facts=Facts)
cpdef bint no_data_after(Landmarks marks, attempt) except? -1
