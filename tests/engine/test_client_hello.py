"""A ClientHello is read to the last field that is there, and never further."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.hellos import (
    alpn,
    block8,
    block16,
    client_hello,
    extension,
    key_shares,
    server_name,
    spoken_client_hello,
    supported_versions,
    u16,
    words,
)
from tlscap.engine.client_hello import MAX_EXTENSIONS, MAX_KEY_SHARES, MAX_NAME, MAX_PSK_IDENTITIES, ClientHello
from tlscap.engine.fields import digest
from tlscap.engine.hello import parse_client_hello, parse_client_hello_sslv2


def parsed(body: bytes, dtls: bool = False) -> ClientHello:
    return parse_client_hello(memoryview(body), dtls)


def with_extensions(*extensions: bytes) -> ClientHello:
    return parsed(client_hello(extensions=extensions))


def psk(identities: list[tuple[bytes, int]], binders: list[bytes]) -> bytes:
    offered = b"".join(block16(identity) + age.to_bytes(4) for identity, age in identities)
    return extension(41, block16(offered) + block16(b"".join(map(block8, binders))))


def test_reads_what_openssl_says() -> None:
    hello = parsed(spoken_client_hello())
    assert hello.malformed == ""
    assert hello.sni == "www.example.org"
    assert hello.profile.alpn == ("h2", "http/1.1")
    assert (hello.legacy_version, hello.client_version) == (0x0303, 0x0304)
    assert len(hello.random) == len(hello.session_id) == 32
    assert hello.ticket_length == 0 and hello.ticket_key == b""
    assert 29 in hello.key_share_groups


def test_a_hello_without_extensions_is_whole() -> None:
    hello = parsed(client_hello(version=0x0300))
    assert hello.malformed == ""
    assert hello.client_version == 0x0300
    assert hello.sni is None
    assert (hello.ticket_length, hello.renegotiation_info_length) == (-1, -1)
    assert hello.profile.extensions == ()


def test_the_newest_version_offered_is_neither_grease_nor_a_draft_of_what_is_offered_too() -> None:
    assert with_extensions(supported_versions(0x7A7A, 0x0303, 0x0304, 0x7F1C)).client_version == 0x0304
    assert with_extensions(supported_versions(0x7F1C, 0x0303)).client_version == 0x7F1C
    assert with_extensions(supported_versions(0xFB1A, 0x0303)).client_version == 0xFB1A
    assert with_extensions(supported_versions(0xFEFD, 0xFEFC)).client_version == 0xFEFC


def test_bytes_of_a_name_that_are_not_printable_ascii_are_escaped() -> None:
    assert with_extensions(server_name(b"a\x1b[2J\xc3\xbc\\x.org")).sni == r"a\x1b[2J\xc3\xbc\x5cx.org"


def test_a_name_is_cut_at_its_limit_and_the_hello_says_so() -> None:
    hello = with_extensions(server_name(b"a" * (MAX_NAME + 1)))
    assert hello.sni == "a" * MAX_NAME
    assert hello.malformed == "the server name is longer than a name can be"


def test_a_server_name_extension_without_a_name_is_malformed() -> None:
    hello = with_extensions(extension(0))
    assert hello.sni is None
    assert hello.malformed == "the server name extension holds no name"


def test_a_ticket_is_known_by_its_length_and_digest() -> None:
    hello = with_extensions(extension(35, b"ticket" * 30))
    assert hello.ticket_length == 180
    assert hello.ticket_key == digest(b"ticket" * 30, 0, 180)


def test_psk_identities_and_binders_are_known_by_length_age_and_digest() -> None:
    hello = with_extensions(psk([(b"resumption", 0x01020304), (b"external", 0)], [bytes(32), bytes(48)]))
    assert hello.malformed == ""
    assert hello.psk_identities == (
        (10, 0x01020304, digest(b"resumption", 0, 10)),
        (8, 0, digest(b"external", 0, 8)),
    )
    assert hello.psk_binders == (32, 48)


def test_only_so_many_psk_identities_and_key_shares_are_read() -> None:
    hello = with_extensions(psk([(b"x", 1)] * 100, [bytes(32)] * 100), key_shares(*range(100)))
    assert len(hello.psk_identities) == len(hello.psk_binders) == MAX_PSK_IDENTITIES
    assert len(hello.key_share_groups) == MAX_KEY_SHARES


def test_grease_among_the_key_shares_is_made_equal() -> None:
    assert with_extensions(key_shares(0x7A7A, 29, 0x11EC)).key_share_groups == (0x0A0A, 29, 0x11EC)


def test_the_key_share_of_early_drafts_of_tls_1_3_is_read() -> None:
    assert with_extensions(extension(40, block16(u16(29) + block16(bytes(32))))).key_share_groups == (29,)


@pytest.mark.parametrize(
    ("kind", "content", "attribute", "value"),
    [
        (42, b"", "early_data", True),
        (44, block16(b"cookie"), "cookie", True),
        (0xFE0D, b"\0\0\1\0\1", "ech", "outer"),
        (0xFE0D, b"\1", "ech", "inner"),
        (0xFE09, b"\0", "ech", "draft-09"),
        (0xFFCE, b"\0", "esni", True),
        (0xFF01, block8(b""), "renegotiation_info_length", 0),
        (0xFF01, block8(bytes(12)), "renegotiation_info_length", 12),
        (0xFF01, b"\x0c\0", "renegotiation_info_length", 1),
        (0xFF01, b"", "renegotiation_info_length", 0),
    ],
)
def test_an_extension_sets_its_attribute(kind: int, content: bytes, attribute: str, value: object) -> None:
    assert getattr(with_extensions(extension(kind, content)), attribute) == value


def test_dtls_has_a_cookie_between_session_id_and_cipher_suites() -> None:
    hello = parsed(client_hello(version=0xFEFD, cookie=b"cookie", extensions=[server_name(b"a.org")]), dtls=True)
    assert hello.malformed == ""
    assert hello.dtls and hello.cookie
    assert hello.sni == "a.org"
    assert not parsed(client_hello(version=0xFEFD, cookie=b""), dtls=True).cookie


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (client_hello(session_id=bytes(33)), "the session id is longer than 32 bytes"),
        (client_hello()[:-2] + b"\x03\x00\x00", "the compression methods end beyond the message"),
        (client_hello(extensions=[extension(23)]) + b"\0", "bytes follow the extensions"),
        (client_hello() + u16(9) + extension(23), "the extensions end beyond the message"),
        (client_hello() + block16(extension(23) + b"\0"), "the last extension does not end where the extensions do"),
        (client_hello() + block16(u16(23) + u16(9)), "the last extension does not end where the extensions do"),
        (client_hello(extensions=[extension(23), extension(23)]), "extension 0x0017 comes twice"),
        (u16(0x0303) + bytes(33) + u16(3) + bytes(3) + block8(b"\0"), "the cipher suites have an odd length"),
    ],
)
def test_says_what_is_wrong(body: bytes, sentence: str) -> None:
    assert parsed(body).malformed == sentence


def test_grease_extensions_may_come_twice() -> None:
    assert with_extensions(extension(0x1A1A), extension(0x2A2A, b"\0")).malformed == ""


def test_only_so_many_extensions_are_read() -> None:
    hello = with_extensions(*[extension(0x4000 + n) for n in range(MAX_EXTENSIONS + 1)])
    assert len(hello.profile.extensions) == MAX_EXTENSIONS
    assert hello.malformed == "the last extension does not end where the extensions do"


def test_a_hello_with_more_than_is_kept_says_so_and_does_not_grow() -> None:
    hello = parsed(client_hello(ciphers=range(1, 32001), extensions=[alpn(b"h2")]))
    assert hello.malformed == "it offers more than is kept of a hello"
    assert hello.profile.ciphers == ()
    assert hello.profile.alpn == ("h2",)


def test_every_truncation_is_malformed_except_before_the_extensions() -> None:
    body = client_hello(
        session_id=bytes(32),
        extensions=[server_name(b"a.org"), alpn(b"h2"), key_shares(29), psk([(b"x" * 40, 7)], [bytes(32)])],
    )
    whole = [size for size in range(len(body) + 1) if not parsed(body[:size]).malformed]
    assert whole == [len(client_hello(session_id=bytes(32))), len(body)]


def test_a_truncated_hello_keeps_what_came_before() -> None:
    body = client_hello(session_id=b"\x33" * 32, extensions=[server_name(b"a.org"), alpn(b"h2")])
    hello = parsed(body[:-1])
    assert hello.sni == "a.org"
    assert hello.session_id == b"\x33" * 32
    assert hello.profile.ciphers == (0x1301, 0xC02F)


def test_reads_a_hello_in_the_format_of_sslv2() -> None:
    specs = bytes.fromhex("00002f 0000ff 010080")
    body = b"\x01" + u16(0x0301) + words(len(specs), 0, 16) + specs + b"\x44" * 16
    hello = parse_client_hello_sslv2(memoryview(body))
    assert hello.malformed == ""
    assert hello.sslv2 and hello.client_version == 0x0301
    assert hello.profile.ciphers == (0x2F, 0xFF, 0x010080)
    assert hello.profile.scsv
    assert hello.random == b"\x44" * 16
    assert (hello.ja3, hello.ja4) == ("", "")


def test_every_truncation_of_a_hello_in_the_format_of_sslv2_is_malformed() -> None:
    body = b"\x01" + u16(0x0002) + words(6, 16, 16) + bytes(6) + bytes(32)
    assert not parse_client_hello_sslv2(memoryview(body)).malformed
    for size in range(len(body)):
        assert parse_client_hello_sslv2(memoryview(body[:size])).malformed


@given(st.binary(max_size=300), st.booleans())
def test_no_bytes_raise(body: bytes, dtls: bool) -> None:
    assert isinstance(parsed(body, dtls), ClientHello)
    assert isinstance(parse_client_hello_sslv2(memoryview(body)), ClientHello)


@given(st.data())
def test_no_change_of_a_real_hello_raises(data: st.DataObject) -> None:
    body = bytearray(SPOKEN)
    for at in data.draw(st.lists(st.integers(0, len(body) - 1), min_size=1, max_size=8)):
        body[at] = data.draw(st.integers(0, 255))
    hello = parsed(bytes(body[: data.draw(st.integers(0, len(body)))]))
    assert hello.sni is None or hello.sni.isprintable()
    assert all(name.isprintable() for name in hello.profile.alpn)


SPOKEN = spoken_client_hello()
