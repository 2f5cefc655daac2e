from cpython.bytearray cimport PyByteArray_AS_STRING, PyByteArray_FromStringAndSize, PyByteArray_GET_SIZE
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.string cimport memcpy, memset

cdef inline bytes copied(const unsigned char[::1] data, Py_ssize_t start, Py_ssize_t end):
    if start < 0 or end > data.shape[0]:
        raise IndexError(f"{start} to {end} of {data.shape[0]} bytes")
    if start >= end:
        return b""
    return PyBytes_FromStringAndSize(<const char*> &data[start], end - start)

cdef inline bytes part(bytes body, Py_ssize_t start, Py_ssize_t end):
    if body is None or start < 0:
        raise IndexError(f"{start} to {end}")
    if end > PyBytes_GET_SIZE(body):
        end = PyBytes_GET_SIZE(body)
    if start >= end:
        return b""
    return PyBytes_FromStringAndSize(PyBytes_AS_STRING(body) + start, end - start)

cdef inline bytearray blank(Py_ssize_t size):
    cdef bytearray cells
    if size < 0:
        raise IndexError(f"{size} bytes")
    cells = PyByteArray_FromStringAndSize(NULL, size)
    memset(PyByteArray_AS_STRING(cells), 0, size)
    return cells

cdef inline bytes head(bytearray cells, Py_ssize_t count):
    if cells is None or count < 0 or count > PyByteArray_GET_SIZE(cells):
        raise IndexError(f"{count} bytes are more than there are")
    return PyBytes_FromStringAndSize(PyByteArray_AS_STRING(cells), count)

cdef inline int put(bytearray cells, Py_ssize_t at, bytes body, Py_ssize_t start, Py_ssize_t count) except -1:
    if count <= 0:
        return 0
    if cells is None or body is None or at < 0 or at > PyByteArray_GET_SIZE(cells) - count or start < 0 or start > PyBytes_GET_SIZE(body) - count:
        raise IndexError(f"{count} bytes from {start} to {at}")
    memcpy(PyByteArray_AS_STRING(cells) + at, PyBytes_AS_STRING(body) + start, count)
    return 0

cdef inline bytes address(unsigned long long high, unsigned long long low, Py_ssize_t size):
    cdef char raw[16]
    cdef int i
    if size < 0 or size > 16:
        raise IndexError(f"{size} of 16 bytes")
    for i in range(8):
        raw[i] = <char> ((high >> (56 - 8 * i)) & 0xFF)
        raw[8 + i] = <char> ((low >> (56 - 8 * i)) & 0xFF)
    return PyBytes_FromStringAndSize(raw + 16 - size, size)
