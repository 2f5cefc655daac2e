cimport cython
from tlscap.engine.buffer cimport Buffer
from tlscap.engine.early cimport Early
from tlscap.engine.facts cimport Facts, Side
from tlscap.engine.session cimport Session
from tlscap.engine.record cimport RecordReader
from tlscap.engine.waiting cimport Waiting

cdef long long _FIN, _SYN, _RST, _ACK, _EVENT_FIN, _EVENT_RST
cdef long long _SEQ_MASK, _SEQ_HALF, _SEQ_SIZE, _RESET_WINDOW, _FAR

@cython.final
cdef class Stream:
    cdef public Session session
    cdef public long long direction
    cdef public Side side
    cdef public RecordReader records, spare
    cdef public bint mid_stream, anchored
    cdef public long long next_seq, high_seq, isn, acked_seq, fin_seq, floor_ns, given_up_seq, other_isn
    cdef public bint fin_noted, closed, reset
    cdef public Early early
    cdef public Waiting waiting
    cdef public long long most_bytes, most_segments, patience_ns
    cpdef renew(self, Side side, bint mid_stream)
    @cython.locals(side=Side)
    cpdef start(self, long long seq, long long ns, long long frame)
    cpdef anchor(self, long long seq)
    @cython.locals(ahead=cython.longlong, end_seq=cython.longlong)
    cpdef segment(self, long long seq, Buffer buffer, Py_ssize_t at, Py_ssize_t end, long long on_wire, long long ns, long long frame)
    @cython.locals(i=Py_ssize_t, behind_fin=cython.bint)
    cpdef bint is_padding(self, long long seq, Buffer buffer, Py_ssize_t at, Py_ssize_t end) except? -1
    @cython.locals(ahead=cython.longlong)
    cpdef acknowledge(self, long long ack, long long ns)
    @cython.locals(side=Side, last_ns=cython.longlong)
    cdef long long covered_ns(self, long long seq) noexcept
    cpdef _settle_isn(self, long long ack)
    @cython.locals(ahead=cython.longlong, side=Side)
    cpdef note_fin(self, long long seq, long long ns, long long frame)
    cdef bint is_far(self, long long seq) noexcept
    cpdef bint is_ahead(self, long long ack) except? -1
    @cython.locals(ahead=cython.longlong, near_ack=cython.bint, went_on=cython.bint, side=Side)
    cpdef note_rst(self, long long seq, long long expected_ack, long long ttl, long long ns, long long frame)
    @cython.locals(unacked=cython.longlong, ahead=cython.longlong, seen=cython.longlong, side=Side)
    cpdef finish(self)
    @cython.locals(held=Py_ssize_t)
    cpdef Py_ssize_t held_bytes(self) except? -1
    @cython.locals(side=Side, missing=cython.longlong, cut=cython.longlong, lost=cython.longlong)
    cpdef give_up(self, long long ns, long long frame)
    cpdef _forget_reset(self)
    @cython.locals(facts=Facts)
    cpdef Side _other_side(self)
    @cython.locals(facts=Facts)
    cpdef _event(self, long long kind, long long ns, long long frame)
    @cython.locals(waiting=Waiting)
    cpdef _deliver(self, Buffer buffer, Py_ssize_t at, Py_ssize_t end, long long on_wire, long long ns, long long frame)
    @cython.locals(size=Py_ssize_t, side=Side)
    cpdef _pass_on(self, Buffer buffer, Py_ssize_t at, Py_ssize_t end, long long on_wire, long long ns, long long frame)
    cpdef _note_early(self, long long ack, long long ns)
    cpdef _forget_early(self)
    @cython.locals(early_ns=cython.longlong, acknowledged_ns=cython.longlong)
    cpdef Py_ssize_t _time_on_wire(self, long long end_seq, long long ns) except? -1
    @cython.locals(given_up=cython.bint)
    cpdef _old(self, long long behind, Buffer buffer, Py_ssize_t at, Py_ssize_t end, long long on_wire, long long ns, long long frame)
    @cython.locals(side=Side)
    cpdef _count_retransmission(self, long long ns, long long frame)
    @cython.locals(waiting=Waiting)
    cpdef _keep(self, long long seq, Buffer buffer, Py_ssize_t at, Py_ssize_t end, long long on_wire, long long ns, long long frame)
    cpdef Waiting _waiting_from(self, long long ns)
    @cython.locals(acked=cython.longlong, waiting=Waiting)
    cpdef _check_holes(self, long long ns)
    @cython.locals(missing=cython.longlong, waiting=Waiting)
    cpdef _jump(self)
    cpdef _miss(self, long long missing, long long ns, long long frame)
    @cython.locals(records=RecordReader)
    cpdef RecordReader _new_records(self, bint mid_stream)
    @cython.locals(waiting=Waiting, ahead=cython.longlong, done=Py_ssize_t, on_wire=cython.longlong, ns=cython.longlong)
    cpdef _release(self, long long not_before_ns)
