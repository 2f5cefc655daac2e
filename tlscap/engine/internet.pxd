cimport cython

from tlscap cimport octets
from tlscap.engine.cursor cimport Cursor
from tlscap.engine.tunnels cimport gre_header

cdef int _STOP, _IPV4, _IPV6, _IPIP, _SIX_IN_FOUR, _FOUR_IN_SIX, _SIX_IN_SIX, _NO_ID
cdef unsigned long long _LOW_WORD
cdef int _FRAGMENT, _NOT_IP, _TRUNCATED, _MALFORMED_IPV4, _MALFORMED_IPV6

cdef class Internet(Cursor):
    cdef public long long ip_version
    cdef public unsigned long long src_hi
    cdef public unsigned long long src_lo
    cdef public unsigned long long dst_hi
    cdef public unsigned long long dst_lo
    cdef public long long ttl
    cdef public long long ip_id
    cdef public long long ts_ns
    cdef public bint replaced
    cdef size_t _jumbo
    cdef object _fragments

    @cython.locals(version="int")
    cdef int ip_by_version(self) except -1 nogil
    @cython.locals(at="size_t", word=cython.ulonglong, size="int", total="int", fragment="int", protocol="int")
    cdef int ipv4_header(self) except -1 nogil
    @cython.locals(at="size_t", length="int", following="int")
    cdef int ipv6_header(self) except -1 nogil
    cdef int ip_protocol(self, int protocol) except -1 nogil
    cdef void ends(self, size_t end) noexcept nogil
    @cython.locals(cut="size_t")
    cdef replace(self, bytes found)
    @cython.locals(following="int")
    cdef int _extension_header(self, int base, int unit) except -1 nogil
    @cython.locals(start="size_t", following="int", option="size_t", end="size_t", high="size_t", low="size_t")
    cdef int _hop_by_hop_header(self) except -1 nogil
    @cython.locals(following="int", place="int", ident="long long")
    cdef int _fragment_header(self) except -1 nogil
    cdef int _fragment(self, long long ident, int protocol, int start, int more) except -1 with gil
