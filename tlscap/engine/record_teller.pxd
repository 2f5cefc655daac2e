cimport cython
from tlscap.engine.events cimport Events
from tlscap.engine.facts cimport Side
from tlscap.engine.handshake cimport HandshakeReader
from tlscap.engine.session cimport Session

cdef long long _CCS, _ALERT, _HANDSHAKE, _DATA, _HEARTBEAT, _HIDDEN, _SERVER, _DECRYPTED, _MAX_SINGLE_DATA, _WAITING

cdef class RecordTeller:
    cdef public Session session
    cdef public long long direction
    cdef public Side side
    cdef public Events events
    cdef public HandshakeReader handshake
    cdef public object decryptor
    cdef public bint mid_stream, encrypted
    cdef public long long singles
    cdef renew_teller(self, Side side, bint mid_stream)
    @cython.locals(side=cython.longlong)
    cdef tell(self, long long kind, long long version, long long length, long long alert, bint opaque, long long ns, long long frame)
    @cython.locals(content=bytes, length=cython.longlong, side=cython.longlong)
    cpdef unseal(self, long long kind, long long version, bytes sealed, long long ns, long long frame)
    cdef _heartbeat(self, long long side, long long length, long long ns, long long frame)
    @cython.locals(side=Side)
    cdef remember_last(self, long long kind, long long length, long long ns, long long frame)
    @cython.locals(single=cython.bint, side=Side)
    cdef _data(self, long long length, long long ns, long long frame, long long sender)
