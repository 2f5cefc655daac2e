cimport cython
from tlscap.engine.events cimport Events
from tlscap.engine.facts cimport Facts, Side
from tlscap.engine.frame cimport Decoder
from tlscap.engine.session cimport Session
from tlscap.engine.held cimport Held
from tlscap.engine.stream cimport Stream

cdef long long _FIN, _SYN, _RST, _ACK, _PSH, _SEQ_MASK, _MOST_PADDING, _MOST_BEFORE_SYN, _LATE_WINDOW, _MOST_STRANGE, _CLOCK_STEP, _FAR, _TWICE_FAR

@cython.final
cdef class Connection:
    cdef public Facts facts
    cdef public Events events
    cdef public Session session
    cdef public Held held
    cdef public unsigned long long key_hash, a_hi, a_lo, b_hi, b_lo
    cdef public long long ip_size, ports, slot, queued, client_end, last_ns, closing_ns, client_isn
    cdef public bint rtt_open, renumbered, clocks_differ
    cdef public long long strange
    cdef public Stream upstream, downstream
    @cython.locals(facts=Facts)
    cpdef renew(self, bint mid_stream)
    cpdef _begin(self, Facts facts)
    cdef bint is_found_under(self, unsigned long long a_hi, unsigned long long a_lo, unsigned long long b_hi, unsigned long long b_lo, long long ports) noexcept
    @cython.locals(facts=Facts, from_client=cython.bint)
    cpdef begin(self, long long sender_end, long long flags, long long sender_port, long long receiver_port, long long ns, long long frame)
    @cython.locals(facts=Facts)
    cpdef bint came_to_be(self) except? -1
    @cython.locals(stream=Stream, few=cython.bint)
    cpdef bint starts_anew(self, long long sender_end, long long seq, long long flags) except? -1
    @cython.locals(stream=Stream, other=Stream, side=Side, facts=Facts, seq=cython.longlong, flags=cython.longlong, on_wire=cython.longlong, off=cython.longlong)
    cpdef packet(self, Decoder decoder, long long sender_end, long long ns, long long frame)
    @cython.locals(sent_behind_ns=cython.longlong)
    cdef long long _settle_time(self, Stream stream, Stream other, Decoder decoder, long long ns, long long frame) except? 0
    cdef bint _is_renumbered(self, Stream stream, Stream other, long long seq, long long flags) noexcept
    cdef _note_renumbered(self, long long ns, long long frame)
    @cython.locals(events=Events)
    cpdef finish(self, long long end)
    @cython.locals(held=Py_ssize_t)
    cpdef Py_ssize_t held_bytes(self) except? -1
    @cython.locals(facts=Facts)
    cpdef give_up(self)
    @cython.locals(facts=Facts, sent_once=cython.bint)
    cpdef _syn(self, Stream stream, Stream other, long long seq, long long ack, long long flags, long long ns, long long frame)
    cpdef _check_closed(self, long long ns)
    @cython.locals(upstream=Stream, downstream=Stream)
    cpdef bint _is_closed(self) except? -1
