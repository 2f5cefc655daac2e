"""With the same keys tlscap and tshark read the same handshake messages and alerts of the project's captures."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from oracle.decrypted import PCAPS, compare

CAPTURES = sorted(path.with_suffix(".pcap") for path in PCAPS.glob("*.keys"))

pytestmark = pytest.mark.skipif(not shutil.which("tshark"), reason="tshark is not installed: apt-get install tshark")


@pytest.mark.parametrize("capture", CAPTURES, ids=lambda path: path.name)
def test_decrypts_what_tshark_decrypts(capture: Path) -> None:
    score = compare(capture, capture.with_suffix(".keys"))
    assert score.differ == []
    assert score.messages > 0
