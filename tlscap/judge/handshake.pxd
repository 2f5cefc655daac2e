cimport cython
from tlscap.engine.events cimport Events
from tlscap.engine.facts cimport Facts
from tlscap.judge.flights cimport Flights
from tlscap.judge.landmarks cimport Landmarks, Passage
from tlscap.judge.verdict cimport Verdict

@cython.locals(facts=Facts)
cpdef judge_handshake(Landmarks marks, Flights flights, Verdict verdict)
cpdef tuple offered(Facts facts)
cdef bint _offers_psk(hello) except? -1
cdef _hello_retry(Landmarks marks)
@cython.locals(events=Events, i=Py_ssize_t, detail=cython.longlong)
cpdef bint any_fatal(Landmarks marks) except? -1
@cython.locals(events=Events, i=Py_ssize_t, detail=cython.longlong, sender=Passage)
cdef bint _refused_in_clear(Landmarks marks) except? -1
@cython.locals(facts=Facts, client=Passage, server=Passage, in_handshake=cython.bint)
cdef bint _may_be_handshake(Landmarks marks) except? -1
cdef bint _closed(Facts facts) except? -1
cdef _judge_tls12(Landmarks marks, Verdict verdict)
@cython.locals(client=Passage, server=Passage, key_exchange_seen=cython.bint)
cdef _kind_tls12(Landmarks marks, Verdict verdict)
cdef _mechanism_tls12(Facts facts)
@cython.locals(client=Passage, server=Passage, events=Events, both_finished=cython.bint)
cdef _established_tls12(Landmarks marks, Verdict verdict)
@cython.locals(server=Passage)
cdef bint _data_follows_handshake(Landmarks marks) except? -1
@cython.locals(client=Passage, server=Passage, events=Events, last=Py_ssize_t, alert=Py_ssize_t)
cdef bint _refused_finished(Landmarks marks) except? -1
cdef _judge_tls13(Landmarks marks, Flights flights, Verdict verdict)
cdef _kind_tls13(Landmarks marks, Verdict verdict)
@cython.locals(events=Events, i=Py_ssize_t, client_handshake=Py_ssize_t)
cdef _established_dtls13(Landmarks marks, Verdict verdict)
cpdef bint is_external(Facts facts) except? -1
cdef _early_data(Facts facts, Flights flights)
@cython.locals(answer=Py_ssize_t)
cdef _established_tls13(Landmarks marks, Flights flights, Verdict verdict)
cdef bint _is_data(Landmarks marks, Py_ssize_t i) except? -1
@cython.locals(events=Events, i=Py_ssize_t)
cdef Py_ssize_t _first_server_record(Landmarks marks, Py_ssize_t after) except? -2
@cython.locals(events=Events, i=Py_ssize_t)
cdef bint _may_be_refusal(Landmarks marks, Flights flights, Py_ssize_t answer) except? -1
@cython.locals(facts=Facts, asked=cython.bint)
cdef bint _is_refusal(Landmarks marks, Flights flights, Py_ssize_t answer) except? -1
@cython.locals(events=Events, i=Py_ssize_t)
cdef Py_ssize_t _last_client_data(Landmarks marks) except? -2
@cython.locals(events=Events)
cdef bint _is_alert_like(Landmarks marks, Flights flights, Py_ssize_t i) except? -1
