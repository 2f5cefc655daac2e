"""The invariant: whatever the bytes and the link type, `decode` returns, and what it gives lies in the frame."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.packets import ETHERNET, LINK, SEGMENT, V4, V6
from engine.test_tunnels import LINKS, TUNNELS
from tlscap.engine import frame as engine_frame
from tlscap.engine.frame import NOTHING, Decoder

LINKTYPES = [0, 1, 9, 12, 14, 50, 51, 101, 104, 105, 108, 113, 127, 149, 228, 229, 239, 258, 276]
FRAMES = [(bytes(packet), ETHERNET) for packet, _ in TUNNELS.values()]
FRAMES += [(bytes(packet), linktype) for packet, linktype in LINKS.values()]
FRAMES += [(bytes(LINK / network / SEGMENT), ETHERNET) for network in (V4, V6)]

BEFORE, BEHIND = b"\x45\0\0\x30" * 5, b"\x60\0\0\0" * 40


def check(frame: bytes, linktype: int, wirelen: int) -> None:
    """Decodes `frame` alone and between others in a buffer, and compares."""
    alone, among = Decoder(), Decoder()
    found = alone.decode(memoryview(frame), linktype, wirelen, 0)
    among.load(memoryview(BEFORE + frame + BEHIND))
    assert among.decode_span(len(BEFORE), len(frame), linktype, wirelen, 0) == found
    assert among.undecoded == alone.undecoded
    assert found in (NOTHING, engine_frame.TCP, engine_frame.UDP)
    if found == NOTHING:
        assert sum(alone.undecoded.values()) == 1
        return
    assert alone.undecoded == {}
    for decoder in (alone, among):
        assert 0 <= decoder.payload_start <= decoder.payload_end <= len(decoder.data)
        assert decoder.payload_wire >= decoder.payload_end - decoder.payload_start
        assert 0 <= decoder.src_port <= 0xFFFF
        assert 0 <= decoder.tunnel < len(decoder.tunnels)
    assert alone.payload_wire == among.payload_wire
    for start, end in ((alone.payload_start, alone.payload_end),):
        same = among.data[among.payload_start : among.payload_end]
        assert bytes(alone.data[start:end]) == bytes(same)


@given(st.binary(max_size=400), st.sampled_from(LINKTYPES), st.integers(0, 3000))
@settings(max_examples=400, deadline=None)
def test_any_bytes_are_decoded_without_an_exception(frame: bytes, linktype: int, wirelen: int) -> None:
    check(frame, linktype, wirelen)


@given(st.data())
@settings(max_examples=1500, deadline=None)
def test_damaged_packets_are_decoded_without_an_exception(data: st.DataObject) -> None:
    """Real headers with a few bytes changed reach deeper than noise does."""
    frame, linktype = data.draw(st.sampled_from(FRAMES))
    damaged = bytearray(frame)
    for _ in range(data.draw(st.integers(1, 6))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    kept = data.draw(st.integers(0, len(damaged)))
    check(bytes(damaged[:kept]), linktype, data.draw(st.sampled_from([kept, len(damaged), len(damaged) + 1500])))


@pytest.mark.parametrize("number", range(len(FRAMES)))
def test_a_frame_cut_at_any_byte_is_decoded_without_an_exception(number: int) -> None:
    frame, linktype = FRAMES[number]
    for kept in range(len(frame) + 1):
        check(frame[:kept], linktype, len(frame))


@given(st.lists(st.sampled_from(FRAMES), max_size=30), st.lists(st.integers(-(1 << 62), 1 << 62), max_size=5))
@settings(max_examples=50, deadline=None)
def test_no_clock_upsets_a_decoder(frames: list[tuple[bytes, int]], clock: list[int]) -> None:
    decoder = Decoder()
    for i, (frame, linktype) in enumerate(frames):
        decoder.decode(memoryview(frame), linktype, len(frame), clock[i % len(clock)] if clock else 0)
