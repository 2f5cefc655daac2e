"""Frames of any link type: one byte says which, two how much longer it was on the wire, the rest is the frame."""

from __future__ import annotations

from tlscap.engine.frame import NOTHING, TCP, UDP, Decoder

LINKTYPES = [1, 0, 9, 12, 14, 50, 51, 101, 104, 105, 108, 113, 127, 149, 192, 228, 229, 239, 258, 276]

_BEFORE, _BEHIND = b"\x45\0\0\x30" * 5, b"\x60\0\0\0" * 40


def run(data: bytes) -> None:
    """Decodes the frame alone and between others in a buffer, and compares."""
    linktype = LINKTYPES[data[0] % len(LINKTYPES)] if data else 1
    frame = data[3:]
    wirelen = len(frame) + int.from_bytes(data[1:3])
    alone, among = Decoder(), Decoder()
    found = alone.decode(memoryview(frame), linktype, wirelen, 0)
    among.load(memoryview(_BEFORE + frame + _BEHIND))
    assert among.decode_span(len(_BEFORE), len(frame), linktype, wirelen, 0) == found
    assert among.undecoded == alone.undecoded
    assert found in (NOTHING, TCP, UDP)
    if found == NOTHING:
        assert sum(alone.undecoded.values()) == 1
        return
    assert alone.undecoded == {}
    for decoder in (alone, among):
        assert 0 <= decoder.payload_start <= decoder.payload_end <= len(decoder.data)
        assert decoder.payload_wire >= decoder.payload_end - decoder.payload_start
        assert 0 <= decoder.src_port <= 0xFFFF and 0 <= decoder.dst_port <= 0xFFFF
        assert 0 <= decoder.tunnel < len(decoder.tunnels)
    assert _payload(alone) == _payload(among)


def _payload(decoder: Decoder) -> bytes:
    return bytes(decoder.data[decoder.payload_start : decoder.payload_end])
