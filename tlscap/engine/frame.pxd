cimport cython

from tlscap cimport octets
from tlscap.engine.internet cimport Internet
from tlscap.engine.links cimport ethernet_header, link_header, llc_header, metadata_header, service_tag, vlan_tag, vn_tag
from tlscap.engine.ppp cimport ppp_header, pppoe_header
from tlscap.engine.tunnels cimport mpls_label, udp_tunnel
from tlscap.engine.wifi cimport wifi_header

cdef int _ETHERNET, _LLC, _PPP, _IP_BY_VERSION, _WIFI, _L2TP_DATA, _L2TP_FRAME, _STOP, _NO_TUNNEL
cdef int _NOTHING, _TCP, _UDP, _IPV4, _IPV6, _MIN_ETHERTYPE, _MAX_LAYERS, _VLAN, _QINQ
cdef unsigned long long _LOW_WORD
cdef int _NOT_IP, _TOO_DEEP, _TRUNCATED, _MALFORMED_TCP, _MALFORMED_UDP

@cython.final
cdef class Decoder(Internet):
    cdef public long long src_port
    cdef public long long dst_port
    cdef public long long seq
    cdef public long long ack
    cdef public long long flags
    cdef public long long window
    cdef public long long payload_start
    cdef public long long payload_end
    cdef public long long payload_wire
    cdef const unsigned char[::1] _buffer
    cdef long long _linktype
    cdef object _slow_path

    cpdef int decode(self, const unsigned char[::1] frame, long long linktype, long long wirelen, long long ts_ns) except -1
    cpdef load(self, const unsigned char[::1] buffer)
    @cython.locals(end="long long", following="int")
    cpdef int decode_span(self, long long start, long long captured, long long linktype, long long wirelen, long long ts_ns) except -1
    @cython.locals(_layer="int")
    cdef int _peel(self, int following) except -1 nogil
    cdef int _framed(self, int following) except -1 nogil
    cdef int _ethertype(self, int ethertype) except -1 nogil
    cdef int _foreign(self, long long kind) except -1 with gil
    @cython.locals(at="size_t", word=cython.ulonglong, size="int", start="size_t")
    cdef int _tcp_header(self) except -1 nogil
    @cython.locals(at="size_t", length="int", following="int")
    cdef int _udp_header(self) except -1 nogil
