cpdef bytes community_digest(bytes a_ip, long a_port, bytes b_ip, long b_port, long protocol)
