cdef class Coverage:
    cdef public object capture
    cdef public long long packets, filtered, bytes, first_ns, last_ns
    cdef public dict link_types, undecoded, recognised
    cdef public long long kernel_dropped, cut_by_snaplen, oversize_frames, duplicates
    cdef public long long tcp_connections, tls_connections, under_way, open_at_end, one_sided, misdated, evicted, forgotten
    cdef public long long missing_bytes, relieved
    cdef public list damage, comments
