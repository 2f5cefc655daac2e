cpdef bint is_record(const unsigned char[::1] data, long long on_wire) except? -1
cpdef bint is_hidden_record(const unsigned char[::1] data) except? -1
cpdef bint starts_association(const unsigned char[::1] data) except? -1
