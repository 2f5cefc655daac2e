"""No bytes may cost anything but packets: whatever a file holds, reading ends, with packets or with one line."""

from __future__ import annotations

import gzip
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from capture.written import (
    enhanced,
    interface,
    option,
    packets,
    pcap,
    pcapng,
    read_bytes,
    section,
)
from tlscap.capture import CaptureError

SEEDS = [
    pcap(packets(12)),
    pcap(packets(12), order=">", nano=True),
    pcapng(packets(8)) + pcapng(packets(4), ">"),
    section() + interface(options=option(9, b"\x0c") + option(14, bytes(8))) + enhanced(packets(1)[0]) * 5,
    gzip.compress(pcap(packets(12)), mtime=0),
]

words = st.sampled_from(
    [0, 1, 2, 3, 6, 12, 16, 32, 255, 65_535, 262_144, 262_145, 1 << 24, (1 << 31) - 1, 1 << 31, (1 << 32) - 1]
)
changes = st.one_of(
    st.tuples(st.just("byte"), st.integers(0, 3000), st.integers(0, 255)),
    st.tuples(st.just("word"), st.integers(0, 3000), words),
    st.tuples(st.just("cut"), st.integers(0, 3000), st.integers(1, 200)),
    st.tuples(st.just("again"), st.integers(0, 3000), st.integers(1, 200)),
)


def changed(content: bytes, kind: str, at: int, how: int) -> bytes:
    at %= len(content) + 1
    if kind == "byte":
        return content[:at] + bytes([how]) + content[at + 1 :]
    if kind == "word":
        return content[:at] + how.to_bytes(4, "little" if at % 2 else "big") + content[at + 4 :]
    if kind == "cut":
        return content[:at] + content[at + how :]
    return content[:at] + content[max(at - how, 0) :]


def outcome(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        try:
            found, file = read_bytes(content, Path(folder))
        except CaptureError as error:
            assert "\n" not in str(error)
            return
    assert file.packets == len(found)
    assert [packet.frame for packet in found] == list(range(1, len(found) + 1))
    assert all(0 <= packet.ts_ns < 1 << 63 for packet in found)
    assert all(len(packet.data) <= 262_144 for packet in found)
    if file.compression == "":
        assert file.bytes <= 2 * len(content)
    assert sum(file.link_types.values()) == file.packets


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(SEEDS), st.lists(changes, min_size=1, max_size=6))
def test_changed_captures_give_packets_or_one_line(content: bytes, what: list[tuple[str, int, int]]) -> None:
    for kind, at, how in what:
        content = changed(content, kind, at, how)
    outcome(content)


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from([pcap([]), section() + interface(), section(">") + interface(order=">")]), st.binary(max_size=400)
)
def test_any_bytes_behind_a_header_give_packets_or_one_line(header: bytes, behind: bytes) -> None:
    outcome(header + behind)
