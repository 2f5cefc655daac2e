cimport cython
from tlscap.engine.client_hello cimport ClientHello
from tlscap.engine.events cimport Events
from tlscap.engine.profile cimport ClientProfile
from tlscap.engine.server_hello cimport ServerHello

@cython.final
cdef class Side:
    cdef public object ip
    cdef public long long port
    cdef public long long packets, bytes, retransmitted, out_of_order, missing_bytes, cut_bytes, behind_acknowledgment
    cdef public long long first_ns, last_ns, syn_ns, syn_frame, fin_ns, fin_frame, rst_ns, rst_frame
    cdef public long long ttl_low, ttl_high, rst_ttl
    cdef public bint fin_missing, rst_in_window, unseen_before_rst
    cdef public long long packets_after_rst
    cdef public long long payload_ns, payload_frame
    cdef public long long unacked_bytes, retransmissions_unanswered, unanswered_since_ns, unanswered_ns, unanswered_frame
    cdef public long long records, data_records, data_bytes, data_ns, data_frame
    cdef public long long data_ns_before, data_frame_before
    cdef public long long last_record_kind, last_record_length, last_record_ns, last_record_frame
    cdef public bint record_unfinished
    cdef public bint acknowledged
    cdef public long long plain_bytes
    cdef public object certificates
    cdef public long long certificate_length

@cython.final
cdef class Facts:
    cdef public Side client, server
    cdef public Events events
    cdef public long long roles, end, transport
    cdef public long long first_frame, last_frame, start_ns, end_ns, until_ns, rtt_ns
    cdef public object tunnel, preamble, proxied_client_ip
    cdef public long long proxied_client_port, duplicates
    cdef public ClientHello client_hello
    cdef public ServerHello hello_retry, server_hello
    cdef public ClientProfile first_profile
    cdef public long long hello_ns, hello_frame, record_version, key_exchange_group
    cdef public bint early_data_offered, went_back
    cdef public object ticket_issued
    cdef public long long ticket_length, ticket_lifetime_s
    cdef public tuple tickets, later_chains, anomalies
    cdef public long long anomalies_cut
    cpdef bint is_turned(self) except -1
    cpdef note(self, long long ns, long long frame, kind, detail)

@cython.final
cdef class Block:
    cdef public list rows
