from cpython.bytes cimport PyBytes_FromStringAndSize

cdef inline bytes copied(const unsigned char[::1] data, Py_ssize_t start, Py_ssize_t end):
    if start < 0 or end > data.shape[0]:
        raise IndexError(f"{start} to {end} of {data.shape[0]} bytes")
    if start >= end:
        return b""
    return PyBytes_FromStringAndSize(<const char*> &data[start], end - start)
