cimport cython
from tlscap cimport octets
from tlscap.capture.batch cimport Batch

cdef long long _MAX_PACKET, _MAX_WIRE, _QUIET_S, _RESYNC_S, _NS, _NEVER
cdef int _UNLIKELY, _LIKELY, _MORE

@cython.final
cdef class PcapScanner:
    cdef public bint big
    cdef public long long unit_ns
    cdef public Py_ssize_t header
    cdef public long long linktype
    cdef public long long frame_base
    cdef public bint final
    cdef public Py_ssize_t need
    cdef public bint damaged
    cdef public long long packets
    cdef public long long size
    cdef public long long cut
    cdef public long long first_ns
    cdef public long long last_ns
    cdef public Py_ssize_t last_caplen
    cdef long long _last_s
    @cython.locals(
        data="const unsigned char[::1]", ts_ns="long long[::1]", starts="long long[::1]", caplens="long long[::1]",
        wirelens="long long[::1]", linktypes="long long[::1]", frames="long long[::1]",
        i=size_t, capacity=size_t, header=Py_ssize_t, big=bint, unit="long long", units="long long",
        linktype="long long", frame="long long", second="long long", fraction="long long", caplen="long long",
        wirelen="long long", ns="long long", last_s="long long", apart="long long", first_ns="long long",
        last_ns="long long", size="long long", cut="long long", verdict=int)
    cpdef Py_ssize_t scan(self, Batch batch, Py_ssize_t pos, Py_ssize_t end) except -1
    cpdef Py_ssize_t resync(self, const unsigned char[::1] data, Py_ssize_t pos, Py_ssize_t end) except -1
    @cython.locals(more=int, caplen="long long")
    cdef int _odd_but_real(self, const unsigned char[::1] data, Py_ssize_t pos, Py_ssize_t end) except -1
    @cython.locals(headers=int)
    cdef int _begins_chain(self, const unsigned char[::1] data, Py_ssize_t pos, Py_ssize_t end) except -1
    @cython.locals(caplen="long long", apart="long long")
    cdef bint _plausible(self, const unsigned char[::1] data, Py_ssize_t pos) except -1
