cdef long long _TLS_1_3, _DRAFTS, _FACEBOOK_DRAFTS, _FACEBOOK_DRAFTS_TOO, _DTLS

cpdef bint is_draft(long long version) noexcept
cpdef long long final_version(long long version) noexcept
