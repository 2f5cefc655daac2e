cimport cython
from tlscap.engine.events cimport Events
from tlscap.engine.facts cimport Facts, Side
from tlscap.judge.flights cimport Flights
from tlscap.judge.landmarks cimport Landmarks
from tlscap.judge.verdict cimport Verdict

@cython.locals(facts=Facts)
cpdef judge_ending(Landmarks marks, Flights flights, list attempts, Verdict verdict)
cdef _close_of(Side side, Side other, alerts, name)
@cython.locals(facts=Facts)
cdef _outcome(Landmarks marks, list attempts, Verdict verdict, client, server)
cdef _basis(Landmarks marks)
cdef bint _ended_by(Landmarks marks, attempt) except? -1
cdef _ending_alert(client, server)
@cython.locals(side=Side, often=cython.bint)
cdef bint _is_stalled(Facts facts) except? -1
cdef _who(Facts facts, Verdict verdict, client, server)
@cython.locals(own=Side, other=Side)
cdef bint _is_foreign_reset(Facts facts, long long side) except? -1
cdef bint _has_strange_ttl(Side side) except? -1
cdef _how(Facts facts, Verdict verdict, client, server)
cdef _activity(Landmarks marks, Flights flights, Verdict verdict, client, server)
cdef _phase(Landmarks marks, Flights flights, list attempts, Verdict verdict)
cdef _drop(Landmarks marks, Verdict verdict)
cdef _lose_confidence(Facts facts, Verdict verdict)
cdef _evidence(Facts facts, list attempts, Landmarks marks, Verdict verdict)
