"""What equal hellos have in common: read once from their outline, shared by all of them.

A `ClientProfile` is what a client's TLS stack offers whatever it connects to, a `ServerProfile` what a
server chose. Both are interned: as long as an outline is remembered, equal ones give the same object.
"""

from __future__ import annotations

from collections.abc import Iterator

from tlscap.engine.fingerprint import ja3_string, ja3s_string, ja4_and_raw, md5_hex
from tlscap.engine.interned import Interned
from tlscap.engine.outline import GREASE
from tlscap.engine.versions import highest
from tlscap.engine.wiretext import wire_text

MAX_PROFILES = 1024
"""Profiles of each kind that are remembered. Peers choose: a site's clients have some dozens, but a
browser that shuffles its extensions has a new one each time."""

_SCSV, _FALLBACK_SCSV = 0x00FF, 0x5600  # RFC 5746 §3.3, RFC 7507 §3
_STATUS_REQUEST, _GROUPS, _POINT_FORMATS, _SIGNATURE_ALGORITHMS, _HEARTBEAT, _ALPN = 5, 10, 11, 13, 15, 16
_ENCRYPT_THEN_MAC, _EXTENDED_MASTER_SECRET, _COMPRESS_CERTIFICATE, _RECORD_SIZE_LIMIT = 22, 23, 27, 28
_SESSION_TICKET, _EARLY_DATA, _VERSIONS, _PSK_MODES, _POST_HANDSHAKE_AUTH = 35, 42, 43, 45, 49
_NPN, _RENEGOTIATION_INFO = 0x3374, 0xFF01


class ClientProfile:
    """What a client offers: code points as on the wire, GREASE as 0x0A0A, absent lists empty.

    The tuples that are properties are read from the outline at each access: they are wanted seldom,
    and this keeps the profile of a hostile hello about as small as its outline.
    """

    __slots__ = (
        "_extensions_at",
        "_fingerprints",
        "alpn",
        "client_version",
        "encrypt_then_mac",
        "extended_master_secret",
        "fallback_scsv",
        "heartbeat",
        "legacy_version",
        "malformed",
        "npn",
        "outline",
        "post_handshake_auth",
        "psk_modes",
        "record_size_limit",
        "renegotiation_info",
        "scsv",
        "session_ticket",
        "status_request",
        "transport",
        "versions",
    )

    def __init__(self, outline: bytes) -> None:
        self.outline = outline
        self.transport = chr(outline[0])
        self.legacy_version = int.from_bytes(outline[1:3])
        self._extensions_at = self._compression_at() + 1 + outline[self._compression_at()]
        extensions: dict[int, bytes] = {}
        self.malformed = ""
        for kind, content in self._each_extension():
            if kind in extensions and kind != GREASE:
                self.malformed = f"extension 0x{kind:04x} comes twice"  # RFC 8446 §4.2
            extensions.setdefault(kind, content)
        ciphers = self.ciphers
        self.scsv = _SCSV in ciphers
        self.fallback_scsv = _FALLBACK_SCSV in ciphers
        self.status_request = _STATUS_REQUEST in extensions
        self.heartbeat = _HEARTBEAT in extensions
        self.encrypt_then_mac = _ENCRYPT_THEN_MAC in extensions
        self.extended_master_secret = _EXTENDED_MASTER_SECRET in extensions
        self.session_ticket = _SESSION_TICKET in extensions
        self.post_handshake_auth = _POST_HANDSHAKE_AUTH in extensions
        self.npn = _NPN in extensions
        self.renegotiation_info = _RENEGOTIATION_INFO in extensions
        self.record_size_limit = int.from_bytes(extensions.get(_RECORD_SIZE_LIMIT, b"")[:2])  # 0: none, RFC 8449
        self.psk_modes = tuple(_listed(extensions.get(_PSK_MODES, b""), 1))
        self.versions = _words(_listed(extensions.get(_VERSIONS, b""), 1))
        self.alpn = tuple(map(wire_text, _names(extensions.get(_ALPN, b""))))
        offered = tuple(version for version in self.versions if version != GREASE)
        self.client_version = highest(offered) or self.legacy_version
        self._fingerprints: tuple[str, str, str, str] | None = None

    @property
    def ciphers(self) -> tuple[int, ...]:
        """Cipher suites in the client's order; in an SSLv2-format hello 3-byte cipher specs."""
        return _words(self.outline[5 : self._compression_at()], 3 if self.transport == "2" else 2)

    @property
    def compression_methods(self) -> tuple[int, ...]:
        return tuple(self.outline[self._compression_at() + 1 : self._extensions_at])

    @property
    def extensions(self) -> tuple[int, ...]:
        """Extension types in wire order."""
        return tuple(kind for kind, _ in self._each_extension())

    @property
    def groups(self) -> tuple[int, ...]:
        return _words(_listed(self._content(_GROUPS), 2))

    @property
    def point_formats(self) -> tuple[int, ...]:
        return tuple(_listed(self._content(_POINT_FORMATS), 1))

    @property
    def signature_algorithms(self) -> tuple[int, ...]:
        return _words(_listed(self._content(_SIGNATURE_ALGORITHMS), 2))

    @property
    def compress_certificate(self) -> tuple[int, ...]:
        """Certificate compression algorithms (RFC 8879)."""
        return _words(_listed(self._content(_COMPRESS_CERTIFICATE), 1))

    @property
    def ja3_string(self) -> str:
        return self._fingerprint(0)

    @property
    def ja3(self) -> str:
        """MD5 in hex; "" for an SSLv2-format hello, for which JA3 and JA4 are not defined."""
        return self._fingerprint(1)

    @property
    def ja4(self) -> str:
        return self._fingerprint(2)

    @property
    def ja4_r(self) -> str:
        return self._fingerprint(3)

    def _fingerprint(self, which: int) -> str:
        if self._fingerprints is None:
            self._fingerprints = ("", "", "", "") if self.transport == "2" else self._work_out_fingerprints()
        return self._fingerprints[which]

    def _work_out_fingerprints(self) -> tuple[str, str, str, str]:
        ciphers, extensions = self.ciphers, self.extensions
        text = ja3_string(self.legacy_version, ciphers, extensions, self.groups, self.point_formats)
        first_alpn = next(iter(_names(self._content(_ALPN))), b"")
        # JA4 takes the highest number, be it a draft's; DTLS counts down, so there it is the newest version.
        offered = [version for version in self.versions if version != GREASE]
        version = max(offered) if offered and self.transport == "t" else self.client_version
        ja4, raw = ja4_and_raw(self.transport, version, ciphers, extensions, self.signature_algorithms, first_alpn)
        return text, md5_hex(text), ja4, raw

    def _compression_at(self) -> int:
        return 5 + int.from_bytes(self.outline[3:5])

    def _each_extension(self) -> Iterator[tuple[int, bytes]]:
        return _each_extension(self.outline, self._extensions_at)

    def _content(self, wanted: int) -> bytes:
        return next((content for kind, content in self._each_extension() if kind == wanted), b"")


class ServerProfile:
    """What a server chose, without what is random."""

    __slots__ = ("_ja3s", "alpn", "cipher", "extensions", "legacy_version", "malformed")

    def __init__(self, outline: bytes) -> None:
        self.legacy_version = int.from_bytes(outline[1:3])
        self.cipher = int.from_bytes(outline[5:7])
        extensions = list(_each_extension(outline, 9))
        self.extensions = tuple(kind for kind, _ in extensions)
        twice = len(set(self.extensions)) < len(self.extensions)
        self.malformed = "an extension comes twice" if twice else ""
        names = next((_names(content) for kind, content in extensions if kind == _ALPN), [])
        self.alpn = wire_text(names[0]) if names else None
        self._ja3s = ""

    @property
    def ja3s(self) -> str:
        if not self._ja3s:
            self._ja3s = md5_hex(ja3s_string(self.legacy_version, self.cipher, self.extensions))
        return self._ja3s


_clients = Interned(MAX_PROFILES)
_servers = Interned(MAX_PROFILES)


def client_profile(outline: bytes) -> ClientProfile:
    """The profile of a ClientHello's outline."""
    profile: ClientProfile | None = _clients.get(outline)
    if profile is None:
        profile = ClientProfile(outline)
        _clients.put(outline, profile)
    return profile


def server_profile(outline: bytes) -> ServerProfile:
    """The profile of a ServerHello's outline: one cipher suite, one compression method."""
    profile: ServerProfile | None = _servers.get(outline)
    if profile is None:
        profile = ServerProfile(outline)
        _servers.put(outline, profile)
    return profile


def _each_extension(outline: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    while at + 4 <= len(outline):
        kind = int.from_bytes(outline[at : at + 2])
        stop = at + 4 + int.from_bytes(outline[at + 2 : at + 4])
        yield kind, outline[at + 4 : stop]
        at = stop


def _listed(content: bytes, width: int) -> bytes:
    """What a list holds whose length stands before it in `width` bytes; less if its bytes end before."""
    return content[width : width + int.from_bytes(content[:width])]


def _words(raw: bytes, width: int = 2) -> tuple[int, ...]:
    return tuple(int.from_bytes(raw[at : at + width]) for at in range(0, len(raw) - width + 1, width))


def _names(content: bytes) -> list[bytes]:
    """The names of an ALPN extension (RFC 7301 §3.1) that are whole."""
    raw = _listed(content, 2)
    names = []
    at = 0
    while at < len(raw) and at + 1 + raw[at] <= len(raw):
        names.append(raw[at + 1 : at + 1 + raw[at]])
        at += 1 + raw[at]
    return names
