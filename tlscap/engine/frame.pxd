cimport cython

from tlscap.engine.cursor cimport Cursor
from tlscap.engine.links cimport ethernet_header, link_header, llc_header
from tlscap.engine.ppp cimport ppp_header, pppoe_header
from tlscap.engine.tunnels cimport gre_header, mpls_label, udp_tunnel
from tlscap.engine.wifi cimport wifi_header

cdef int _ETHERNET, _LLC, _PPP, _IP_BY_VERSION, _WIFI, _FOREIGN, _L2TP_DATA, _STOP, _NOTHING, _TCP, _UDP, _IPV4, _IPV6, _MIN_ETHERTYPE
cdef int _MAX_LAYERS, _VLAN, _QINQ, _IPIP, _SIX_IN_FOUR, _FOUR_IN_SIX, _SIX_IN_SIX, _NO_ID, _NO_TUNNEL, _L2TP_FRAME
cdef int _FRAGMENT, _NOT_IP, _TOO_DEEP, _TRUNCATED
cdef int _MALFORMED_LINK, _MALFORMED_IPV4, _MALFORMED_IPV6, _MALFORMED_TCP, _MALFORMED_UDP

cdef int _u16(Cursor c, size_t at) except -1 nogil
cdef long long _u32(Cursor c, size_t at) except -1 nogil
cdef long long _word(long long a, long long b, long long c, long long d) noexcept nogil
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
    cdef long long _linktype
    cdef long long _ts_ns
    cdef object _fragments
    cdef object _slow_path

    cpdef int decode(self, const unsigned char[::1] frame, long long linktype, long long wirelen, long long ts_ns) except -1
    cpdef load(self, const unsigned char[::1] buffer)
    @cython.locals(end="long long", following="int")
    cpdef int decode_span(self, long long start, long long captured, long long linktype, long long wirelen, long long ts_ns) except -1
    @cython.locals(_layer="int")
    cdef int _peel(self, int following) except -1 nogil
    cdef int _framed(self, int following) except -1 nogil
    cdef int _ethertype(self, int ethertype) except -1 nogil
    @cython.locals(ethertype="int")
    cdef int _vlan_tag(self, int kind) except -1 nogil
    @cython.locals(version="int")
    cdef int _ip_by_version(self) except -1 nogil
    @cython.locals(at="size_t", first="int", size="int", total="int", fragment="int", protocol="int")
    cdef int _ipv4_header(self) except -1 nogil
    @cython.locals(at="size_t", length="int", following="int")
    cdef int _ipv6_header(self) except -1 nogil
    cdef void _ends(self, size_t end) noexcept nogil
    cdef int _ip_protocol(self, int protocol) except -1 nogil
    @cython.locals(following="int")
    cdef int _extension_header(self, int base, int unit) except -1 nogil
    @cython.locals(start="size_t", following="int", option="size_t", end="size_t")
    cdef int _hop_by_hop_header(self) except -1 nogil
    @cython.locals(following="int", place="int", ident="long long")
    cdef int _fragment_header(self) except -1 nogil
    cdef int _fragment(self, long long ident, int protocol, int start, int more) except -1 with gil
    cdef int _foreign(self, long long kind) except -1 with gil
    @cython.locals(cut="size_t")
    cdef _replace(self, bytes found)
    @cython.locals(at="size_t", size="int", start="size_t")
    cdef int _tcp_header(self) except -1 nogil
    @cython.locals(at="size_t", length="int", following="int")
    cdef int _udp_header(self) except -1 nogil
