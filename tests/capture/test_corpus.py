"""Every capture of the corpus, packet by packet, beside dpkt; and its counts beside Wireshark's capinfos."""

from __future__ import annotations

import gzip
import shutil
import subprocess
from decimal import Decimal
from pathlib import Path

import dpkt
import pytest

from capture.written import read
from corpus.truth import FOLDER

CAPTURES = sorted(path for path in FOLDER.glob("pcaps/*/*") if path.is_file())

pytestmark = pytest.mark.skipif(not CAPTURES, reason="no corpus at ../shared/corpus, and TLSCAP_CORPUS names none")

# Both end where a packet's length was edited in a way that no longer fits; we go on behind it.
DAMAGED = {"bug-1450-04__tls_DER-incomplete-header.pcap", "bug-1450-05__tls_DER-incomplete-content.pcap"}


@pytest.mark.parametrize("path", CAPTURES, ids=[f"{path.parent.name}/{path.name}" for path in CAPTURES])
def test_gives_the_packets_that_dpkt_gives(path: Path) -> None:
    found, files = read(path)
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
        theirs = [bytes(data) for _, data in _through_damage(dpkt.pcap.UniversalReader(file))]
    ours = [packet.data for packet in found]
    if path.name in DAMAGED:
        assert len(files[0].damage) == 1
        theirs = ours = ours[: len(theirs) - 1]
    else:
        assert files[0].damage == []
    assert ours == theirs


def _through_damage(reader: object) -> list[tuple[float, bytes]]:
    found = []
    try:
        found.extend(reader)  # type: ignore[call-overload]
    except (dpkt.UnpackError, ValueError):
        pass
    return found


@pytest.mark.skipif(shutil.which("capinfos") is None, reason="capinfos is not installed (apt install wireshark-common)")
def test_counts_and_times_are_those_that_capinfos_tells() -> None:
    captures = [path for path in CAPTURES if path.name not in DAMAGED]
    command = ["capinfos", "-T", "-M", "-r", "-S", "-c", "-d", "-a", "-e", *map(str, captures)]
    told = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    rows = {row[0]: row[1:] for row in (line.split("\t") for line in told.splitlines())}
    differences = []
    for path in captures:
        found, files = read(path)
        ours = (files[0].packets, sum(packet.wirelen for packet in found), files[0].first_ns, files[0].last_ns)
        packets, on_the_wire, first, last = rows[str(path)]
        theirs = (int(packets), int(on_the_wire), _nanoseconds(first), _nanoseconds(last))
        if ours != theirs:
            differences.append((path.name, ours, theirs))
    assert differences == []


def _nanoseconds(seconds: str) -> int:
    return 0 if seconds == "n/a" else int(Decimal(seconds) * 1_000_000_000)
