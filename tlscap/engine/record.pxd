cimport cython
from tlscap.engine.events cimport Events
from tlscap.engine.facts cimport Side
from tlscap.engine.handshake cimport HandshakeReader, Session

cdef long long _SEARCHING, _READING, _LOST, _PLAIN, _HEADER, _MAX_RECORD
cdef long long _CCS, _ALERT, _HANDSHAKE, _DATA, _HEARTBEAT, _HIDDEN, _GAP, _SERVER, _DECRYPTED
cdef long long _MAX_SINGLE_DATA, _PLAIN_HEAD, _HEAD_ENOUGH, _HEAD_MOST, _OPENING, _HELLO_VERSION
cdef long long _OPAQUE, _CLEAR, _TENTATIVE, _SEALED, _WAITING

cdef class RecordReader:
    cdef public Session session
    cdef public long long direction
    cdef public Side side
    cdef public Events events
    cdef public HandshakeReader handshake
    cdef public long long mode
    cdef public bint mid_stream, began_plain
    cdef public object head, opening, sealed, decryptor
    cdef public bytes plain_head
    cdef public long long kind, length, remaining, header_version, version, content, first, first_count
    cdef public long long foretold, foretold_version
    cdef public bint encrypted
    cdef public long long singles
    cpdef feed(self, const unsigned char[::1] data, long long ns, long long frame)
    cpdef gap(self, long long missing, long long ns, long long frame)
    cpdef bint at_boundary(self) except? -1
    cpdef finish(self)
    @cython.locals(before=bytes, joined="const unsigned char[::1]")
    cpdef _search(self, const unsigned char[::1] data, long long ns, long long frame)
    @cython.locals(size=Py_ssize_t, at=Py_ssize_t, ahead=cython.longlong)
    cpdef _search_within(self, const unsigned char[::1] data, long long ns, long long frame)
    cpdef _start(self, const unsigned char[::1] data, long long ns, long long frame)
    cpdef _plain(self, const unsigned char[::1] data)
    cpdef _proxy_header(self, const unsigned char[::1] data, long long ns, long long frame)
    @cython.locals(length=cython.longlong)
    cpdef _sslv2(self, const unsigned char[::1] data, long long ns, long long frame)
    cpdef _sslv2_answer(self, const unsigned char[::1] data, long long ns, long long frame)
    @cython.locals(at=Py_ssize_t, end=Py_ssize_t, taken=Py_ssize_t)
    cpdef _read(self, const unsigned char[::1] data, long long ns, long long frame)
    @cython.locals(taken=Py_ssize_t, head=bytes)
    cpdef Py_ssize_t _header_in_pieces(self, const unsigned char[::1] data, Py_ssize_t at, long long ns, long long frame) except? -1
    cpdef bint _plausible(self) except? -1
    cpdef _stray(self, const unsigned char[::1] data, long long ns, long long frame)
    cpdef _note_stray(self, long long ns, long long frame)
    cpdef _lose(self, long long ns, long long frame)
    @cython.locals(at=Py_ssize_t)
    cpdef _find_again(self, const unsigned char[::1] data, long long ns, long long frame)
    cpdef _lose_content(self, long long missing, long long ns, long long frame)
    @cython.locals(known=cython.bint)
    cpdef _open(self)
    cpdef long long _handshake_content(self) except? -1
    @cython.locals(i=Py_ssize_t)
    cpdef _content(self, const unsigned char[::1] data, long long ns, long long frame)
    cpdef _judge_opening(self, const unsigned char[::1] data, long long ns, long long frame)
    @cython.locals(sealed=bytes, known=cython.bint)
    cpdef _close(self, long long ns, long long frame)
    @cython.locals(side=cython.longlong)
    cpdef _add(self, long long kind, long long length, long long alert, bint opaque, long long ns, long long frame)
    @cython.locals(content=bytes, length=cython.longlong, side=cython.longlong)
    cpdef unseal(self, long long kind, long long version, bytes sealed, long long ns, long long frame)
    cpdef _lose_sealed(self)
    cpdef _heartbeat(self, long long side, long long length, long long ns, long long frame)
    cpdef _close_facts(self, long long kind, long long length, long long ns, long long frame)
    @cython.locals(single=cython.bint)
    cpdef _data(self, long long length, long long ns, long long frame, long long sender)
