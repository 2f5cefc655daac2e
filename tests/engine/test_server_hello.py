"""A ServerHello says what the server chose, in every version's format."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.hellos import alpn, block8, extension, server_hello, u16
from tlscap.engine.hello import ServerHello, parse_server_hello

HELLO_RETRY_RANDOM = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")


def parsed(body: bytes) -> ServerHello:
    return parse_server_hello(memoryview(body))


def with_extensions(*extensions: bytes) -> ServerHello:
    return parsed(server_hello(extensions))


def test_reads_the_fields_of_tls_1_2() -> None:
    hello = parsed(server_hello([alpn(b"h2")], session_id=b"\x33" * 32))
    assert hello.malformed == ""
    assert (hello.legacy_version, hello.version, hello.raw_version) == (0x0303, 0x0303, 0x0303)
    assert (hello.cipher, hello.compression) == (0xC02F, 0)
    assert hello.session_id == b"\x33" * 32
    assert hello.alpn == "h2"
    assert (hello.selected_psk, hello.key_share_group, hello.renegotiation_info_length) == (-1, 0, -1)


def test_a_hello_without_extensions_is_whole() -> None:
    hello = parsed(server_hello(version=0x0300))
    assert hello.malformed == ""
    assert hello.version == 0x0300
    assert hello.extensions == ()


def test_reads_what_tls_1_3_selects() -> None:
    hello = with_extensions(extension(43, u16(0x0304)), extension(51, u16(0x11EC) + bytes(4)), extension(41, u16(1)))
    assert (hello.legacy_version, hello.version) == (0x0303, 0x0304)
    assert hello.key_share_group == 0x11EC
    assert hello.selected_psk == 1
    assert hello.extensions == (43, 51, 41)


def test_a_retry_is_told_by_its_random_and_names_the_group_alone() -> None:
    hello = parsed(server_hello([extension(43, u16(0x0304)), extension(51, u16(24))], random=HELLO_RETRY_RANDOM))
    assert hello.hello_retry
    assert hello.key_share_group == 24
    assert not parsed(server_hello()).hello_retry


def test_a_draft_of_tls_1_3_is_tls_1_3_and_keeps_its_number() -> None:
    hello = with_extensions(extension(43, u16(0x7F1C)))
    assert (hello.version, hello.raw_version) == (0x0304, 0x7F1C)
    assert with_extensions(extension(43, u16(0xFB1A))).version == 0x0304


def test_early_drafts_have_neither_session_id_nor_compression_method() -> None:
    body = u16(0x7F12) + bytes(32) + u16(0x1301) + u16(4) + extension(40)
    hello = parsed(body)
    assert hello.malformed == ""
    assert (hello.version, hello.cipher, hello.extensions) == (0x0304, 0x1301, (40,))


def test_a_draft_that_names_the_final_version_is_told_by_its_length() -> None:
    """As Firefox and its server did in 2016."""
    short = parsed(u16(0x0304) + bytes(32) + u16(0xC02B) + u16(4) + extension(40))
    assert (short.malformed, short.version, short.cipher, short.extensions) == ("", 0x0304, 0xC02B, (40,))
    whole = parsed(u16(0x0304) + server_hello([extension(23)], session_id=bytes(32))[2:])
    assert (whole.malformed, whole.session_id, whole.extensions) == ("", bytes(32), (23,))


@pytest.mark.parametrize(
    ("ending", "downgrade"), [(b"DOWNGRD\x01", "TLSv1.2"), (b"DOWNGRD\x00", "TLSv1.1"), (b"DOWNGRD\x02", "")]
)
def test_the_downgrade_sentinel_is_the_end_of_the_random(ending: bytes, downgrade: str) -> None:
    assert parsed(server_hello(random=bytes(24) + ending)).downgrade == downgrade
    assert parsed(server_hello(random=ending + bytes(24))).downgrade == ""


@pytest.mark.parametrize(
    ("kind", "content", "attribute", "value"),
    [
        (0xFF01, block8(b""), "renegotiation_info", True),
        (0xFF01, block8(bytes(24)), "renegotiation_info_length", 24),
        (23, b"", "extended_master_secret", True),
        (22, b"", "encrypt_then_mac", True),
        (35, b"", "session_ticket", True),
        (5, b"", "status_request", True),
        (15, b"\1", "heartbeat", True),
        (0x3374, b"\2h2", "npn", True),
    ],
)
def test_an_extension_sets_its_attribute(kind: int, content: bytes, attribute: str, value: object) -> None:
    assert getattr(with_extensions(extension(kind, content)), attribute) == value
    assert getattr(parsed(server_hello()), attribute) != value


def test_an_extension_that_is_too_short_sets_nothing() -> None:
    hello = with_extensions(extension(43, b"\3"), extension(51, b"\0"), extension(41))
    assert (hello.version, hello.key_share_group, hello.selected_psk) == (0x0303, 0, -1)


def test_every_truncation_is_malformed_except_before_the_extensions() -> None:
    body = server_hello([alpn(b"h2"), extension(23), extension(35)], session_id=bytes(32))
    whole = [size for size in range(len(body) + 1) if not parsed(body[:size]).malformed]
    assert whole == [len(server_hello(session_id=bytes(32))), len(body)]


def test_an_extension_that_comes_twice_is_malformed() -> None:
    assert with_extensions(extension(23), extension(23)).malformed == "an extension comes twice"


def test_ja3s_is_the_md5_of_version_cipher_and_extensions() -> None:
    hello = parsed(server_hello([extension(0xFF01, b"\0"), extension(11, b"\1\0")]))
    assert hello.ja3s == "303951d4c50efb2e991652225a6f02b1"  # 771,49199,65281-11


def test_equal_choices_share_a_profile() -> None:
    one = parsed(server_hello([alpn(b"h2")], random=b"\1" * 32, session_id=b"\1"))
    two = parsed(server_hello([alpn(b"h2")], random=b"\2" * 32, session_id=b"\2"))
    assert one.profile is two.profile
    assert one.profile is not parsed(server_hello([alpn(b"h3")])).profile


@given(st.binary(max_size=300))
def test_no_bytes_raise(body: bytes) -> None:
    assert isinstance(parsed(body), ServerHello)
    assert isinstance(parsed(b"\3\3" + bytes(32) + body), ServerHello)
