cpdef bytes community_digest(bytes a_ip, long a_port, bytes b_ip, long b_port, long protocol)
cdef bytes _tail(long protocol, long a_port, long b_port)
