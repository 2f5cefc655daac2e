cimport cython

cdef unsigned long long _OFFSET, _PRIME, _MASK, _POSITIVE

@cython.locals(number="unsigned long long", byte="unsigned char")
cpdef long long session_key(bytes identifier) except? -1
