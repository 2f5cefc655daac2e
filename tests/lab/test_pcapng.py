"""Captures written again."""

from __future__ import annotations

import random
import struct
from pathlib import Path

import tlscap
from tlscap.lab.pcapng import lose_packets, write_pcapng


def packets(path: Path) -> int:
    return tlscap.analyze([str(path)]).coverage.to_pylist()[0]["packets"]


def test_loses_a_share_of_the_packets_and_leaves_the_rest_as_it_was(pcaps: Path, tmp_path: Path) -> None:
    whole = (pcaps / "closes.pcap").read_bytes()
    path = tmp_path / "closes.pcap"
    path.write_bytes(whole)
    before = packets(path)
    lost = lose_packets(path, 0.2, random.Random(1))
    assert 0.1 * before < lost < 0.3 * before
    assert packets(path) == before - lost
    path.write_bytes(whole)
    assert lose_packets(path, 0.0, random.Random(1)) == 0
    assert path.read_bytes() == whole


def test_a_pcapng_has_the_secrets_before_the_packets(pcaps: Path, tmp_path: Path) -> None:
    target = tmp_path / "closes.pcapng"
    write_pcapng(pcaps / "closes.pcap", b"CLIENT_RANDOM 00 00\n", target)
    data = target.read_bytes()
    kinds, place = [], 0
    while place < len(data):
        kind, length = struct.unpack_from("=II", data, place)
        assert data[place + length - 4 : place + length] == data[place + 4 : place + 8]
        kinds.append(kind)
        place += length
    assert kinds[:3] == [0x0A0D0D0A, 10, 1] and set(kinds[3:]) == {6}
    assert len(kinds) - 3 == packets(pcaps / "closes.pcap")
