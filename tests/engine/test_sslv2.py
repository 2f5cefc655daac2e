"""SSL 2.0 is recognised, and what is in the clear is told; nothing of it is taken for TLS, or for a failure."""

from __future__ import annotations

from engine.playbook import CLIENT, SERVER, Play, watch
from tlscap.registry import cipher_suite_name

RC4, RC2, DES3 = (bytes.fromhex(kind) for kind in ("010080", "030080", "0700c0"))


def record(message: bytes) -> bytes:
    return (0x8000 | len(message)).to_bytes(2) + message


def vectors(*contents: bytes) -> bytes:
    """The lengths of the contents, then the contents."""
    return b"".join(len(content).to_bytes(2) for content in contents) + b"".join(contents)


CLIENT_HELLO = record(b"\x01\x00\x02" + vectors(RC4 + RC2 + DES3, b"", bytes(16)))
SERVER_HELLO = record(b"\x04\x00\x01\x00\x02" + vectors(bytes(600), RC4 + DES3, bytes(16)))
MASTER_KEY = record(b"\x02" + DES3 + vectors(b"", bytes(128), bytes(8)))
HIDDEN = record(b"\x99" * 33)


def spoken(*more: tuple[int, bytes], mss: int = 1460) -> Play:
    play = Play(mss=mss).open().send(CLIENT, CLIENT_HELLO).send(SERVER, SERVER_HELLO)
    return play.speak(more)


def test_a_session_is_told_by_version_and_cipher() -> None:
    seen = watch(
        spoken((CLIENT, MASTER_KEY), (SERVER, HIDDEN), (CLIENT, HIDDEN), (SERVER, HIDDEN)).close(CLIENT).packets
    )
    assert (seen.verdict.version, seen.verdict.history, seen.verdict.handshake) == ("SSLv2", "CsG", "full")
    assert seen.facts.server_hello is not None
    assert cipher_suite_name(seen.facts.server_hello.cipher) == "SSL_CK_DES_192_EDE3_CBC_WITH_MD5"
    assert seen.anomalies == []


def test_whether_it_was_established_is_encrypted() -> None:
    verdict = watch(spoken((CLIENT, MASTER_KEY), (SERVER, HIDDEN)).close(CLIENT).packets).verdict
    assert (verdict.established, verdict.unknown["established"]) == (None, "encrypted")
    assert verdict.outcome != "handshake_failed"


def test_an_answer_over_several_packets_is_one() -> None:
    assert watch(spoken((CLIENT, MASTER_KEY), mss=100).packets).verdict.version == "SSLv2"


def test_without_the_clients_choice_there_is_no_cipher() -> None:
    seen = watch(spoken().rst(CLIENT).packets)
    assert seen.facts.server_hello is not None
    assert (seen.facts.server_hello.cipher, seen.facts.server_hello.ja3s) == (0, "")


def test_an_answer_that_does_not_add_up_is_none() -> None:
    wrong = SERVER_HELLO[:8] + b"\xff" + SERVER_HELLO[9:]
    seen = watch(Play().open().send(CLIENT, CLIENT_HELLO).send(SERVER, wrong).close(SERVER).packets)
    assert seen.facts.server_hello is None
