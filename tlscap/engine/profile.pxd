from tlscap.engine.interned cimport Interned

cdef Interned _clients
cdef Interned _servers

cpdef object client_profile(bytes outline)
cpdef object server_profile(bytes outline)
