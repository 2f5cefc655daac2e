cimport cython

from tlscap.engine.cursor cimport Cursor
from tlscap.engine.links cimport ethernet_header, link_header, llc_header

cdef long long _STOP, _ETHERNET, _LLC, _IP_BY_VERSION, _NOTHING, _TCP, _UDP, _IPV4, _IPV6, _MAX_LAYERS, _VLAN, _QINQ
cdef long long _FRAGMENT, _MALFORMED_IPV4, _MALFORMED_IPV6, _MALFORMED_LINK, _MALFORMED_TCP, _MALFORMED_UDP
cdef long long _NOT_IP, _TOO_DEEP, _TRUNCATED

cdef int _u16(Cursor c, size_t at) except -1 nogil
cdef long long _word(long long a, long long b, long long c, long long d) noexcept nogil
cdef long long _u32(Cursor c, size_t at) except -1 nogil
@cython.locals(high=cython.ulonglong, low=cython.ulonglong)
cdef unsigned long long _u64(Cursor c, size_t at) except? 0xDEAD nogil

@cython.final
cdef class Decoder(Cursor):
    cdef public long long ip_version
    cdef public unsigned long long src_hi
    cdef public unsigned long long src_lo
    cdef public unsigned long long dst_hi
    cdef public unsigned long long dst_lo
    cdef public long long src_port
    cdef public long long dst_port
    cdef public long long ttl
    cdef public long long ip_id
    cdef public long long seq
    cdef public long long ack
    cdef public long long flags
    cdef public long long window
    cdef public long long payload_start
    cdef public long long payload_end
    cdef public long long payload_wire
    cdef size_t _jumbo
    cdef bint _put_together
    cdef const unsigned char[::1] _buffer

    cpdef int decode(self, const unsigned char[::1] frame, long long linktype, long long wirelen, long long ts_ns) except -1
    cpdef load(self, const unsigned char[::1] buffer)
    @cython.locals(end="long long", following="long long")
    cpdef int decode_span(self, long long start, long long captured, long long linktype, long long wirelen, long long ts_ns) except -1
    @cython.locals(_layer="long long")
    cdef int _peel(self, long long following) except -1
    cdef int _ethertype(self, long long ethertype) except -1
    @cython.locals(ethertype="long long")
    cdef int _vlan_tag(self, long long kind) except -1
    @cython.locals(version="long long")
    cdef int _ip_by_version(self) except -1
    @cython.locals(at="size_t", first="long long", size="long long", total="long long", fragment="long long", protocol="long long")
    cdef int _ipv4_header(self) except -1 nogil
    @cython.locals(at="size_t", length="long long", following="long long")
    cdef int _ipv6_header(self) except -1 nogil
    cdef void _ends(self, size_t end) noexcept nogil
    cdef int _ip_protocol(self, long long protocol) except -1
    @cython.locals(following="long long")
    cdef int _extension_header(self, long long base, long long unit) except -1 nogil
    @cython.locals(start="size_t", following="long long", option="size_t", end="size_t")
    cdef int _hop_by_hop_header(self) except -1 nogil
    @cython.locals(following="long long")
    cdef int _fragment_header(self) except -1 nogil
    @cython.locals(at="size_t", size="long long", start="size_t")
    cdef int _tcp_header(self) except -1 nogil
    @cython.locals(at="size_t", length="long long")
    cdef int _udp_header(self) except -1 nogil
