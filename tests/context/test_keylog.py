"""Key logs: which lines count, which are passed over, and which are named."""

from __future__ import annotations

from pathlib import Path

import pytest

from tlscap.context.errors import KeylogError
from tlscap.context.keylog import ENVIRONMENT, MAX_WARNINGS, KeylogFile, add_secrets, keylog_path
from tlscap.engine.decryption.keys import EARLY, HANDSHAKE, MASTER, PREMASTER, TRAFFIC, Keys

RANDOM, OTHER = bytes(range(32)), bytes(range(32, 64))
MASTER_SECRET, LATER_SECRET = b"\x11" * 48, b"\x22" * 48


def line(label: str, name: bytes, secret: bytes) -> str:
    return f"{label} {name.hex()} {secret.hex()}\n"


def read(tmp_path: Path, text: str | bytes) -> tuple[Keys, list[str]]:
    """The keys of a key log, and its warnings without the path before them."""
    path = tmp_path / "keys.txt"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    keys = Keys()
    return keys, [warning.removeprefix(f"{path}: ") for warning in KeylogFile(str(path)).read(keys)]


@pytest.mark.parametrize("label", [EARLY, *HANDSHAKE, *TRAFFIC])
@pytest.mark.parametrize("size", [32, 48])
def test_takes_the_labels_of_tls13(label: str, size: int, tmp_path: Path) -> None:
    keys, warnings = read(tmp_path, line(label, RANDOM, b"\x33" * size))
    assert warnings == []
    assert keys.secret(label, RANDOM) == b"\x33" * size
    assert keys.secret(label, OTHER) is None


def test_takes_master_secrets_in_upper_and_lower_case_and_any_line_end(tmp_path: Path) -> None:
    text = f"# a comment\r\n\r\n{MASTER} {RANDOM.hex().upper()} {MASTER_SECRET.hex().upper()}\r\n"
    keys, warnings = read(tmp_path, text)
    assert warnings == []
    assert keys.secret(MASTER, RANDOM) == MASTER_SECRET


def test_the_last_of_two_secrets_wins(tmp_path: Path) -> None:
    keys, _ = read(tmp_path, line(MASTER, RANDOM, MASTER_SECRET) + line(MASTER, RANDOM, LATER_SECRET))
    assert keys.secret(MASTER, RANDOM) == LATER_SECRET


def test_takes_premaster_secrets_and_sessions(tmp_path: Path) -> None:
    text = line("RSA", b"8 bytes!", MASTER_SECRET) + line(PREMASTER, RANDOM, b"\x44" * 32)
    text += f"RSA Session-ID:{OTHER.hex()} Master-Key:{LATER_SECRET.hex()}\n"
    keys, warnings = read(tmp_path, text)
    assert warnings == []
    assert keys.premaster(b"8 bytes!") == MASTER_SECRET
    assert keys.secret(PREMASTER, RANDOM) == b"\x44" * 32
    assert keys.session(OTHER) == LATER_SECRET


@pytest.mark.parametrize("label", ["EXPORTER_SECRET", "EARLY_EXPORTER_SECRET", "ECH_SECRET", "QUIC_NEW_THING", "x"])
def test_passes_over_labels_that_it_does_not_need(label: str, tmp_path: Path) -> None:
    keys, warnings = read(tmp_path, line(label, RANDOM, b"\x55" * 32))
    assert warnings == []
    assert len(keys) == 0


@pytest.mark.parametrize(
    "text",
    [
        "hello\n",
        "GET / HTTP/1.1 and more\n",
        f"{MASTER} {RANDOM.hex()}\n",
        f"{MASTER} {RANDOM.hex()} {MASTER_SECRET.hex()} more\n",
        f"{MASTER} {RANDOM.hex()[:-2]} {MASTER_SECRET.hex()}\n",
        f"{MASTER} {RANDOM.hex()} {MASTER_SECRET.hex()[:-2]}\n",
        f"{MASTER} {RANDOM.hex()[:-1]}x {MASTER_SECRET.hex()}\n",
        f"{MASTER} {RANDOM.hex()} {MASTER_SECRET.hex()[:-1]}\n",
        f"{TRAFFIC[0]} {RANDOM.hex()} {bytes(33).hex()}\n",
        f"RSA {RANDOM.hex()} {MASTER_SECRET.hex()}\n",
        f"RSA Session-ID:{OTHER.hex()} Master-Key:00\n",
        "A" * 5000 + "\n",
        "\0\1\2\xff\n",
    ],
)
def test_names_a_line_that_makes_no_sense_and_reads_the_others(text: str, tmp_path: Path) -> None:
    good = line(MASTER, RANDOM, MASTER_SECRET)
    keys, warnings = read(tmp_path, (good + text + line(MASTER, OTHER, LATER_SECRET)).encode("latin-1"))
    assert [warning.split()[:2] for warning in warnings] == [["line", "2"]]
    assert keys.secret(MASTER, RANDOM) == MASTER_SECRET
    assert keys.secret(MASTER, OTHER) == LATER_SECRET


def test_what_is_no_key_log_gives_few_warnings(tmp_path: Path) -> None:
    keys, warnings = read(tmp_path, bytes(range(256)) * 4000)
    assert len(warnings) == MAX_WARNINGS + 1
    assert len(keys) == 0


def test_reads_what_is_written_later_and_a_line_that_was_not_finished(tmp_path: Path) -> None:
    path, keys = tmp_path / "keys.txt", Keys()
    whole = line(MASTER, RANDOM, MASTER_SECRET)
    path.write_text(whole[:50])
    file = KeylogFile(str(path))
    assert file.read(keys) == []
    assert len(keys) == 0
    path.write_text(whole + line(MASTER, OTHER, LATER_SECRET).strip())
    assert file.read(keys) == []
    assert keys.secret(MASTER, RANDOM) == MASTER_SECRET
    assert keys.secret(MASTER, OTHER) == LATER_SECRET
    path.write_text(whole + line(MASTER, OTHER, LATER_SECRET) + "nonsense here\n")
    assert [warning.split(": ")[1] for warning in file.read(keys)] == ["line 3 is no key log's"]


def test_a_key_log_that_is_not_there_is_an_error_of_one_line(tmp_path: Path) -> None:
    with pytest.raises(KeylogError, match="No such file"):
        KeylogFile(str(tmp_path / "none")).read(Keys())


def test_env_names_the_file_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENVIRONMENT, "/tmp/some.keys")
    assert keylog_path("env") == "/tmp/some.keys"
    assert keylog_path("other.keys") == "other.keys"
    monkeypatch.delenv(ENVIRONMENT)
    with pytest.raises(KeylogError, match=ENVIRONMENT):
        keylog_path("env")


def test_takes_the_secrets_of_a_capture(tmp_path: Path) -> None:
    keys = Keys()
    add_secrets((line(MASTER, RANDOM, MASTER_SECRET) + "nonsense\n").encode(), keys)
    assert keys.secret(MASTER, RANDOM) == MASTER_SECRET
