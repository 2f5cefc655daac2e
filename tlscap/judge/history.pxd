cimport cython
from tlscap.engine.events cimport Events
from tlscap.judge.flights cimport Flights
from tlscap.judge.landmarks cimport Landmarks
from tlscap.judge.verdict cimport Verdict

cdef long long ALERT, APPLICATION_DATA, CHANGE_CIPHER_SPEC, CLIENT, HANDSHAKE, HEARTBEAT, HIDDEN, SERVER
cdef Py_ssize_t NEVER

cpdef dict guess_letters(Landmarks marks, Flights flights, list attempts, Verdict verdict)
@cython.locals(events=Events, i=Py_ssize_t)
cpdef render_history(Landmarks marks, Flights flights, list attempts, Verdict verdict)
cdef _spell_renegotiation(attempt, dict letters)
@cython.locals(events=Events, kind=cython.longlong, detail=cython.longlong, hidden=cython.bint)
cdef _letter(Landmarks marks, Py_ssize_t i)
@cython.locals(events=Events, side=cython.longlong, k=Py_ssize_t)
cdef _hidden_handshake(Landmarks marks, Py_ssize_t i)
cdef _flight_letters(Landmarks marks, Flights flights, Verdict verdict)
@cython.locals(events=Events, taken=Py_ssize_t, i=Py_ssize_t)
cdef _spell(Landmarks marks, letters, word, Py_ssize_t after, long long side, Py_ssize_t count)
@cython.locals(events=Events, i=Py_ssize_t)
cdef _name_alerts(Landmarks marks, letters, Verdict verdict)
