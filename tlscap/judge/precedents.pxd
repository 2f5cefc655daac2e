cimport cython
from tlscap cimport octets
from tlscap.engine.events cimport Events
from tlscap.engine.facts cimport Facts, Side
from tlscap.judge.connection cimport judge_alone, judge_by
from tlscap.judge.flights cimport Flights
from tlscap.judge.gist cimport Gist
from tlscap.judge.landmarks cimport Landmarks
from tlscap.judge.verdict cimport Alert, Handshake, Verdict

cdef long long IDLE_NS
cdef Py_ssize_t NEVER, _MAX_PRECEDENTS, _RECENT, _WORTH_A_PRECEDENT, _WORD_BYTES

cdef class Precedent:
    cdef public long long asked
    cdef public bytes gist
    cdef public bint holds
    cdef Verdict _verdict
    cdef Py_ssize_t _established, _last_data, _closed
    cdef list _alerts, _evidence, _soon
    cpdef establish(self, Verdict verdict, Packets packets, list asked)
    @cython.locals(first=Py_ssize_t, last=Py_ssize_t)
    cpdef bint holds_for(self, Events events, bint restless) except? -1
    @cython.locals(events=Events, verdict=Verdict, busy_ns=cython.longlong, i=Py_ssize_t, k=Py_ssize_t, row=Handshake)
    cpdef Verdict verdict_on(self, Facts facts)
    @cython.locals(like=Alert, alert=Alert, at=Py_ssize_t, side=Side)
    cdef Alert _alert(self, Facts facts, Events events, Py_ssize_t k)
    @cython.locals(row=Handshake)
    cdef Handshake _handshake(self, Events events, Handshake like, Verdict verdict)

cdef class Packets:
    cdef long long[::1] _instants
    cdef public list events
    @cython.locals(i=Py_ssize_t)
    cpdef Py_ssize_t event_at(self, long long ns) except? -2

cdef class Precedents:
    cdef dict _known
    cdef list _recent
    cdef Gist _gist
    @cython.locals(gist=Gist, size=Py_ssize_t, place=Py_ssize_t, precedent=Precedent)
    cpdef Verdict verdict_on(self, Facts facts)
    @cython.locals(precedent=Precedent)
    cdef Precedent _find(self, bytes gist)

@cython.locals(verdict=Verdict)
cpdef Verdict judge(Facts facts, allowance=*)
@cython.locals(marks=Landmarks, flights=Flights, verdict=Verdict, words=list, at=list)
cdef _establish(Precedent precedent, Gist gist)

cdef Precedents _precedents
