cimport cython
from tlscap.engine.events cimport Events
from tlscap.engine.client_hello cimport ClientHello
from tlscap.engine.facts cimport Facts, Side
from tlscap.engine.server_hello cimport ServerHello
from tlscap.judge.flights cimport Flights
from tlscap.judge.landmarks cimport Landmarks, Passage
from tlscap.judge.verdict cimport Verdict

cdef long long ALERT, APPLICATION_DATA, CHANGE_CIPHER_SPEC, CLIENT, FIN, HANDSHAKE, HIDDEN, RST, SERVER, END_OPEN, SSL_2, TLS13, TICKETS_AT_START
cdef Py_ssize_t NEVER
cdef tuple HANDSHAKE_RECORDS

cdef tuple _OFFERS_NOTHING, _OFFERS_SESSION_ID, _OFFERS_TICKET, _OFFERS_PSK
cdef long long _COOKIE

@cython.locals(facts=Facts, server_hello=ServerHello, ended=cython.bint)
cpdef judge_handshake(Landmarks marks, Flights flights, Verdict verdict)
@cython.locals(hello=ClientHello, kinds=tuple)
cpdef tuple offered(Facts facts)
cpdef bint offers_psk(ClientHello hello) except? -1
@cython.locals(hello=ClientHello)
cdef _hello_retry(Landmarks marks)
@cython.locals(events=Events, i=Py_ssize_t, detail=cython.longlong)
cpdef bint any_fatal(Landmarks marks) except? -1
@cython.locals(events=Events, i=Py_ssize_t, detail=cython.longlong, sender=Passage)
cdef bint _refused_in_clear(Landmarks marks) except? -1
@cython.locals(facts=Facts, hello=ClientHello, client=Passage, server=Passage, in_handshake=cython.bint)
cdef bint _may_be_handshake(Landmarks marks) except? -1
cdef bint _closed(Facts facts) except? -1
cdef _judge_tls12(Landmarks marks, Verdict verdict)
@cython.locals(client=Passage, server=Passage, key_exchange_seen=cython.bint)
cdef _kind_tls12(Landmarks marks, Verdict verdict)
@cython.locals(asked=ClientHello, answered=ServerHello)
cdef str _mechanism_tls12(Facts facts)
@cython.locals(client=Passage, server=Passage, events=Events, both_finished=cython.bint)
cdef _established_tls12(Landmarks marks, Verdict verdict)
@cython.locals(client=Side, server=Side, ended=cython.bint)
cdef bint _is_unheard(Facts facts) except? -1
@cython.locals(server=Passage)
cdef bint _data_follows_handshake(Landmarks marks) except? -1
@cython.locals(client=Passage, server=Passage, events=Events, last=Py_ssize_t, alert=Py_ssize_t)
cdef bint _refused_finished(Landmarks marks) except? -1
cdef _judge_tls13(Landmarks marks, Flights flights, Verdict verdict)
@cython.locals(answered=ServerHello)
cdef _kind_tls13(Landmarks marks, Verdict verdict)
@cython.locals(events=Events, i=Py_ssize_t, client_handshake=Py_ssize_t)
cdef _established_dtls13(Landmarks marks, Verdict verdict)
@cython.locals(asked=ClientHello, answered=ServerHello)
cpdef bint is_external(Facts facts) except? -1
@cython.locals(answered=ServerHello)
cdef str _early_data(Facts facts, Flights flights)
@cython.locals(answer=Py_ssize_t, client=Side, server=Side, lost=cython.bint,
               goes_on=cython.bint, server_goes_on=cython.bint, hung_up=cython.bint, is_sure=cython.bint)
cdef _established_tls13(Landmarks marks, Flights flights, Verdict verdict)
cdef tuple _end_of(Side side)
cdef bint _is_data(Landmarks marks, Py_ssize_t i) except? -1
@cython.locals(events=Events, i=Py_ssize_t)
cdef Py_ssize_t _first_server_record(Landmarks marks, Py_ssize_t after) except? -2
@cython.locals(events=Events, i=Py_ssize_t)
cdef bint _may_be_refusal(Landmarks marks, Flights flights, Py_ssize_t answer) except? -1
@cython.locals(facts=Facts, asked=cython.bint)
cdef bint _is_refusal(Landmarks marks, Flights flights, Py_ssize_t answer) except? -1
@cython.locals(events=Events, i=Py_ssize_t)
cdef Py_ssize_t _last_client_data(Landmarks marks) except? -2
@cython.locals(events=Events, client=Side)
cdef bint _is_alert_like(Landmarks marks, Flights flights, Py_ssize_t i) except? -1
@cython.locals(facts=Facts, began=cython.bint)
cdef bint _is_half_a_hello(Landmarks marks) except? -1
