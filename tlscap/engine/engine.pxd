cimport cython
from tlscap.capture.batch cimport Batch
from tlscap.engine.connection cimport Connection
from tlscap.engine.datagrams cimport Datagrams
from tlscap.engine.duplicates cimport Duplicates
from tlscap.engine.flow cimport FlowTable, hash_key, mix
from tlscap.engine.frame cimport Decoder

cdef long long _TCP, _UDP, _SYN, _RST, _ACK, _FRAME_BITS, _LARGEST_FRAME, _SHARE_BITS

cdef class Engine:
    cdef public object limits, keys
    cdef public Decoder decoder
    cdef public FlowTable flows
    cdef public Duplicates duplicates
    cdef public list coverage
    cdef public object endpoints, certificates, stubs
    cdef public Py_ssize_t stub_count, times_full
    cdef long long _file, _oversize
    cdef unsigned long long _share, _shares
    cdef public long long linger_ns, most_connections, most_stub_bytes, now_ns
    cdef object _closing, _block, _blocks, _undecoded_before
    cdef public Datagrams datagrams
    @cython.locals(decoder=Decoder, i=Py_ssize_t, ns=cython.longlong, transport=cython.longlong)
    cpdef feed(self, Batch batch)
    cpdef advance(self, long long now_ns)
    @cython.locals(decoder=Decoder, connection=Connection, flags=cython.longlong, swapped=cython.bint, a_hi=cython.ulonglong, a_lo=cython.ulonglong, b_hi=cython.ulonglong, b_lo=cython.ulonglong, ports=cython.longlong, sender_end=cython.longlong, key_hash=cython.ulonglong, was_closing=cython.longlong)
    cdef _tcp(self, long long ns, long long frame)
    @cython.locals(decoder=Decoder, both=cython.ulonglong)
    cdef bint _is_mine(self)
    @cython.locals(connection=Connection)
    cdef _let_go(self)
    cpdef bint let_stubs_go(self) except? -1
    cpdef _bring_back(self, unsigned long long a_hi, unsigned long long a_lo, unsigned long long b_hi, unsigned long long b_lo, long long ports)
    cpdef _leave(self, Connection connection, long long end)
    cpdef _make_room(self)
    cpdef _emit(self, Connection connection, long long end)
    cpdef _name_ends(self, Connection connection)
    cpdef _close_block(self)
    cpdef _append(self, facts)
