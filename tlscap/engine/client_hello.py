"""The ClientHello as it was on the wire (RFC 8446 §4.1.2, RFC 5246 §7.4.1.2).

What repeats from hello to hello is in a profile that equal hellos share; of a hello like one that was
read before only what is new is read, see `tlscap.engine.alike`.
"""

from __future__ import annotations

from tlscap import octets
from tlscap.engine.alike import NO_EXTENSION, Alike, Model
from tlscap.engine.fields import block_end, digest, renegotiated_connection_length
from tlscap.engine.interned import Interned
from tlscap.engine.outline import GREASE, Outline, is_grease
from tlscap.engine.profile import ClientProfile, client_profile
from tlscap.engine.wiretext import wire_text

MAX_EXTENSIONS = 256
"""Extensions read of one hello; a client could send 16,383. IANA has registered about 60."""

MAX_NAME = 255
"""Bytes kept of a server name, which DNS limits to 253; a client could send 65,535."""

MAX_PSK_IDENTITIES = 8
"""Identities and binders read; clients offer one or two, and could offer thousands."""

MAX_KEY_SHARES = 16
"""Key shares read; clients send one to three, and could send thousands."""

MAX_NAMES = 4096
"""Server names remembered as text, so that equal names are one string. Clients choose them."""

_GREASE = GREASE
_MAX_EXTENSIONS = MAX_EXTENSIONS
_MAX_NAME = MAX_NAME
_MAX_PSK_IDENTITIES = MAX_PSK_IDENTITIES
_MAX_KEY_SHARES = MAX_KEY_SHARES
_MAX_SESSION_ID = 32
_RANDOM = 32

# The outline holds the content of the extensions whose content is the same in every hello of a client:
# max_fragment_length, status_request, supported_groups, ec_point_formats, signature_algorithms, heartbeat,
# ALPN, client and server certificate type, compress_certificate, record_size_limit, delegated_credential,
# supported_versions, psk_key_exchange_modes, signature_algorithms_cert.
_KEPT = sum(1 << kind for kind in (1, 5, 10, 11, 13, 15, 16, 19, 20, 27, 28, 34, 43, 45, 50))
_KEPT_BELOW = 64

# Those whose content may be new in each hello of a client: server_name, session_ticket, pre_shared_key.
_FRESH = sum(1 << kind for kind in (0, 35, 41))

_SERVER_NAME, _GROUPS, _SIGNATURE_ALGORITHMS, _SESSION_TICKET, _PRE_SHARED_KEY = 0, 10, 13, 35, 41
_KEY_SHARE_DRAFT = 40  # key_share up to draft 22 of TLS 1.3; reserved since
_EARLY_DATA, _SUPPORTED_VERSIONS, _COOKIE, _SIGNATURE_ALGORITHMS_CERT, _KEY_SHARE = 42, 43, 44, 50, 51
_ECH, _RENEGOTIATION_INFO = 0xFE0D, 0xFF01
_FIRST_ECH_DRAFT, _LAST_ECH_DRAFT = 0xFE08, 0xFE0A  # draft-ietf-tls-esni-08 to -10; never registered
_ESNI = 0xFFCE  # draft-ietf-tls-esni up to -06; never registered

_LEAD_TLS, _LEAD_DTLS, _LEAD_SSLV2 = ord("t"), ord("d"), ord("2")

_NO_EXTENSION = NO_EXTENSION

_names = Interned(MAX_NAMES)
_alike = Alike()


class ClientHello:
    """One ClientHello. Lengths are -1 where there is no such extension."""

    __slots__ = (
        "client_version",
        "cookie",
        "dtls",
        "early_data",
        "ech",
        "esni",
        "key_share_groups",
        "legacy_version",
        "malformed",
        "profile",
        "psk_binders",
        "psk_identities",
        "random",
        "renegotiation_info_length",
        "session_id",
        "sni",
        "sslv2",
        "ticket_key",
        "ticket_length",
    )

    def __init__(self) -> None:
        self.legacy_version = 0
        self.client_version = 0  # the newest offered, a draft by its own number
        self.random = b""
        self.session_id = b""
        self.sni: str | None = None  # printable ASCII, other bytes as \xNN
        self.ticket_length = -1  # 0: the extension is empty, the client would like a ticket
        self.ticket_key = b""  # digest of the ticket
        self.psk_identities: tuple[tuple[int, int, bytes], ...] = ()  # length, obfuscated_ticket_age, digest
        self.psk_binders: tuple[int, ...] = ()  # lengths
        self.early_data = False
        self.cookie = False
        self.key_share_groups: tuple[int, ...] = ()
        self.ech = ""  # outer, inner, or draft-08 to draft-10; GREASE ECH is made to look like outer
        self.esni = False
        self.renegotiation_info_length = -1  # of renegotiated_connection: 0 first handshake, more afterwards
        self.sslv2 = False
        self.dtls = False
        self.malformed = ""
        self.profile = _NOTHING

    @property
    def ja3(self) -> str:
        return self.profile.ja3

    @property
    def ja4(self) -> str:
        return self.profile.ja4

    def again(self) -> ClientHello:
        """A hello that says the same, for random, session id and tickets of its own to be put in."""
        hello = ClientHello.__new__(ClientHello)
        hello.legacy_version = self.legacy_version
        hello.client_version = self.client_version
        hello.random = b""
        hello.session_id = b""
        hello.sni = self.sni
        hello.ticket_length = self.ticket_length
        hello.ticket_key = self.ticket_key
        hello.psk_identities = self.psk_identities
        hello.psk_binders = self.psk_binders
        hello.early_data = self.early_data
        hello.cookie = self.cookie
        hello.key_share_groups = self.key_share_groups
        hello.ech = self.ech
        hello.esni = self.esni
        hello.renegotiation_info_length = self.renegotiation_info_length
        hello.sslv2 = self.sslv2
        hello.dtls = self.dtls
        hello.malformed = self.malformed
        hello.profile = self.profile
        return hello

    def note(self, sentence: str) -> None:
        """Says what is wrong, unless something was wrong before: the rest may follow from it."""
        if not self.malformed:
            self.malformed = sentence


def parse_client_hello(message: memoryview, dtls: bool = False) -> ClientHello:
    """Reads the body of a ClientHello; with `dtls` it has a cookie field (RFC 9147 §5.3)."""
    return read_client_hello(bytes(message), dtls)


def read_client_hello(body: bytes, dtls: bool = False) -> ClientHello:
    """The same of a body that has been copied."""
    model = None if dtls else _alike.find(body)
    if model is not None:
        return _read_like(model, body)
    hello = ClientHello()
    hello.dtls = dtls
    outline = Outline(len(body))
    fresh: list[int] = []
    at = _read_client_head(hello, fresh, body)
    outline.put8(_LEAD_DTLS if dtls else _LEAD_TLS)
    outline.put16(hello.legacy_version)
    at = _read_ciphers(hello, outline, body, at)
    at = _read_compression_methods(hello, outline, body, at)
    if at >= 0:
        _read_client_extensions(hello, outline, fresh, body, at)
    _with_profile(hello, outline)
    if not dtls and not hello.malformed:
        _alike.keep(body, fresh, hello)
    return hello


def _read_like(model: Model, body: bytes) -> ClientHello:
    """Reads a hello that fits a model, which is well-formed: random, session id, and the fresh extensions."""
    known: ClientHello = model.hello
    hello = known.again()
    _read_random_and_session_id(hello, body)
    for i in range(6, len(model.spans), 3):
        if not octets.same(body, model.body, model.spans[i + 1], model.spans[i + 2]):
            _read_fresh_extension(hello, body, model.spans[i], model.spans[i + 1], model.spans[i + 2])
    return hello


def parse_client_hello_sslv2(message: memoryview) -> ClientHello:
    """Reads an SSLv2-format ClientHello (RFC 5246 §E.2) from its msg_type on: a record without its length."""
    body = bytes(message)
    size = len(body)
    hello = ClientHello()
    hello.sslv2 = True
    outline = Outline(size)
    head = 9  # msg_type, version, and the lengths of the three fields
    if size < head:
        hello.note("the SSLv2-format hello ends within its lengths")
    hello.legacy_version = octets.u16_in(body, 1)
    ciphers_end = head + octets.u16_in(body, 3)
    session_id_end = ciphers_end + octets.u16_in(body, 5)
    challenge_end = session_id_end + octets.u16_in(body, 7)
    if challenge_end != size:
        hello.note("the lengths in the SSLv2-format hello do not add up to its length")
    outline.put8(_LEAD_SSLV2)
    outline.put16(hello.legacy_version)
    outline.put_specs(body, min(head, size), min(ciphers_end, size))
    outline.put8(0)
    hello.session_id = body[ciphers_end : min(session_id_end, ciphers_end + _MAX_SESSION_ID)]
    hello.random = body[session_id_end : min(challenge_end, session_id_end + _RANDOM)]
    return _with_profile(hello, outline)


def _with_profile(hello: ClientHello, outline: Outline) -> ClientHello:
    profile = client_profile(outline.key())
    hello.profile = profile
    hello.client_version = profile.client_version
    if profile.malformed:
        hello.note(profile.malformed)
    if outline.full:
        hello.note("it offers more than is kept of a hello")
    return hello


def _read_random_and_session_id(hello: ClientHello, body: bytes) -> None:
    at = 2 + _RANDOM
    hello.random = octets.part(body, 2, at)
    hello.session_id = octets.part(body, at + 1, at + 1 + body[at])


def _read_client_head(hello: ClientHello, fresh: list[int], body: bytes) -> int:
    """Reads up to the cipher suites; gives their offset, or -1 if the body ends before."""
    hello.legacy_version = octets.u16_in(body, 0)
    if len(body) < 2 + _RANDOM + 1:
        hello.note("the hello ends within its random")
        return -1
    at = 2 + _RANDOM
    stop = at + 1 + body[at]
    _read_random_and_session_id(hello, body)
    fresh += (_NO_EXTENSION, 2, at, _NO_EXTENSION, at + 1, stop)
    if body[at] > _MAX_SESSION_ID:
        hello.note("the session id is longer than 32 bytes")
    if hello.dtls and stop < len(body):
        at = stop
        stop = at + 1 + body[at]
        hello.cookie = body[at] > 0
    if stop > len(body):
        hello.note("the session id or cookie ends beyond the message")
        return -1
    return stop


def _read_ciphers(hello: ClientHello, outline: Outline, body: bytes, at: int) -> int:
    """Reads the cipher suites at `at`; gives the offset after them, or -1."""
    size = len(body)
    if at < 0 or at + 2 > size:
        hello.note("the hello ends before its cipher suites")
        outline.put16(0)
        return -1
    stop = at + 2 + octets.u16_in(body, at)
    outline.put_words(body, at + 2, min(stop, size))
    if stop > size:
        hello.note("the cipher suites end beyond the message")
        return -1
    if (stop - at) & 1:
        hello.note("the cipher suites have an odd length")
    return stop


def _read_compression_methods(hello: ClientHello, outline: Outline, body: bytes, at: int) -> int:
    """Reads the compression methods at `at`; gives the offset after them, or -1."""
    size = len(body)
    if at < 0 or at >= size:
        hello.note("the hello ends before its compression methods")
        outline.put8(0)
        return -1
    stop = at + 1 + body[at]
    outline.put_bytes(body, at + 1, min(stop, size))
    if stop > size:
        hello.note("the compression methods end beyond the message")
        return -1
    return stop


def _read_client_extensions(hello: ClientHello, outline: Outline, fresh: list[int], body: bytes, at: int) -> None:
    size = len(body)
    if at == size:
        return  # RFC 5246 §7.4.1.2: there need be none
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
        if kind < _KEPT_BELOW and (_FRESH >> kind) & 1:
            outline.put_type(kind)
            fresh += (kind, content, at)
            _read_fresh_extension(hello, body, kind, content, at)
        else:
            _read_client_extension(hello, outline, fresh, body, kind, content, at)
    if at != stop:
        hello.note("the last extension does not end where the extensions do")


def _read_client_extension(
    hello: ClientHello, outline: Outline, fresh: list[int], body: bytes, kind: int, at: int, stop: int
) -> None:
    """Reads the extension `kind` whose content is `body[at:stop]`, and but for keys is the same in the next hello."""
    if kind < _KEPT_BELOW and (_KEPT >> kind) & 1:
        outline.put_extension(kind, body, at, stop, _words_at(kind))
        return
    if is_grease(kind):
        outline.put_type(_GREASE)
        return
    outline.put_type(kind)
    if kind in (_KEY_SHARE, _KEY_SHARE_DRAFT):
        _read_key_shares(hello, fresh, body, at, stop)
    elif kind == _EARLY_DATA:
        hello.early_data = True
    elif kind == _COOKIE:
        hello.cookie = True
    elif kind == _RENEGOTIATION_INFO:
        hello.renegotiation_info_length = renegotiated_connection_length(body, at, stop)
    elif kind == _ECH:
        hello.ech = "inner" if stop > at and body[at] == 1 else "outer"
    elif _FIRST_ECH_DRAFT <= kind <= _LAST_ECH_DRAFT:
        hello.ech = f"draft-{kind & 0xFF:02d}"
    elif kind == _ESNI:
        hello.esni = True


def _read_fresh_extension(hello: ClientHello, body: bytes, kind: int, at: int, stop: int) -> None:
    """The same of one of those whose content may be new in each hello; what `hello` has of it is its model's."""
    if kind == _SERVER_NAME:
        hello.sni = None
        _read_server_name(hello, body, at, stop)
    elif kind == _SESSION_TICKET:
        hello.ticket_length = stop - at
        hello.ticket_key = digest(body, at, stop) if stop > at else b""
    elif kind == _PRE_SHARED_KEY:
        hello.psk_identities = ()
        hello.psk_binders = ()
        _read_psk_identities(hello, body, at, stop)


def _words_at(kind: int) -> int:
    """Where in the content of an extension a list of 16-bit code points begins, -1 if it has none."""
    if kind in (_GROUPS, _SIGNATURE_ALGORITHMS, _SIGNATURE_ALGORITHMS_CERT):
        return 2
    return 1 if kind == _SUPPORTED_VERSIONS else -1


def _read_server_name(hello: ClientHello, body: bytes, at: int, stop: int) -> None:
    """RFC 6066 §3: the first name of type host_name; there is no other type."""
    if at + 5 > stop:
        hello.note("the server name extension holds no name")
        return
    start = at + 5
    end = start + octets.u16_in(body, at + 3)
    if end > stop:
        hello.note("the server name ends beyond its extension")
        end = stop
    if end - start > _MAX_NAME:
        hello.note("the server name is longer than a name can be")
        end = start + _MAX_NAME
    raw = octets.part(body, start, end)
    hello.sni = _names.get(raw)
    if hello.sni is None:
        hello.sni = wire_text(raw)
        _names.put(raw, hello.sni)


def _read_key_shares(hello: ClientHello, fresh: list[int], body: bytes, at: int, stop: int) -> None:
    """RFC 8446 §4.2.8: the groups of the shares, GREASE as 0x0A0A; the keys are fresh."""
    groups: list[int] = []
    at += 2
    while at + 4 <= stop and len(groups) < _MAX_KEY_SHARES:
        group = octets.u16_in(body, at)
        groups.append(_GREASE if is_grease(group) else group)
        key = at + 4
        at = key + octets.u16_in(body, at + 2)
        fresh += (_NO_EXTENSION, key, at)
    if at > stop:
        hello.note("a key share ends beyond its extension")
    hello.key_share_groups = tuple(groups)


def _read_psk_identities(hello: ClientHello, body: bytes, at: int, stop: int) -> None:
    """RFC 8446 §4.2.11: identities with their ages, then binders."""
    identities: list[tuple[int, int, bytes]] = []
    end = at + 2 + octets.u16_in(body, at) if at + 2 <= stop else stop + 1
    at += 2
    if end > stop:
        hello.note("the PSK identities end beyond their extension")
        return
    while at + 6 <= end and len(identities) < _MAX_PSK_IDENTITIES:
        length = octets.u16_in(body, at)
        age_at = at + 2 + length
        if age_at + 4 > end:
            hello.note("a PSK identity ends beyond its list")
            break
        age = octets.u16_in(body, age_at) << 16 | octets.u16_in(body, age_at + 2)
        identities.append((length, age, digest(body, at + 2, age_at)))
        at = age_at + 4
    hello.psk_identities = tuple(identities)
    _read_psk_binders(hello, body, end + 2, stop)


def _read_psk_binders(hello: ClientHello, body: bytes, at: int, stop: int) -> None:
    binders: list[int] = []
    while at < stop and len(binders) < _MAX_PSK_IDENTITIES:
        binders.append(body[at])
        at += 1 + body[at]
    if at > stop:
        hello.note("the PSK binders end beyond their extension")
    hello.psk_binders = tuple(binders)


_NOTHING: ClientProfile = client_profile(b"t\0\0\0\0\0")
