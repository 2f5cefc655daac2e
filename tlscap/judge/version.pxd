cimport cython
from tlscap.engine.events cimport Events
from tlscap.engine.facts cimport Facts
from tlscap.engine.server_hello cimport ServerHello
from tlscap.judge.landmarks cimport Landmarks
from tlscap.judge.verdict cimport Verdict

cdef long long ALERT, CHANGE_CIPHER_SPEC, HANDSHAKE, HIDDEN, _SSL_3, _TLS_1_0, _TLS_1_3
cdef list _USUAL
cdef dict _known

@cython.locals(facts=Facts, answer=ServerHello)
cpdef judge_version(Landmarks marks, Verdict verdict)
cdef str _exact_name(long long version)
@cython.locals(i=Py_ssize_t, kind=cython.longlong)
cdef bint _is_before_tls13(Events events) except? -1
