"""Every cipher suite that openssl still has, through a handshake, data, a renegotiation and the goodbye."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from engine.decryption.relay import Spoken, speak
from engine.playbook import CLIENT, SERVER, Seen
from tlscap.engine.decryption.keys import Keys
from tlscap.engine.events import ALERT, CHANGE_CIPHER_SPEC, HANDSHAKE, HIDDEN

pytestmark = pytest.mark.skipif(not shutil.which("openssl"), reason="openssl is not installed")

CLIENT_HELLO, FINISHED, KEY_UPDATE, CLOSE_NOTIFY = 1, 20, 24, 0x100

RENEGOTIATING = [
    ("-tls1_2", "AES128-GCM-SHA256"),
    ("-tls1_2", "ECDHE-RSA-AES256-GCM-SHA384"),
    ("-tls1_2", "ECDHE-RSA-CHACHA20-POLY1305"),
    ("-tls1_2", "AES128-CCM"),
    ("-tls1_2", "AES256-CCM8"),
    ("-tls1_2", "AES128-SHA"),
    ("-tls1_2", "AES256-SHA256"),
    ("-tls1_2", "ECDHE-RSA-AES256-SHA384"),
    ("-tls1_2", "CAMELLIA128-SHA256"),
    ("-tls1_2", "NULL-SHA256"),
    ("-tls1_1", "AES256-SHA"),
    ("-tls1", "AES128-SHA"),
    ("-tls1", "NULL-SHA"),
]
TLS13 = [
    "TLS_AES_128_GCM_SHA256",
    "TLS_AES_256_GCM_SHA384",
    "TLS_CHACHA20_POLY1305_SHA256",
    "TLS_AES_128_CCM_SHA256",
    "TLS_AES_128_CCM_8_SHA256",
]
LINES = ("hello", "R", "hello", "Q")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("certificate")
    cert, key = folder / "cert.pem", folder / "key.pem"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    subprocess.run([*made, "-keyout", key, "-out", cert], check=True, capture_output=True)
    return cert, key


def renegotiated(folder: Path, version: str, cipher: str, certificate: tuple[Path, Path], *more: str) -> Spoken:
    options = (version, "-cipher", f"{cipher}:@SECLEVEL=0", *more)
    return speak(folder, (*options, "-client_renegotiation"), options, LINES, certificate)


def assert_all_is_read(seen: Seen) -> None:
    """Nothing of the handshakes and alerts is hidden, and what was encrypted says that it was decrypted."""
    events = seen.facts.events
    assert [i for i, (_, kind, detail, _) in enumerate(seen.events) if kind >= 20 and detail == HIDDEN] == []
    changed = [False, False]
    for i in range(events.count):
        if events.kind(i) in (HANDSHAKE, ALERT) and changed[events.side(i)]:
            assert events.decrypted(i)
        changed[events.side(i)] |= events.kind(i) == CHANGE_CIPHER_SPEC
    assert "[" not in seen.verdict.history
    assert seen.anomalies == []


def messages(seen: Seen, side: int) -> list[int]:
    return [detail for sender, kind, detail, _ in seen.events if kind == HANDSHAKE and sender == side]


@pytest.mark.parametrize(("version", "cipher"), RENEGOTIATING, ids=lambda value: value.lstrip("-"))
def test_reads_a_renegotiation_under(version: str, cipher: str, certificate: tuple[Path, Path], tmp_path: Path) -> None:
    spoken = renegotiated(tmp_path, version, cipher, certificate)
    seen = spoken.watched()
    assert_all_is_read(seen)
    assert messages(seen, CLIENT).count(CLIENT_HELLO) == 2
    assert messages(seen, CLIENT).count(FINISHED) == messages(seen, SERVER).count(FINISHED) == 2
    assert (CLIENT, ALERT, CLOSE_NOTIFY) in [event[:3] for event in seen.events]
    assert seen.verdict.renegotiations_completed == 1
    assert (seen.verdict.outcome, seen.verdict.outcome_basis) == ("completed", "decrypted")


def test_reads_cbc_without_encrypt_then_mac(certificate: tuple[Path, Path], tmp_path: Path) -> None:
    spoken = speak(
        tmp_path,
        ("-tls1_2", "-cipher", "AES128-SHA256", "-client_renegotiation"),
        ("-tls1_2", "-cipher", "AES128-SHA256", "-no_etm"),
        LINES,
        certificate,
    )
    seen = spoken.watched()
    assert seen.facts.server_hello is not None
    assert not seen.facts.server_hello.encrypt_then_mac
    assert_all_is_read(seen)
    assert seen.verdict.renegotiations_completed == 1


@pytest.mark.parametrize("cipher", TLS13)
def test_reads_tls13_through_key_updates(cipher: str, certificate: tuple[Path, Path], tmp_path: Path) -> None:
    options = ("-tls1_3", "-ciphersuites", cipher)
    spoken = speak(tmp_path, options, options, ("hello", "k", "hello", "k", "hello", "Q"), certificate)
    seen = spoken.watched()
    assert_all_is_read(seen)
    assert messages(seen, CLIENT).count(KEY_UPDATE) == 2
    assert len(seen.facts.tickets) == 2
    assert (CLIENT, ALERT, CLOSE_NOTIFY) in [event[:3] for event in seen.events]
    assert (seen.verdict.client_certificate, seen.verdict.client_certificate_confidence) == ("not_requested", 1.0)


def test_what_a_client_sends_besides_the_handshake_is_not_kept(certificate: tuple[Path, Path], tmp_path: Path) -> None:
    options = ("-tls1_3",)
    spoken = speak(tmp_path, options, options, ("hello" * 9, "Q"), certificate)
    opened = [
        event for event in spoken.watched().events if event[1] == 23
    ]  # application data has a length, and nothing else
    assert opened
    assert all(detail == 1 for _, _, detail, _ in opened)


def test_without_the_right_key_nothing_is_read_and_that_is_said(certificate: tuple[Path, Path], tmp_path: Path) -> None:
    spoken = renegotiated(tmp_path, "-tls1_2", "AES128-GCM-SHA256", certificate)
    bare = spoken.watched(Keys())
    assert bare.anomalies == ["key_missing"]
    wrong = Keys()
    hello = bare.facts.client_hello
    assert hello is not None
    wrong.add("CLIENT_RANDOM", hello.random, bytes(48))
    assert spoken.watched(wrong).anomalies == ["key_wrong"]
    assert bare.verdict.history == spoken.watched(wrong).verdict.history
    assert "[" in bare.verdict.history
