cimport cython

cdef Py_ssize_t _MAX_WORDS

cdef class Word:
    cdef public str letter
    cdef Word _before, _latest
    cdef dict _known
    cdef str _text
    @cython.locals(latest=Word)
    cpdef Word followed_by(self, str letter)
    @cython.locals(letters=list, word=Word)
    cpdef str text(self)

cdef class Words:
    cdef public Py_ssize_t count
    cdef Word _empty
    cpdef Word empty(self)

cdef Words _words

cpdef Word empty_word()
