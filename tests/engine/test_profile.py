"""Equal clients have one profile, whatever is random in their hellos, and the fingerprints that others compute."""

from __future__ import annotations

from hashlib import md5

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
from tlscap.engine.client_hello import ClientHello
from tlscap.engine.hello import parse_client_hello
from tlscap.engine.profile import MAX_PROFILES, ClientProfile

CHROME_CIPHERS = (
    0x0A0A, 0x1301, 0x1302, 0x1303, 0xC02B, 0xC02F, 0xC02C, 0xC030, 0xCCA9, 0xCCA8, 0xC013, 0xC014, 0x009C, 0x009D,
    0x002F, 0x0035,
)  # fmt: skip
CHROME_SCHEMES = (0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601)


def profile(*extensions: bytes, ciphers: tuple[int, ...] = (0x1301,), version: int = 0x0303) -> ClientProfile:
    return parse_client_hello(memoryview(client_hello(ciphers, extensions, version))).profile


def chrome(grease: int = 0x0A0A, random: bytes = bytes(32)) -> ClientHello:
    """A hello like the one that JA4's definition takes as its example."""
    kinds = (0x001B, 0x0000, 0x0033, 0x0010, 0x4469, 0x0017, 0x002D, 0x000D, 0x0005, 0x0023, 0x0012, 0x002B, 0xFF01,
             0x000B, 0x000A, 0x0015)  # fmt: skip
    content = {
        0x0000: server_name(b"www.example.org"),
        0x0010: alpn(b"h2", b"http/1.1"),
        0x000D: extension(0x000D, block16(words(*CHROME_SCHEMES))),
        0x002B: supported_versions(grease, 0x0304, 0x0303),
        0x000A: extension(0x000A, block16(words(grease, 29, 23, 24))),
        0x000B: extension(0x000B, block8(b"\0")),
        0x0033: key_shares(grease, 29),
    }
    extensions = [extension(grease), *(content.get(kind, extension(kind)) for kind in kinds), extension(grease, b"\0")]
    ciphers = (grease, *CHROME_CIPHERS[1:])
    return parse_client_hello(memoryview(client_hello(ciphers, extensions, random=random)))


def test_ja4_is_that_of_the_example_in_its_definition() -> None:
    assert chrome().ja4 == "t13d1516h2_8daaf6152771_e5627efa2ab1"
    assert chrome().profile.ja4_r == (
        "t13d1516h2_002f,0035,009c,009d,1301,1302,1303,c013,c014,c02b,c02c,c02f,c030,cca8,cca9"
        "_0005,000a,000b,000d,0012,0015,0017,001b,0023,002b,002d,0033,4469,ff01"
        "_0403,0804,0401,0503,0805,0501,0806,0601"
    )


def test_ja3_takes_lists_in_wire_order_without_grease() -> None:
    assert chrome().profile.ja3_string == (
        "771,4865-4866-4867-49195-49199-49196-49200-52393-52392-49171-49172-156-157-47-53,"
        "27-0-51-16-17513-23-45-13-5-35-18-43-65281-11-10-21,29-23-24,0"
    )
    assert chrome().ja3 == md5(chrome().profile.ja3_string.encode()).hexdigest()


def test_hellos_that_differ_in_what_is_random_share_a_profile() -> None:
    assert chrome(0x1A1A, b"\1" * 32).profile is chrome(0xFAFA, b"\2" * 32).profile
    one, two = (parse_client_hello(memoryview(spoken_client_hello(name))) for name in ("a.org", "b.org"))
    assert one.profile is two.profile
    assert (one.sni, two.sni) == ("a.org", "b.org")


def test_hellos_that_differ_in_anything_else_do_not() -> None:
    base = profile(alpn(b"h2"), extension(23))
    assert base is profile(alpn(b"h2"), extension(23))
    for other in (
        profile(extension(23), alpn(b"h2")),
        profile(alpn(b"h3"), extension(23)),
        profile(alpn(b"h2"), extension(23), version=0x0302),
        profile(alpn(b"h2"), extension(23), ciphers=(0x1302,)),
    ):
        assert other is not base


def test_grease_keeps_its_place() -> None:
    assert chrome(0x5A5A).profile.ciphers == CHROME_CIPHERS
    assert chrome(0x5A5A).profile.extensions[0] == 0x0A0A
    assert chrome(0x5A5A).profile.versions == (0x0A0A, 0x0304, 0x0303)
    assert chrome(0x5A5A).profile.groups == (0x0A0A, 29, 23, 24)


def test_remembers_only_so_many_profiles() -> None:
    first = profile(ciphers=(0x1300,))
    for n in range(MAX_PROFILES + 2):
        profile(ciphers=(0x2000 + n,))
    assert profile(ciphers=(0x1300,)) is not first


def test_a_profile_that_is_used_is_not_forgotten() -> None:
    first = profile(ciphers=(0x1300,))
    for n in range(MAX_PROFILES * 2):
        profile(ciphers=(0x2000 + n,))
        assert profile(ciphers=(0x1300,)) is first


def test_reads_the_lists_of_its_extensions() -> None:
    read = profile(
        extension(11, block8(b"\0\1\2")),
        extension(13, block16(words(0x0403, 0x0804))),
        extension(45, block8(b"\1\0")),
        extension(27, block8(words(2, 1))),
        extension(28, u16(16385)),
        alpn(b"h2", b"\x0a\x0a", b""),
    )
    assert read.point_formats == (0, 1, 2)
    assert read.signature_algorithms == (0x0403, 0x0804)
    assert read.psk_modes == (1, 0)
    assert read.compress_certificate == (2, 1)
    assert read.record_size_limit == 16385
    assert read.alpn == ("h2", "\\x0a\\x0a", "")
    assert read.compression_methods == (0,)


def test_flags_say_which_extensions_and_signals_are_there() -> None:
    flags = {
        "status_request": 5, "heartbeat": 15, "encrypt_then_mac": 22, "extended_master_secret": 23,
        "session_ticket": 35, "post_handshake_auth": 49, "npn": 0x3374, "renegotiation_info": 0xFF01,
    }  # fmt: skip
    for flag, kind in flags.items():
        assert getattr(profile(extension(kind)), flag)
        assert not getattr(profile(extension(kind ^ 0x100)), flag)
    assert profile(ciphers=(0x2F, 0xFF)).scsv and not profile(ciphers=(0x2F,)).scsv
    assert profile(ciphers=(0x2F, 0x5600)).fallback_scsv and not profile(ciphers=(0x2F,)).fallback_scsv


def test_a_list_that_ends_beyond_its_extension_is_read_as_far_as_it_goes() -> None:
    assert profile(extension(43, b"\xff" + words(0x0304) + b"\x03")).versions == (0x0304,)
    assert profile(extension(16, b"\x00\xff\x02h2\x09http")).alpn == ("h2",)


def test_ja4_writes_dtls_and_its_newest_version() -> None:
    body = client_hello((0xC02B,), [supported_versions(0xFEFC, 0xFEFD)], 0xFEFD, cookie=b"")
    assert parse_client_hello(memoryview(body), True).ja4.startswith("dd3i010100_")
