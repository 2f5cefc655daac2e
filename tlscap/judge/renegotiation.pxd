cimport cython
from tlscap.engine.events cimport Events
from tlscap.engine.client_hello cimport ClientHello
from tlscap.engine.facts cimport Facts, Side
from tlscap.engine.server_hello cimport ServerHello
from tlscap.judge.landmarks cimport Course, Landmarks, Passage
from tlscap.judge.verdict cimport Verdict

cdef long long CHANGE_CIPHER_SPEC, HANDSHAKE, HIDDEN, CLIENT_HELLO, HELLO_REQUEST
cdef Py_ssize_t NEVER, UNASKED
cdef double A_GUESS

@cython.locals(start=Py_ssize_t)
cpdef list find_attempts(Landmarks marks, allowance)
@cython.locals(course=Course, start=Py_ssize_t)
cdef Py_ssize_t _start(Landmarks marks) except? -2
cpdef judge_renegotiations(Landmarks marks, list attempts, Verdict verdict)
@cython.locals(client=Side, server=Side)
cdef bint _is_complete(Landmarks marks) except? -1
@cython.locals(asked=ClientHello, answered=ServerHello, client=cython.bint, server=cython.bint)
cpdef secure_renegotiation(Landmarks marks)
@cython.locals(
    client=Passage, server=Passage, after_data=Py_ssize_t, after_finished=Py_ssize_t, first=Py_ssize_t, last=Py_ssize_t
)
cdef Py_ssize_t _first_after_handshake(Landmarks marks) except? -2
cdef Py_ssize_t _finished(Landmarks marks, Passage passage) except? -2
@cython.locals(events=Events, kind=cython.longlong, i=Py_ssize_t)
cdef bint _any_clear(Landmarks marks) except? -1
@cython.locals(events=Events, kind=cython.longlong, detail=cython.longlong, i=Py_ssize_t)
cdef bint _any_from(Landmarks marks, Py_ssize_t start) except? -1
@cython.locals(last=Py_ssize_t, facts=Facts)
cpdef bint no_data_after(Landmarks marks, attempt) except? -1
