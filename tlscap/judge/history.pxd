cimport cython
from tlscap.engine.events cimport Events
from tlscap.judge.flights cimport Flights
from tlscap.judge.landmarks cimport Landmarks
from tlscap.judge.verdict cimport Alert, Verdict

cdef long long ALERT, APPLICATION_DATA, CHANGE_CIPHER_SPEC, CLIENT, HANDSHAKE, HEARTBEAT, HIDDEN, SERVER
cdef Py_ssize_t NEVER, _MAX_LETTERS, _MAX_KEY_ALERTS
cdef long long _KEY_BITS
cdef dict _SERVER_FLIGHTS, _CLIENT_FLIGHTS
cdef tuple _NO_FLIGHT
cdef list _CLEAR, _CLEAR_RECORDS, _HIDDEN_RECORDS

@cython.locals(hidden=Hidden)
cpdef dict guess_letters(Landmarks marks, Flights flights, list attempts, Verdict verdict)
cdef dict _renegotiated(Landmarks marks, list attempts)
@cython.locals(letters=dict, letter=str)
cdef dict _late_authentication(Landmarks marks, Flights flights)
@cython.locals(hidden=Hidden)
cdef Hidden _hidden(Landmarks marks, Flights flights, Verdict verdict)
@cython.locals(hidden=Hidden, key=cython.longlong, known=str, late=dict)
cpdef str render_history(Landmarks marks, Flights flights, list attempts, Verdict verdict)
@cython.locals(events=Events, i=Py_ssize_t, kind=cython.longlong, letter=str, last=str, letters=list)
cdef str _spell(Landmarks marks, Hidden hidden, dict guesses)
@cython.locals(events=Events, side=cython.longlong, detail=cython.longlong, is_hidden=cython.bint, table=list, letters=list)
cdef str _letter(Landmarks marks, Py_ssize_t i, long long kind)
@cython.locals(events=Events, k=Py_ssize_t)
cdef str _hidden_handshake(Landmarks marks, Py_ssize_t i, long long side)
cdef _spell_renegotiation(attempt, dict letters)

cdef class Hidden:
    cdef tuple _server, _client
    cdef Py_ssize_t _server_hello, _client_first, _server_taken, _client_taken
    cdef list _alerts
    @cython.locals(key=cython.longlong, place=cython.longlong, i=cython.longlong)
    cdef long long key(self) except? -2
    @cython.locals(letter=str, side=cython.longlong)
    cdef str letter(self, Events events, Py_ssize_t i)
    @cython.locals(letter=str)
    cdef str _next_letter(self, long long side, Py_ssize_t i)
    @cython.locals(alert=Alert)
    cdef int name_alerts(self, Landmarks marks, Verdict verdict) except -1
    @cython.locals(side=cython.longlong, i=Py_ssize_t, is_single=cython.bint)
    cdef _name(self, Events events, Alert alert)
    cdef int _read(self, Flights flights) except -1
