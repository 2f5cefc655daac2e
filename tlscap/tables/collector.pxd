cimport cython
from tlscap.engine.facts cimport Block
from tlscap.judge.verdict cimport Verdict
from tlscap.tables.certificate_rows cimport CertificateRows
from tlscap.tables.connection_rows cimport ConnectionRows
from tlscap.tables.form_rows cimport AlertForms, HandshakeForms, ProfileForms, VerdictForms
from tlscap.tables.nested_rows cimport AlertRows, AnomalyRows, HandshakeRows

cdef class Collector:
    cdef public VerdictForms verdicts
    cdef public ProfileForms profiles
    cdef public HandshakeForms handshake_forms
    cdef public AlertForms alert_forms
    cdef public ConnectionRows connections
    cdef public HandshakeRows handshakes
    cdef public AlertRows alerts
    cdef public AnomalyRows anomalies
    cdef public CertificateRows certificates
    @cython.locals(rows=list, first=int, i=Py_ssize_t)
    cpdef add(self, Block block, list verdicts)
