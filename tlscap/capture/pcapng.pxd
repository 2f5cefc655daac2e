cimport cython
from tlscap cimport octets
from tlscap.capture.batch cimport Batch

cdef long long _MAX_PACKET, _MAX_BLOCK, _HIGH_END, _LAST_NS, _NS, _NEVER
cdef long long _SECTION, _INTERFACE, _OLD_PACKET, _SIMPLE_PACKET, _PACKET, _SECRETS
cdef long long _BIG_MAGIC, _LITTLE_MAGIC, _COMMENT, _DROP_COUNT
cdef int _UNLIKELY, _LIKELY, _MORE

cdef inline bint _is_section(const unsigned char[::1] data, Py_ssize_t pos) except -1 nogil

@cython.final
cdef class PcapngScanner:
    cdef public object section
    cdef public bint big
    cdef public long long frame_base
    cdef public bint final
    cdef public Py_ssize_t need
    cdef public bint damaged
    cdef public long long packets
    cdef public long long size
    cdef public long long cut
    cdef public long long first_ns
    cdef public long long last_ns
    cdef public Py_ssize_t last_caplen
    cdef public Py_ssize_t interfaces
    cdef long long[::1] _linktype
    cdef long long[::1] _snaplen
    cdef long long[::1] _ticks
    cdef long long[::1] _coarsen
    cdef long long[::1] _scale
    cdef long long[::1] _below
    cdef long long[::1] _offset
    cdef long long[::1] _count
    cdef Py_ssize_t _interface
    cdef Py_ssize_t _body
    cdef long long _caplen
    cdef long long _wirelen
    cdef long long _ns
    @cython.locals(data="const unsigned char[::1]", i=Py_ssize_t, big=bint, kind="long long",
                   length="long long", caplen="long long", taken=int)
    cpdef Py_ssize_t scan(self, Batch batch, Py_ssize_t pos, Py_ssize_t end) except -1
    cpdef Py_ssize_t resync(self, const unsigned char[::1] data, Py_ssize_t pos, Py_ssize_t end) except -1
    cpdef add_interface(self, long long linktype, long long snaplen, long long ticks, long long coarsen, long long offset)
    cpdef forget_interfaces(self)
    cpdef Py_ssize_t linktype(self, Py_ssize_t interface) except? -1
    cpdef Py_ssize_t take_count(self, Py_ssize_t interface) except? -1
    cdef int _add(self, Batch batch, Py_ssize_t i) except -1
    cdef int _packet(self, Py_ssize_t pos, long long length, long long high, long long low) except -1
    @cython.locals(drops="long long")
    cdef int _old_packet(self, const unsigned char[::1] data, Py_ssize_t pos, long long length) except -1
    cdef int _simple_packet(self, const unsigned char[::1] data, Py_ssize_t pos, long long length) except -1
    @cython.locals(i=Py_ssize_t, second="long long", fraction="long long")
    cdef Py_ssize_t _instant(self, long long high, long long low) except -1
    @cython.locals(code="long long", length="long long", low=Py_ssize_t, high=Py_ssize_t, drops="long long")
    cdef _packet_options(self, const unsigned char[::1] data, Py_ssize_t pos, Py_ssize_t end)
    cdef _other_block(self, const unsigned char[::1] data, Py_ssize_t pos, long long kind, long long length)
    @cython.locals(kind="long long", length="long long", blocks=int, big=bint)
    cdef int _begins_chain(self, const unsigned char[::1] data, Py_ssize_t pos, Py_ssize_t end) except -1
