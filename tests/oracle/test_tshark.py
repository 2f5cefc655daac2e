"""tshark is the oracle for what can be read in the clear: on the project's captures both must say the same."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from corpus.agreement import Agreement
from corpus.known import read_known
from oracle.crosscheck import KNOWN, crosscheck

CAPTURES = sorted((Path(__file__).parent.parent.parent / "pcaps").glob("*.pcap*"))

pytestmark = pytest.mark.skipif(not shutil.which("tshark"), reason="tshark is not installed: apt-get install tshark")


@pytest.mark.parametrize("capture", CAPTURES, ids=lambda path: path.name)
def test_says_of_each_connection_what_tshark_says(capture: Path) -> None:
    agreement = Agreement(read_known(KNOWN))
    agreement.add(crosscheck(capture.name, capture))
    assert list(map(str, agreement.unexplained)) == []
