"""The ledger without keys against the ledger with them, of renegotiations of five TLS libraries."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import tlscap

HERE = Path(__file__).parent
PCAPS = HERE.parent.parent.parent / "pcaps"

CAPTURES = (HERE / "stacks.pcap.xz", PCAPS / "renegotiation-ok.pcap", PCAPS / "renegotiation-refused.pcap")

TOLD = (
    *("initiator", "kind", "outcome", "broken_off_by", "stalled_at", "certificate_changed", "client_certificate"),
    *("data_afterwards", "types"),
)
"""What must be the same, read or inferred; a refusal's alert too, but not the names of others."""

_QUERY = """
select server_port, handshakes.* exclude (messages), [message.type for message in messages] as types,
    [message.length for message in messages] as lengths
from handshakes join connections using (uid) where number > 0 order by server_port, number
"""


@cache
def ledger(capture: Path, *, keys: bool) -> list[dict[str, Any]]:
    log = capture.parent / f"{capture.name.split('.')[0]}.keys"
    rows: list[dict[str, Any]] = (
        tlscap.analyze([str(capture)], keylog=[str(log)] if keys else ()).sql(_QUERY).to_pylist()
    )
    return rows


@pytest.mark.parametrize("capture", CAPTURES, ids=lambda path: path.name)
def test_tells_without_keys_what_keys_tell(capture: Path) -> None:
    inferred, decrypted = ledger(capture, keys=False), ledger(capture, keys=True)
    assert {row["basis"] for row in inferred} == {"inferred"}
    assert {row["basis"] for row in decrypted} == {"decrypted"}
    assert [[row[name] for name in TOLD] for row in inferred] == [[row[name] for name in TOLD] for row in decrypted]


@pytest.mark.parametrize("capture", CAPTURES, ids=lambda path: path.name)
def test_a_length_that_is_told_is_the_message_s(capture: Path) -> None:
    told = right = 0
    for inferred, decrypted in zip(ledger(capture, keys=False), ledger(capture, keys=True), strict=True):
        for kind, length, true in zip(inferred["types"], inferred["lengths"], decrypted["lengths"], strict=True):
            if kind not in ("alert", "change_cipher_spec") and length is not None:
                told += 1
                right += length == true
    assert right > 0.98 * told


def test_knows_what_a_proxy_did() -> None:
    done = {int(port): what["what"] for port, what in json.loads((HERE / "stacks.json").read_text()).items()}
    expected = {
        "close_hello": ("refused", "close", None),
        "rst_hello": ("refused", "close", None),
        "swallow_hello": ("refused", "silence", None),
        "stall_server": ("stalled", "silence", "certificate"),
        "stall_client": ("stalled", "silence", "change_cipher_spec"),
        "close_mid": ("failed", "close", None),
    }
    rows = [row for row in ledger(CAPTURES[0], keys=False) if done[row["server_port"]] in expected]
    assert rows
    for row in rows:
        assert (row["outcome"], row["broken_off_by"], row["stalled_at"]) == expected[done[row["server_port"]]]
