cimport cython

from tlscap.engine.cursor cimport Cursor

cdef long long _STOP, _ETHERNET, _LLC, _IP_BY_VERSION, _MIN_ETHERTYPE, _MALFORMED_LINK, _NULL_FAMILY, _NOT_IP

cpdef long long link_header(Cursor c, long long linktype) except -1
@cython.locals(ethertype="long long")
cpdef long long ethernet_header(Cursor c) except -1 nogil
@cython.locals(ethertype="long long")
cpdef long long llc_header(Cursor c) except -1 nogil
@cython.locals(ethertype="long long")
cdef long long _cooked_header(Cursor c, long long size, long long protocol, long long hardware) except -1 nogil
@cython.locals(family="long long")
cdef long long _loopback_header(Cursor c) except -1 nogil
