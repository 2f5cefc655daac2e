"""Whether bytes are the start of TLS: by content, on any port, also behind plaintext or in mid-stream.

Noise that looks like a record header is one in a hundred million; what is asked for here beyond the
header (a hello inside, or a record that ends where the packet ends) makes it rarer still.
"""

from __future__ import annotations

from tlscap.engine.limits import MAX_RECORD

NOTHING, MORE, TLS, SSLV2_HELLO, PROXY_HEADER = 0, 1, 2, 3, 4
"""No TLS starts here; too few bytes to tell; a record; an SSLv2-format hello; a PROXY protocol header."""

PROXY_V2_SIGNATURE = b"\r\n\r\n\x00\r\nQUIT\n"
"""The PROXY protocol, version 2, section 2.2."""

PROXY_V1_MOST = 107
"""The longest version 1 header (section 2.1), its line end included."""

_NOTHING = NOTHING
_MORE = MORE
_TLS = TLS
_SSLV2_HELLO = SSLV2_HELLO
_PROXY_HEADER = PROXY_HEADER
_MAX_RECORD = MAX_RECORD
_HEADER = 5
_ALERT = 7  # a record with an alert that is not encrypted
_HELLO_PREFIX = 11  # record header, handshake header, legacy_version
_V2 = PROXY_V2_SIGNATURE
_V1 = b"PROXY "


def start_of_tls(data: memoryview, mid_stream: bool, expected: bool) -> int:
    """What begins at the start of `data`, what one packet brought.

    `mid_stream`: the stream's start was not captured, so records without a hello will do.
    `expected`: the other direction already speaks TLS, so any record will do.
    """
    size = len(data)
    if size == 0:
        return _MORE
    first = data[0]
    if first == 0x16:
        found = _hello(data, size)
        if found != _NOTHING:
            return found
    elif first & 0x80 and not mid_stream:
        found = _sslv2_hello(data, size)
        if found != _NOTHING:
            return found
    elif first == 0x50 or first == 0x0D:
        found = _proxy(data, size)
        if found != _NOTHING:
            return found
    elif first == 0x15 and _alert_in_place_of_hello(data, size):
        return _TLS
    if first < 20 or first > 24:
        return _NOTHING
    if expected:
        return _expected_record(data, size)
    if mid_stream and (records_in_line(data, 0) or _message_fills_record(data, size)):
        return _TLS
    return _TLS if _change_before_records(data, size) else _NOTHING


def next_record(data: memoryview, version: int) -> int:
    """The offset in `data` of the next plausible record boundary, or -1.

    `version` is that of the records before (0 if none was seen); later ones have the same. A record that
    goes on beyond the packet is taken for one only where the packet begins with it.
    """
    for at in range(len(data) - _HEADER + 1):
        if is_header(data, at) and (version == 0 or version == ((data[at + 1] << 8) | data[at + 2])):
            if (at == 0 and version != 0) or records_in_line(data, at):
                return at
    return -1


def data_record(data: memoryview, start: int) -> int:
    """The offset, `start` or later, of what can be the header of an application data record, or -1."""
    for at in range(start, len(data) - _HEADER + 1):
        if data[at] == 0x17 and data[at + 2] > 0 and is_header(data, at):
            return at
    return -1


def records_in_line(data: memoryview, at: int) -> bool:
    """Whether records follow one another from `at` to the end of `data`: two headers, or one exact end."""
    size = len(data)
    headers = 0
    while at + _HEADER <= size:
        if not is_header(data, at):
            return False
        headers += 1
        at += _HEADER + ((data[at + 3] << 8) | data[at + 4])
    return at == size or headers >= 2


def is_header(data: memoryview, at: int) -> bool:
    """Whether the five bytes at `at` can be a record header of SSLv3 to TLS 1.3."""
    kind = data[at]
    if kind < 20 or kind > 24 or data[at + 1] != 3 or data[at + 2] > 4:
        return False
    length = (data[at + 3] << 8) | data[at + 4]
    return 0 < length <= _MAX_RECORD


def proxy_header_length(data: memoryview) -> int:
    """The length of the PROXY protocol header at the start of `data`, which is whole (see `start_of_tls`)."""
    if data[0] == 0x0D:
        return 16 + ((data[14] << 8) | data[15])
    at = 0
    while data[at] != 0x0A:
        at += 1
    return at + 1


def _hello(data: memoryview, size: int) -> int:
    """A handshake record that begins with a ClientHello or a ServerHello."""
    if size >= 2 and data[1] != 3:
        return _NOTHING
    if size >= 3 and data[2] > 4:
        return _NOTHING
    if size < 6:
        return _MORE
    length = (data[3] << 8) | data[4]
    if data[5] < 1 or data[5] > 2 or length == 0 or length > _MAX_RECORD:
        return _NOTHING
    if length < _HELLO_PREFIX - _HEADER:
        return _small_record(data, size, _HEADER + length)
    if size < _HELLO_PREFIX:
        return _MORE
    if data[6] != 0:  # no hello is 65,536 bytes long
        return _NOTHING
    major = data[9]
    return _TLS if major == 3 or major == 0x7F or major == 0xFB else _NOTHING


def _small_record(data: memoryview, size: int, end: int) -> int:
    """A hello in records of a few bytes, of which the first ends at `end`; who hides from filters does that."""
    if size < end + 2:
        return _MORE
    return _TLS if data[end] == 0x16 and data[end + 1] == 3 else _NOTHING


def _alert_in_place_of_hello(data: memoryview, size: int) -> bool:
    """A clear alert with which a server begins: alone when it refuses, as a warning in front of its hello."""
    if size < _ALERT or data[1] != 3 or data[2] > 4 or data[3] != 0 or data[4] != 2 or data[5] < 1 or data[5] > 2:
        return False
    return size == _ALERT or (data[_ALERT] == 0x16 and _hello(data[_ALERT:], size - _ALERT) != _NOTHING)


def _sslv2_hello(data: memoryview, size: int) -> int:
    """An SSLv2 record with a CLIENT-HELLO that offers SSLv2, SSLv3 or TLS (RFC 5246 §E.2)."""
    if size >= 3 and data[2] != 1:
        return _NOTHING
    if size < _HELLO_PREFIX:
        return _MORE if size >= 3 or data[0] < 0x84 else _NOTHING
    version = (data[3] << 8) | data[4]
    if version != 0x0002 and (version < 0x0300 or version > 0x0304):
        return _NOTHING
    length = ((data[0] & 0x7F) << 8) | data[1]
    ciphers = (data[5] << 8) | data[6]
    session_id = (data[7] << 8) | data[8]
    challenge = (data[9] << 8) | data[10]
    if ciphers == 0 or ciphers % 3 != 0 or challenge < 8 or challenge > 32:
        return _NOTHING
    return _SSLV2_HELLO if length == 9 + ciphers + session_id + challenge else _NOTHING


def _proxy(data: memoryview, size: int) -> int:
    """A PROXY protocol header, version 1 or 2, whole."""
    if data[0] == 0x0D:
        for i in range(min(size, len(_V2))):
            if data[i] != _V2[i]:
                return _NOTHING
        if size < 16:
            return _MORE
        return _PROXY_HEADER if size >= 16 + ((data[14] << 8) | data[15]) else _MORE
    for i in range(min(size, len(_V1))):
        if data[i] != _V1[i]:
            return _NOTHING
    for i in range(min(size, PROXY_V1_MOST)):
        if data[i] == 0x0A:
            return _PROXY_HEADER
    return _MORE if size < PROXY_V1_MOST else _NOTHING


def _change_before_records(data: memoryview, size: int) -> bool:
    """A ChangeCipherSpec and more records: a subflow of MPTCP (RFC 8684) that began in the middle of a handshake."""
    whole = size > _HEADER + 1 and data[0] == 0x14 and data[3] == 0 and data[4] == 1 and data[5] == 1
    return whole and records_in_line(data, 0)


def _message_fills_record(data: memoryview, size: int) -> bool:
    """A handshake record, whose end another packet brings, with one clear message that is just as long."""
    if size < _HEADER + 4 or data[0] != 0x16 or not is_header(data, 0):
        return False
    if data[5] not in (4, 11, 12, 13, 15, 16, 22):  # messages that may be long, other than hellos
        return False
    return (data[6] << 16) | (data[7] << 8) | data[8] == ((data[3] << 8) | data[4]) - 4


def _expected_record(data: memoryview, size: int) -> int:
    if size < _HEADER:
        return _MORE
    return _TLS if is_header(data, 0) else _NOTHING
