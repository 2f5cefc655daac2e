cimport cython

from tlscap.engine.outline cimport is_grease

cdef Py_ssize_t _MAX_COUNT
cdef dict _JA4_VERSIONS

cpdef str ja3_string(long long legacy_version, tuple ciphers, tuple extensions, tuple groups, tuple point_formats)
cpdef str ja3s_string(long long legacy_version, long long cipher, tuple extensions)
cpdef str md5_hex(str text)
cpdef tuple ja4_and_raw(str transport, long long version, tuple ciphers, tuple extensions,
                        tuple signature_algorithms, bytes first_alpn)
cdef list _without_grease(tuple values)
