"""The ServerHello, also as HelloRetryRequest, as it was on the wire (RFC 8446 §4.1.3, RFC 5246 §7.4.1.3)."""

from __future__ import annotations

from tlscap import octets
from tlscap.engine.alike import NO_EXTENSION, Alike, Model
from tlscap.engine.fields import block_end, renegotiated_connection_length
from tlscap.engine.outline import Outline
from tlscap.engine.profile import ServerProfile, server_profile
from tlscap.engine.versions import final_version

MAX_EXTENSIONS = 64
"""Extensions read of one hello; a server may only answer those that the client sent, usually 2 to 6."""

_MAX_EXTENSIONS = MAX_EXTENSIONS
_RANDOM = 32
_STATUS_REQUEST, _HEARTBEAT, _ALPN, _ENCRYPT_THEN_MAC, _EXTENDED_MASTER_SECRET = 5, 15, 16, 22, 23
_SESSION_TICKET, _PRE_SHARED_KEY, _SUPPORTED_VERSIONS, _KEY_SHARE = 35, 41, 43, 51
_KEY_SHARE_DRAFT = 40  # key_share up to draft 22 of TLS 1.3; reserved since
_NPN, _RENEGOTIATION_INFO = 0x3374, 0xFF01

_NO_EXTENSION = NO_EXTENSION
_LEAD = ord("t")
_DRAFTS = 0x7F  # high byte of the drafts of TLS 1.3
_FIRST_DRAFT_WITH_RETRY_CIPHER = 0x7F13  # draft 19
_LAST_SHORT_DRAFT = 0x7F15  # draft 21: the last whose ServerHello has no session id and no compression method
_TLS_1_3 = 0x0304  # of a ServerHello itself only in drafts: since draft 22 it says 0x0303 (RFC 8446 §4.1.3)

_HELLO_RETRY_RANDOM = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")
_SENTINEL = int.from_bytes(b"DOWNGRD")
_DOWNGRADES = {1: "TLSv1.2", 0: "TLSv1.1"}

_alike = Alike()


class ServerHello:
    """One ServerHello or HelloRetryRequest. Lengths are -1 where there is no such extension."""

    __slots__ = (
        "alpn",
        "cipher",
        "compression",
        "downgrade",
        "encrypt_then_mac",
        "extended_master_secret",
        "extensions",
        "heartbeat",
        "hello_retry",
        "key_share_group",
        "legacy_version",
        "malformed",
        "npn",
        "profile",
        "random",
        "raw_version",
        "renegotiation_info",
        "renegotiation_info_length",
        "selected_psk",
        "session_id",
        "session_ticket",
        "status_request",
        "version",
    )

    def __init__(self) -> None:
        self.legacy_version = 0
        self.version = 0  # the selected one, 0x0304 for drafts of TLS 1.3
        self.raw_version = 0  # the selected one as on the wire
        self.random = b""
        self.session_id = b""
        self.cipher = 0
        self.compression = 0
        self.hello_retry = False
        self.selected_psk = -1
        self.key_share_group = 0
        self.alpn: str | None = None
        self.renegotiation_info = False
        self.renegotiation_info_length = -1
        self.extended_master_secret = False
        self.encrypt_then_mac = False
        self.session_ticket = False
        self.npn = False
        self.heartbeat = False
        self.status_request = False
        self.extensions: tuple[int, ...] = ()  # types in wire order
        self.downgrade = ""  # TLSv1.2 or TLSv1.1: RFC 8446 §4.1.3, what the server could not go above
        self.malformed = ""
        self.profile = _NOTHING

    @property
    def ja3s(self) -> str:
        """MD5 in hex; "" for what has not the fields of a ServerHello: SSL 2.0, a retry of an early draft."""
        return "" if self.profile is _NOTHING else self.profile.ja3s

    def again(self) -> ServerHello:
        """A hello that says the same, without random and session id."""
        hello = ServerHello.__new__(ServerHello)
        hello.legacy_version = self.legacy_version
        hello.version = self.version
        hello.raw_version = self.raw_version
        hello.random = b""
        hello.session_id = b""
        hello.cipher = self.cipher
        hello.compression = self.compression
        hello.hello_retry = False
        hello.selected_psk = self.selected_psk
        hello.key_share_group = self.key_share_group
        hello.alpn = self.alpn
        hello.renegotiation_info = self.renegotiation_info
        hello.renegotiation_info_length = self.renegotiation_info_length
        hello.extended_master_secret = self.extended_master_secret
        hello.encrypt_then_mac = self.encrypt_then_mac
        hello.session_ticket = self.session_ticket
        hello.npn = self.npn
        hello.heartbeat = self.heartbeat
        hello.status_request = self.status_request
        hello.extensions = self.extensions
        hello.downgrade = ""
        hello.malformed = self.malformed
        hello.profile = self.profile
        return hello

    def note(self, sentence: str) -> None:
        """Says what is wrong, unless something was wrong before: the rest may follow from it."""
        if not self.malformed:
            self.malformed = sentence


def parse_server_hello(message: memoryview) -> ServerHello:
    """Reads the body of a ServerHello or HelloRetryRequest, of TLS or DTLS."""
    return read_server_hello(bytes(message))


def read_server_hello(body: bytes) -> ServerHello:
    """The same of a body that has been copied."""
    model = _alike.find(body)
    if model is not None:
        return _read_like(model, body)
    hello = ServerHello()
    fresh: list[int] = []
    outline = Outline(len(body))
    outline.put8(_LEAD)
    at = _read_server_head(hello, fresh, body)
    outline.put16(hello.legacy_version)
    outline.put16(2)
    outline.put16(hello.cipher)
    outline.put8(1)
    outline.put8(hello.compression)
    if at >= 0:
        _read_server_extensions(hello, outline, fresh, body, at)
    hello.version = final_version(hello.raw_version)
    profile = server_profile(outline.key())
    hello.profile = profile
    hello.extensions = profile.extensions
    hello.alpn = profile.alpn
    if profile.malformed:
        hello.note(profile.malformed)
    if not hello.malformed:
        _alike.keep(body, fresh, hello)
    return hello


def _read_like(model: Model, body: bytes) -> ServerHello:
    """Reads a hello that fits a model, which is well-formed: the random, and what else is fresh."""
    known: ServerHello = model.hello
    hello = known.again()
    _read_random(hello, body)
    for i in range(3, len(model.spans), 3):
        if model.spans[i] == _NO_EXTENSION:
            hello.session_id = octets.part(body, model.spans[i + 1], model.spans[i + 2])
    return hello


def _read_random(hello: ServerHello, body: bytes) -> None:
    hello.random = octets.part(body, 2, 2 + _RANDOM)
    hello.hello_retry = hello.random == _HELLO_RETRY_RANDOM
    hello.downgrade = _downgrade(hello.random)


def parse_hello_retry_request(message: memoryview) -> ServerHello | None:
    """Reads the message of its own that a retry was up to draft 21 of TLS 1.3; None if it is none.

    draft-ietf-tls-tls13-21 §4.1.4: server_version, since draft 19 cipher_suite, extensions.
    """
    body = bytes(message)
    version = octets.u16_in(body, 0)
    if version >> 8 != _DRAFTS or version > _LAST_SHORT_DRAFT:
        return None
    hello = ServerHello()
    hello.hello_retry = True
    hello.legacy_version = hello.raw_version = version
    hello.version = final_version(version)
    hello.cipher = octets.u16_in(body, 2) if version >= _FIRST_DRAFT_WITH_RETRY_CIPHER else 0
    return hello


def _read_server_head(hello: ServerHello, fresh: list[int], body: bytes) -> int:
    """Reads up to the extensions; gives their offset, or -1 if the body ends before."""
    size = len(body)
    hello.legacy_version = hello.raw_version = octets.u16_in(body, 0)
    if size < 2 + _RANDOM:
        hello.note("the hello ends within its random")
        return -1
    _read_random(hello, body)
    at = 2 + _RANDOM
    fresh += (_NO_EXTENSION, 2, at)
    if _is_short(hello.legacy_version, body, at):
        hello.cipher = octets.u16_in(body, at)
        at += 2
    elif at < size:
        stop = at + 1 + body[at]
        hello.session_id = octets.part(body, at + 1, stop)
        fresh += (_NO_EXTENSION, at + 1, stop)
        hello.cipher = octets.u16_in(body, stop)
        hello.compression = body[stop + 2] if stop + 2 < size else 0
        at = stop + 3
    if at > size or at == 2 + _RANDOM:
        hello.note("the hello ends before its extensions")
        return -1
    return at


def _is_short(version: int, body: bytes, at: int) -> bool:
    """Whether the cipher suite is at `at`: up to draft 21 of TLS 1.3, where some servers named the final version."""
    if version >> 8 == _DRAFTS:
        return version <= _LAST_SHORT_DRAFT
    return version == _TLS_1_3 and block_end(body, at + 2) == len(body)


def _read_server_extensions(hello: ServerHello, outline: Outline, fresh: list[int], body: bytes, at: int) -> None:
    size = len(body)
    if at == size:
        return  # RFC 5246 §7.4.1.3: there need be none
    stop = block_end(body, at)
    if stop < 0:
        hello.note("the extensions end beyond the message")
        stop = size
    elif stop < size:
        hello.note("bytes follow the extensions")
    at += 2
    count = 0
    while at + 4 <= stop and count < _MAX_EXTENSIONS:
        count += 1
        kind = octets.u16_in(body, at)
        content = at + 4
        at = content + octets.u16_in(body, at + 2)
        if at > stop:
            break
        if kind == _ALPN:
            outline.put_extension(kind, body, content, at, -1)
        else:
            outline.put_type(kind)
            _read_server_extension(hello, body, kind, content, at)
            if kind in (_KEY_SHARE, _KEY_SHARE_DRAFT) and at > content + 2:
                fresh += (kind, content + 2, at)  # behind the group
    if at != stop:
        hello.note("the last extension does not end where the extensions do")


def _read_server_extension(hello: ServerHello, body: bytes, kind: int, at: int, stop: int) -> None:
    """Reads the extension `kind` whose content is `body[at:stop]`."""
    if kind == _SUPPORTED_VERSIONS:
        if stop >= at + 2:
            hello.raw_version = octets.u16_in(body, at)
    elif kind in (_KEY_SHARE, _KEY_SHARE_DRAFT):
        if stop >= at + 2:
            hello.key_share_group = octets.u16_in(body, at)
    elif kind == _PRE_SHARED_KEY:
        if stop >= at + 2:
            hello.selected_psk = octets.u16_in(body, at)
    elif kind == _RENEGOTIATION_INFO:
        hello.renegotiation_info = True
        hello.renegotiation_info_length = renegotiated_connection_length(body, at, stop)
    elif kind == _EXTENDED_MASTER_SECRET:
        hello.extended_master_secret = True
    elif kind == _ENCRYPT_THEN_MAC:
        hello.encrypt_then_mac = True
    elif kind == _SESSION_TICKET:
        hello.session_ticket = True
    elif kind == _STATUS_REQUEST:
        hello.status_request = True
    elif kind == _HEARTBEAT:
        hello.heartbeat = True
    elif kind == _NPN:
        hello.npn = True


def _downgrade(random: bytes) -> str:
    """What the last 8 bytes of the random say: DOWNGRD and 1 or 0."""
    if octets.u64_in(random, 24) >> 8 != _SENTINEL:
        return ""
    return _DOWNGRADES.get(random[31], "")


_NOTHING: ServerProfile = server_profile(b"t\0\0\0\2\0\0\1\0")
