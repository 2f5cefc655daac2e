"""Where secrets come from: key logs, pcapng's blocks before, between and behind the packets, and which of them win."""

from __future__ import annotations

import json
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import tlscap
from tlscap.context.secrets import Secrets

PCAPS = Path(__file__).parent.parent.parent / "pcaps"
CAPTURE, KEYLOG = PCAPS / "renegotiation-refused.pcap", PCAPS / "renegotiation-refused.keys"

SECRETS, TLS_KEY_LOG = 10, 0x544C534B


def block(kind: int, body: bytes) -> bytes:
    body += bytes(-len(body) % 4)
    size = 12 + len(body)
    return struct.pack("<II", kind, size) + body + struct.pack("<I", size)


def secrets_block(keylog: bytes) -> bytes:
    return block(SECRETS, struct.pack("<II", TLS_KEY_LOG, len(keylog)) + keylog)


def packets(source: Path) -> list[bytes]:
    """Enhanced Packet Blocks for the packets of a classic pcap."""
    content = source.read_bytes()
    at, blocks = 24, []
    nanoseconds = content[:4] == b"\x4d\x3c\xb2\xa1"
    while at < len(content):
        seconds, fraction, caplen, length = struct.unpack_from("<IIII", content, at)
        ns = seconds * 10**9 + fraction * (1 if nanoseconds else 1000)
        head = struct.pack("<IIIII", 0, ns >> 32, ns & 0xFFFFFFFF, caplen, length)
        blocks.append(block(6, head + content[at + 16 : at + 16 + caplen]))
        at += 16 + caplen
    return blocks


def pcapng(path: Path, before: bytes, behind: bytes = b"", middle: bytes = b"") -> Path:
    section = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
    in_ns = struct.pack("<HHB3xHH", 9, 1, 9, 0, 0)
    interface = block(1, struct.pack("<HHI", 1, 0, 0) + in_ns)
    each = packets(CAPTURE)
    half = len(each) // 2
    path.write_bytes(section + interface + before + b"".join(each[:half]) + middle + b"".join(each[half:]) + behind)
    return path


def told(analysis: tlscap.Analysis) -> list[tuple[Any, ...]]:
    rows = map(json.loads, analysis.json_lines())
    return [(row["history"], row["outcome"], row["outcome_basis"], row["start"]) for row in rows]


@pytest.fixture(scope="module")
def expected() -> list[tuple[Any, ...]]:
    return told(tlscap.analyze(CAPTURE, keylog=KEYLOG))


def test_a_key_log_turns_what_was_inferred_into_what_was_decrypted(expected: list[tuple[Any, ...]]) -> None:
    bare = told(tlscap.analyze(CAPTURE))
    assert {basis for _, _, basis, _ in bare} == {"inferred"}
    assert {basis for _, _, basis, _ in expected} == {"decrypted"}
    assert [row[1] for row in bare] == [row[1] for row in expected]


@pytest.mark.parametrize("place", ["before", "middle", "behind"])
def test_secrets_in_a_pcapng_count_wherever_they_stand(
    place: str, expected: list[tuple[Any, ...]], tmp_path: Path
) -> None:
    blocks = {"before": b"", place: secrets_block(KEYLOG.read_bytes())}
    assert told(tlscap.analyze(pcapng(tmp_path / "it.pcapng", **blocks))) == expected


def test_of_secrets_that_come_twice_the_last_wins(expected: list[tuple[Any, ...]], tmp_path: Path) -> None:
    right = KEYLOG.read_bytes()
    wrong = b"".join(row[:-8] + b"00000000\n" for row in right.splitlines() if not row.startswith(b"#"))
    good = pcapng(tmp_path / "good.pcapng", secrets_block(wrong), secrets_block(right))
    assert told(tlscap.analyze(good)) == expected
    bad = pcapng(tmp_path / "bad.pcapng", secrets_block(right), secrets_block(wrong))
    analysis = tlscap.analyze(bad)
    assert told(analysis) != expected
    assert "key_wrong" in analysis.anomalies["kind"].to_pylist()
    assert told(tlscap.analyze(bad, keylog=KEYLOG)) == expected


def test_several_key_logs_are_one(expected: list[tuple[Any, ...]], tmp_path: Path) -> None:
    rows = KEYLOG.read_text().splitlines(keepends=True)
    parts = [tmp_path / "a.keys", tmp_path / "b.keys"]
    parts[0].write_text("".join(rows[::2]))
    parts[1].write_text("".join(rows[1::2]))
    assert told(tlscap.analyze(CAPTURE, keylog=parts)) == expected


def test_warnings_name_the_line(tmp_path: Path) -> None:
    odd = tmp_path / "odd.keys"
    odd.write_text("no sense\n" + KEYLOG.read_text())
    analysis = tlscap.analyze(CAPTURE, keylog=odd)
    assert len(analysis.warnings) == 1
    assert "line 1" in analysis.warnings[0]


def test_a_key_log_that_grows_is_read_on_and_one_that_goes_ends_nothing(tmp_path: Path) -> None:
    growing = tmp_path / "growing.keys"
    growing.write_text("")
    secrets = Secrets(growing)
    growing.write_bytes(KEYLOG.read_bytes())
    secrets.refresh()
    assert secrets.keys is not None
    assert len(secrets.keys) > 0
    growing.unlink()
    secrets.refresh()
    secrets.refresh()
    assert len(secrets.warnings) == 1


def test_a_run_without_secrets_imports_nothing_that_decrypts() -> None:
    code = (
        "import sys, tlscap; analysis = tlscap.analyze(sys.argv[1]);"
        "print(*(name for name in sys.modules if 'decryption' in name or name.endswith('keylog')))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(CAPTURE)], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
