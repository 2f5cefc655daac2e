cdef class Held:
    cdef public long long bytes, peak
    cpdef note_peak(self)
