cimport cython
from tlscap.engine.events cimport Events
from tlscap.engine.server_hello cimport ServerHello
from tlscap.judge.landmarks cimport Landmarks

cdef long long APPLICATION_DATA, CLIENT, HANDSHAKE, SERVER, END_OF_EARLY_DATA, ALERT_BYTES, END_OF_EARLY_DATA_BYTES, FINISHED_HEADER, PADDING, TLS13_OVERHEAD, TLS13_OVERHEAD_CCM_8
cdef Py_ssize_t NEVER
cdef long long _CCM_8_SUITE, _SHA384_SUITE

cdef class Flights:
    cdef public long long overhead, finished_length, alert_length
    cdef public Py_ssize_t server_finished, client_finished, later_finished, client_first
    cdef public list client_lengths
    cdef public bint end_of_early_data, merged, client_reads, server_reads, is_known
    cdef public long long early_records, server_records, client_padding, server_padding
    cdef Py_ssize_t _padded_finished, _padded_count
    cpdef bint is_alert(self, long long side, long long length) except? -1
    @cython.locals(cipher=cython.longlong)
    cdef int _measure(self, ServerHello hello) except -1
    @cython.locals(events=Events, i=Py_ssize_t)
    cpdef _read(self, Landmarks marks)
    @cython.locals(events=Events, kind=cython.longlong)
    cdef _decrypted(self, Landmarks marks, Py_ssize_t i)
    cpdef _server_record(self, Py_ssize_t i, long long length)
    cpdef _client_record(self, Py_ssize_t i, long long length)
    cpdef _take_first_record(self, Landmarks marks)

cpdef long long overhead_of(long long cipher) except? -1
cpdef long long finished_record(long long cipher) except? -1
