cimport cython
from tlscap.engine.events cimport Events
from tlscap.judge.flights cimport Flights
from tlscap.judge.landmarks cimport Landmarks
from tlscap.judge.verdict cimport Verdict

cdef long long CLIENT, HIDDEN, SERVER, EMPTY_CERTIFICATE_BYTES, SMALLEST_CERTIFICATE_BYTES
cdef Py_ssize_t NEVER
cdef double CERTAIN, FROM_LENGTHS, FROM_MERGED_LENGTHS

cdef long long _NO_CERTIFICATE

cpdef judge_client_certificate(Landmarks marks, Flights flights, Verdict verdict)
cdef int _cannot_tell(Verdict verdict, str why) except -1
cdef int _say(Verdict verdict, str what, double confidence) except -1
@cython.locals(i=Py_ssize_t)
cdef _tls12(Landmarks marks, Verdict verdict)
@cython.locals(events=Events, i=Py_ssize_t)
cdef bint _says_no_certificate(Landmarks marks) except? -1
cdef bint _server_flight_whole(Landmarks marks) except? -1
@cython.locals(server_said=cython.bint)
cdef _tls13(Landmarks marks, Flights flights, Verdict verdict)
@cython.locals(chain=object, later=cython.bint)
cdef _tls13_decrypted(Landmarks marks, Flights flights, Verdict verdict)
cdef _tls13_separate(Flights flights, Verdict verdict)
@cython.locals(more=cython.longlong)
cdef _tls13_merged(Flights flights, Verdict verdict)
