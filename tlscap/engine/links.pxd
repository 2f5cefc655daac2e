cimport cython

from tlscap.engine.cursor cimport Cursor

cdef int _ETHERNET, _FOREIGN, _LLC, _PPP, _WIFI, _IP_BY_VERSION, _PPPOE, _MIN_ETHERTYPE
cdef int _MALFORMED_LINK, _NULL_FAMILY, _NOT_IP
cdef int _NO_ID, _PBB, _SGT, _VNTAG

cpdef int link_header(Cursor c, long long linktype) except -1 nogil
cpdef int ethernet_header(Cursor c) except -1 nogil
@cython.locals(ethertype="int")
cpdef int behind_ethertype(Cursor c, size_t offset) except -1 nogil
cpdef int vlan_tag(Cursor c, int kind) except -1 nogil
@cython.locals(size="size_t")
cpdef int metadata_header(Cursor c) except -1 nogil
cpdef int vn_tag(Cursor c) except -1 nogil
cpdef int service_tag(Cursor c) except -1 nogil
@cython.locals(ethertype="int")
cpdef int llc_header(Cursor c) except -1 nogil
@cython.locals(ethertype="int")
cpdef int hdlc_header(Cursor c) except -1 nogil
@cython.locals(ethertype="int")
cdef int _cooked_header(Cursor c, size_t size, size_t protocol) except -1 nogil
@cython.locals(family="long long")
cdef int _loopback_header(Cursor c) except -1 nogil
@cython.locals(size="size_t")
cdef int _radiotap_header(Cursor c) except -1 nogil
@cython.locals(size="size_t")
cdef int _nflog_header(Cursor c) except -1 nogil
@cython.locals(size="size_t", linktype="long long")
cdef int _pktap_header(Cursor c) except -1 nogil
