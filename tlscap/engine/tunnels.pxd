cimport cython

from tlscap.engine.cursor cimport Cursor

cdef int _NO_TUNNEL, _ETHERNET, _L2TP_DATA, _IP_BY_VERSION, _PPP, _WIFI, _IPV6, _MPLS_FOLLOWS
cdef int _CAPWAP, _ERSPAN, _GENEVE, _GRE, _GTPU, _L2TP, _MPLS, _NO_ID, _PPTP, _TEREDO, _VXLAN
cdef int _FRAGMENT, _MALFORMED_LINK, _MALFORMED

@cython.locals(entry="int", nibble="int")
cpdef int mpls_label(Cursor c) except -1 nogil
@cython.locals(flags="int", ethertype="int", key="size_t", size="size_t")
cpdef int gre_header(Cursor c) except -1 nogil
cdef int _inside_gre(Cursor c, int ethertype, int flags) except -1 nogil
cdef int _erspan_2_header(Cursor c) except -1 nogil
@cython.locals(frame_type="int")
cdef int _erspan_3_header(Cursor c) except -1 nogil
cpdef int udp_tunnel(Cursor c, int src_port, int dst_port) except -1 nogil
@cython.locals(flags="int", protocol="int")
cdef int _vxlan_header(Cursor c) except -1 nogil
@cython.locals(lead="int", ethertype="int")
cdef int _geneve_header(Cursor c) except -1 nogil
@cython.locals(flags="int", extension="int", size="size_t")
cdef int _gtpu_header(Cursor c) except -1 nogil
@cython.locals(start="size_t")
cdef int _teredo_header(Cursor c) except -1 nogil
@cython.locals(size="size_t", lead="int")
cdef int _capwap_header(Cursor c) except -1 nogil
@cython.locals(flags="int")
cdef int _l2tp_header(Cursor c) except -1 nogil
