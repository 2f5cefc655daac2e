cimport cython

from tlscap.engine.cursor cimport Cursor

cdef int _LLC, _FRAGMENT, _MALFORMED_LINK, _ENCRYPTED, _WITHOUT_DATA

@cython.locals(control="int", flags="int", number="int", size="size_t")
cpdef int wifi_header(Cursor c) except -1 nogil
