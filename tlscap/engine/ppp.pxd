cimport cython

from tlscap.engine.cursor cimport Cursor
from tlscap.engine.links cimport hdlc_header

cdef int _PPP, _IPV4, _IPV6, _MPLS, _PPPOE, _MALFORMED_LINK, _NOT_IP

@cython.locals(lead="int", protocol="int")
cpdef int ppp_header(Cursor c) except -1 nogil
cpdef int pppoe_header(Cursor c) except -1 nogil
cdef int _carried(Cursor c, int protocol) except -1 nogil
