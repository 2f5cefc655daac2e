"""Drafts of TLS 1.3, where they differ from what became of them."""

from __future__ import annotations

import pytest

from engine.hellos import client_hello, extension, u16
from engine.playbook import CLIENT, SERVER
from engine.test_handshake import said
from tlscap.engine.hello import parse_hello_retry_request

KEY_SHARE = extension(40, u16(23))
ASKED = (CLIENT, 1, client_hello())


def retry(version: int, *, cipher: bool) -> bytes:
    """The body of a HelloRetryRequest up to draft 21; since draft 19 it names the cipher suite."""
    return u16(version) + (u16(0x1301) if cipher else b"") + u16(len(KEY_SHARE)) + KEY_SHARE


@pytest.mark.parametrize(("version", "cipher", "name"), [(0x7F12, 0, "draft18"), (0x7F15, 0x1301, "draft21")])
def test_a_retry_is_a_message_of_its_own(version: int, cipher: int, name: str) -> None:
    seen = said(ASKED, (SERVER, 6, retry(version, cipher=cipher > 0)))
    assert seen.verdict.hello_retry
    assert seen.verdict.version == f"TLSv1.3-{name}"
    assert seen.verdict.history == "Cj"
    assert seen.facts.hello_retry is not None
    assert (seen.facts.hello_retry.cipher, seen.facts.hello_retry.ja3s) == (cipher, "")


@pytest.mark.parametrize("body", [b"", b"\x7f", b"\x03\x03\x13\x01", b"\x7f\x1c\x13\x01\x00\x00"])
def test_what_is_no_draft_is_no_retry(body: bytes) -> None:
    assert parse_hello_retry_request(memoryview(body)) is None


def test_a_second_hello_after_such_a_retry_is_no_renegotiation() -> None:
    seen = said(ASKED, (SERVER, 6, retry(0x7F12, cipher=False)), ASKED)
    assert seen.verdict.history == "CjC"
    assert seen.verdict.renegotiations == 0
