cimport cython
from tlscap cimport octets
from tlscap.engine cimport sniff
from tlscap.engine.buffer cimport Buffer
from tlscap.engine.facts cimport Side
from tlscap.engine.handshake cimport is_known_type
from tlscap.engine.record_teller cimport RecordTeller
from tlscap.engine.session cimport Session

cdef long long _SEARCHING, _READING, _LOST, _PLAIN, _HEADER, _MAX_RECORD
cdef long long _CCS, _ALERT, _HANDSHAKE, _HIDDEN, _GAP, _PLAIN_HEAD, _HEAD_ENOUGH, _HEAD_MOST, _OPENING, _HELLO_VERSION
cdef long long _NOTHING, _MORE, _TLS, _SSLV2_HELLO, _PROXY_HEADER
cdef long long _OPAQUE, _CLEAR, _TENTATIVE, _SEALED

@cython.final
cdef class RecordReader(RecordTeller):
    cdef public long long mode
    cdef public bint began_plain
    cdef public bytes head, opening, plain_head
    cdef public bytearray sealed
    cdef public long long kind, length, remaining, header_version, version, content, first, first_count
    cdef public long long foretold, foretold_version
    cpdef renew(self, Side side, bint mid_stream)
    cpdef feed(self, Buffer buffer, Py_ssize_t at, Py_ssize_t end, long long ns, long long frame)
    cpdef gap(self, long long missing, long long ns, long long frame)
    cpdef bint at_boundary(self) except? -1
    cpdef finish(self)
    cpdef let_go(self)
    @cython.locals(held=Py_ssize_t)
    cpdef Py_ssize_t held_bytes(self) except? -1
    @cython.locals(lost=Py_ssize_t, clear=Py_ssize_t)
    cpdef Py_ssize_t give_up(self, long long ns, long long frame) except? -1
    cpdef _keep_head(self, bytes head)
    cpdef _drop_sealed(self)
    @cython.locals(before=bytes, joined=Buffer, found=cython.longlong)
    cpdef _search(self, Buffer buffer, Py_ssize_t at, Py_ssize_t end, long long ns, long long frame)
    @cython.locals(data="const unsigned char[::1]", size=Py_ssize_t, at=Py_ssize_t, ahead=cython.longlong)
    cpdef _search_within(self, Buffer buffer, Py_ssize_t start, Py_ssize_t end, long long ns, long long frame)
    cpdef _start(self, Buffer buffer, Py_ssize_t at, Py_ssize_t end, long long ns, long long frame)
    @cython.locals(side=Side, room=Py_ssize_t)
    cpdef _plain(self, Buffer buffer, Py_ssize_t at, Py_ssize_t end)
    @cython.locals(length=Py_ssize_t)
    cpdef _proxy_header(self, Buffer buffer, Py_ssize_t at, Py_ssize_t end, long long ns, long long frame)
    @cython.locals(length=cython.longlong, side=Side)
    cpdef _sslv2(self, Buffer buffer, Py_ssize_t at, Py_ssize_t end, long long ns, long long frame)
    cpdef _sslv2_answer(self, Buffer buffer, Py_ssize_t at, long long ns, long long frame)
    @cython.locals(taken=Py_ssize_t)
    cpdef _read(self, Buffer buffer, Py_ssize_t at, Py_ssize_t end, long long ns, long long frame)
    @cython.locals(taken=Py_ssize_t, head=bytes)
    cpdef Py_ssize_t _header_in_pieces(self, Buffer buffer, Py_ssize_t at, Py_ssize_t end, long long ns, long long frame) except? -1
    cpdef bint _plausible(self) except? -1
    cpdef _stray(self, Buffer buffer, Py_ssize_t at, Py_ssize_t end, long long ns, long long frame)
    cpdef _note_stray(self, long long ns, long long frame)
    cpdef _lose(self, long long ns, long long frame)
    @cython.locals(at=Py_ssize_t)
    cpdef _find_again(self, Buffer buffer, Py_ssize_t start, Py_ssize_t end, long long ns, long long frame)
    cpdef _lose_content(self, long long missing, long long ns, long long frame)
    @cython.locals(known=cython.bint)
    cpdef _open(self)
    @cython.locals(session=Session)
    cpdef Py_ssize_t _handshake_content(self) except? -1
    @cython.locals(i=Py_ssize_t)
    cpdef _content(self, Buffer buffer, Py_ssize_t at, Py_ssize_t end, long long ns, long long frame)
    @cython.locals(opening=bytes)
    cpdef _judge_opening(self, Buffer buffer, Py_ssize_t at, Py_ssize_t end, long long ns, long long frame)
    @cython.locals(sealed=bytes, known=cython.bint)
    cpdef _close(self, long long ns, long long frame)
    cpdef _lose_sealed(self)
