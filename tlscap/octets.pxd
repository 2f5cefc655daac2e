cimport cython
from cpython.bytearray cimport PyByteArray_AS_STRING, PyByteArray_FromStringAndSize, PyByteArray_GET_SIZE
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.stdint cimport uint16_t, uint32_t
from libc.string cimport memcmp, memcpy, memset

cdef extern from "<arpa/inet.h>" nogil:
    uint16_t ntohs(uint16_t number)
    uint32_t ntohl(uint32_t number)

# Compilers make one load and one swap of it.
cdef inline unsigned long long _eight(const unsigned char *at) noexcept nogil:
    return (
        <unsigned long long> at[0] << 56 | <unsigned long long> at[1] << 48
        | <unsigned long long> at[2] << 40 | <unsigned long long> at[3] << 32
        | <unsigned long long> at[4] << 24 | <unsigned long long> at[5] << 16
        | <unsigned long long> at[6] << 8 | <unsigned long long> at[7]
    )

# Each reader compares once for all the bytes of its number, and copies those that it compared for.
cdef inline unsigned long long u16(const unsigned char[::1] data, Py_ssize_t at) noexcept nogil:
    cdef uint16_t number
    if at < 0 or at > data.shape[0] - 2:
        return 0
    with cython.boundscheck(False), cython.wraparound(False):
        memcpy(&number, &data[at], 2)
    return ntohs(number)

cdef inline unsigned long long u32(const unsigned char[::1] data, Py_ssize_t at) noexcept nogil:
    cdef uint32_t number
    if at < 0 or at > data.shape[0] - 4:
        return 0
    with cython.boundscheck(False), cython.wraparound(False):
        memcpy(&number, &data[at], 4)
    return ntohl(number)

cdef inline unsigned long long u64(const unsigned char[::1] data, Py_ssize_t at) noexcept nogil:
    cdef const unsigned char *first
    if at < 0 or at > data.shape[0] - 8:
        return 0
    with cython.boundscheck(False), cython.wraparound(False):
        first = &data[at]
    return _eight(first)

cdef inline unsigned long long word16(const unsigned char[::1] data, Py_ssize_t at, bint big) noexcept nogil:
    cdef unsigned long long number = u16(data, at)
    return number if big else (number >> 8 | (number & 0xFF) << 8)

cdef inline unsigned long long word32(const unsigned char[::1] data, Py_ssize_t at, bint big) noexcept nogil:
    cdef const unsigned char *first
    if at < 0 or at > data.shape[0] - 4:
        return 0
    with cython.boundscheck(False), cython.wraparound(False):
        first = &data[at]
    if big:
        return <uint32_t> first[0] << 24 | <uint32_t> first[1] << 16 | <uint32_t> first[2] << 8 | <uint32_t> first[3]
    return <uint32_t> first[3] << 24 | <uint32_t> first[2] << 16 | <uint32_t> first[1] << 8 | <uint32_t> first[0]

# The same of a message that was copied.
cdef inline unsigned long long u16_in(bytes body, Py_ssize_t at) noexcept:
    cdef uint16_t number
    if body is None or at < 0 or at > PyBytes_GET_SIZE(body) - 2:
        return 0
    memcpy(&number, PyBytes_AS_STRING(body) + at, 2)
    return ntohs(number)

cdef inline unsigned long long u64_in(bytes body, Py_ssize_t at) noexcept:
    if body is None or at < 0 or at > PyBytes_GET_SIZE(body) - 8:
        return 0
    return _eight(<const unsigned char *> PyBytes_AS_STRING(body) + at)

cdef inline bint same(bytes body, bytes other, Py_ssize_t start, Py_ssize_t end) noexcept:
    if body is None or other is None or start < 0 or end > PyBytes_GET_SIZE(body) or end > PyBytes_GET_SIZE(other):
        return False
    return start >= end or memcmp(PyBytes_AS_STRING(body) + start, PyBytes_AS_STRING(other) + start, end - start) == 0

cdef inline Py_ssize_t place_of(const long long[::1] words, Py_ssize_t start, Py_ssize_t end, long long word) noexcept nogil:
    cdef Py_ssize_t at
    if start < 0 or end > words.shape[0]:
        return -1
    with cython.boundscheck(False), cython.wraparound(False):
        for at in range(start, end):
            if words[at] == word:
                return at
    return -1

# Compilers make a call of a loop that moves words.
cdef inline bint push_of_four(long long[::1] words, Py_ssize_t start, long long word) noexcept nogil:
    if start < 0 or start > words.shape[0] - 4:
        return False
    with cython.boundscheck(False), cython.wraparound(False):
        words[start + 3] = words[start + 2]
        words[start + 2] = words[start + 1]
        words[start + 1] = words[start]
        words[start] = word
    return True

cdef inline bytearray blank(Py_ssize_t size):
    cdef bytearray cells
    if size < 0:
        raise IndexError(f"{size} bytes")
    cells = PyByteArray_FromStringAndSize(NULL, size)
    memset(PyByteArray_AS_STRING(cells), 0, size)
    return cells

cdef inline object words(Py_ssize_t count):
    return memoryview(blank(8 * count)).cast("q")

cdef inline int copy_words(long long[::1] target, Py_ssize_t at, const long long[::1] source, Py_ssize_t count) except -1:
    if count <= 0:
        return 0
    if at < 0 or at > target.shape[0] - count or count > source.shape[0]:
        raise IndexError(f"{count} words to {at}")
    with cython.boundscheck(False), cython.wraparound(False):
        memcpy(&target[at], &source[0], count * sizeof(long long))
    return 0

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

cdef inline bytes head(bytearray cells, Py_ssize_t count):
    if cells is None or count < 0 or count > PyByteArray_GET_SIZE(cells):
        raise IndexError(f"{count} bytes are more than there are")
    return PyBytes_FromStringAndSize(PyByteArray_AS_STRING(cells), count)

cdef inline bint begins_with(bytearray cells, bytes start, Py_ssize_t count) noexcept:
    if cells is None or start is None or count != PyBytes_GET_SIZE(start) or count > PyByteArray_GET_SIZE(cells):
        return False
    return memcmp(PyByteArray_AS_STRING(cells), PyBytes_AS_STRING(start), count) == 0

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
