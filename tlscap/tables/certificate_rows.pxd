cimport cython
from tlscap.engine.facts cimport Facts

cdef class CertificateRows:
    cdef public dict of_servers, of_clients
    cpdef int add(self, Facts facts) except -1

@cython.locals(known=list)
cdef _count(dict chains, tuple chain, long long count, long long first_frame)
