cimport cython
from tlscap.capture.batch cimport Batch
from tlscap.engine.addresses cimport Addresses
from tlscap.engine.certificate_store cimport CertificateStore
from tlscap.engine.connection cimport Connection
from tlscap.engine.coverage cimport Coverage
from tlscap.engine.datagrams cimport Datagrams
from tlscap.engine.duplicates cimport Duplicates
from tlscap.engine.events cimport EventStore
from tlscap.engine.facts cimport Block, Facts, Side
from tlscap.engine.flow cimport FlowTable, hash_key, mix
from tlscap.engine.frame cimport Decoder
from tlscap.engine.held cimport Held
from tlscap.engine.stream cimport Stream

cdef long long _TCP, _UDP, _SYN, _RST, _ACK, _FRAME_BITS, _LARGEST_FRAME, _MOST_SPARE, _BLOCK_ROWS
cdef unsigned long long _SHARE_MASK
cdef long long _END_OPEN, _END_CLOSED

cdef class Engine:
    cdef public object limits, keys
    cdef public Decoder decoder
    cdef public FlowTable flows
    cdef public Duplicates duplicates
    cdef public list coverage
    cdef public CertificateStore certificates
    cdef public object endpoints, stubs
    cdef public Held held
    cdef public Py_ssize_t stub_count, times_full, times_relieved
    cdef long long _file, _oversize
    cdef unsigned long long _share, _shares
    cdef public long long linger_ns, most_connections, most_stub_bytes, most_buffered, now_ns
    cdef Connection _latest
    cdef object _undecoded_before
    cdef Addresses _addresses
    cdef list _closing
    cdef Block _block
    cdef EventStore _events
    cdef list _blocks, _spare
    cdef public Datagrams datagrams
    @cython.locals(decoder=Decoder, i=Py_ssize_t, ns=cython.longlong, transport=cython.longlong)
    cpdef feed(self, Batch batch)
    cpdef advance(self, long long now_ns)
    @cython.locals(decoder=Decoder, connection=Connection, flags=cython.longlong, swapped=cython.bint, a_hi=cython.ulonglong, a_lo=cython.ulonglong, b_hi=cython.ulonglong, b_lo=cython.ulonglong, ports=cython.longlong, sender_end=cython.longlong, key_hash=cython.ulonglong, was_closing=cython.longlong)
    cdef _tcp(self, long long ns, long long frame)
    @cython.locals(decoder=Decoder, both=cython.ulonglong)
    cdef bint _is_mine(self)
    @cython.locals(connection=Connection, closing=list, left=Py_ssize_t)
    cdef _let_go(self)
    @cython.locals(datagrams=Datagrams, facts=Facts)
    cdef _let_associations_go(self)
    cpdef bint let_stubs_go(self) except? -1
    cpdef _bring_back(self, unsigned long long a_hi, unsigned long long a_lo, unsigned long long b_hi, unsigned long long b_lo, long long ports)
    cpdef _leave(self, Connection connection, long long end)
    cpdef _make_room(self)
    @cython.locals(facts=Facts, coverage=Coverage)
    cpdef _emit(self, Connection connection, long long end)
    @cython.locals(connection=Connection)
    cdef Connection _new_connection(self, bint mid_stream)
    @cython.locals(client=Side, server=Side)
    cdef _count_endpoint(self, Connection connection)
    cdef _recognise(self, Connection connection)
    cpdef Coverage _coverage_at(self, Py_ssize_t file)
    @cython.locals(first=Side, second=Side)
    cpdef _name_ends(self, Connection connection)
    cpdef _close_block(self)
    @cython.locals(rows=list)
    cpdef _append(self, Facts facts)

@cython.locals(stream=Stream)
cpdef bytes plain_head(Connection connection, Py_ssize_t side)
