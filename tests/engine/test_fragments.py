"""IP fragments: put together in any order, the first copy kept, and nothing kept without end."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.inet import TCP, UDP, fragment
from scapy.layers.inet6 import IPv6ExtHdrFragment, fragment6
from scapy.packet import Packet, Raw

from engine.packets import ETHERNET, LINK, OUTER4, OUTER6, V4, V6, payload, tunnel
from tlscap.engine import frame as engine_frame
from tlscap.engine.fragments import FINISHED_NS, MAX_BYTES, MAX_DATAGRAMS, MAX_PIECES, PATIENCE_NS, Fragments
from tlscap.engine.frame import NOTHING, Decoder

CONTENT = bytes(range(256)) * 8
SEGMENT = TCP(sport=40000, dport=443, seq=5) / Raw(CONTENT)
KEY = (0, 1, 0, 2, 77, 6)

Piece = tuple[int, bool, bytes]


FRAGMENT = IPv6ExtHdrFragment(id=9)


def pieces_of(packet: Packet) -> list[bytes]:
    """The outermost datagram in fragments, each in a frame."""
    cut = fragment(packet, 600) if packet.name == "IP" else fragment6(packet, 700)
    return [bytes(LINK / piece) for piece in cut]


def feed(decoder: Decoder, frames: list[bytes], ns: int = 0) -> list[int]:
    return [decoder.decode(memoryview(frame), ETHERNET, len(frame), ns) for frame in frames]


@pytest.mark.parametrize(
    ("packet", "path"),
    [
        (V4 / SEGMENT, ()),
        (V6 / FRAGMENT / SEGMENT, ()),
        (OUTER4 / V6 / SEGMENT, ("6in4",)),
        (OUTER6 / FRAGMENT / V4 / SEGMENT, ("4in6",)),
        (OUTER6 / FRAGMENT / UDP(dport=4789) / Raw(b"\x08\0\0\0\0\0\7\0") / LINK / V4 / SEGMENT, ("vxlan:7",)),
    ],
    ids=["ipv4", "ipv6", "6in4", "4in6", "vxlan"],
)
def test_gives_the_segment_with_the_fragment_that_completes_it(packet: Packet, path: tuple[str, ...]) -> None:
    frames = pieces_of(packet)
    for order in permutations(frames):
        d = Decoder()
        assert feed(d, list(order)) == [NOTHING] * (len(frames) - 1) + [engine_frame.TCP]
        assert payload(d) == CONTENT
        assert d.payload_wire == len(CONTENT)
        assert (d.src_port, d.seq) == (40000, 5)
        assert tunnel(d) == path
        assert d.undecoded == {"fragment": len(frames) - 1}


def test_returns_to_the_frame_after_a_datagram() -> None:
    d = Decoder()
    feed(d, pieces_of(V4 / SEGMENT))
    frame = bytes(LINK / V4 / TCP() / Raw(b"next"))
    assert feed(d, [frame]) == [engine_frame.TCP]
    assert payload(d) == b"next"


def test_takes_an_atomic_fragment_for_a_whole_datagram() -> None:
    d = Decoder()
    frame = bytes(LINK / V6 / IPv6ExtHdrFragment(id=3) / SEGMENT)
    assert feed(d, [frame]) == [engine_frame.TCP]
    assert payload(d) == CONTENT


def test_drops_a_fragment_that_the_capture_cut() -> None:
    first, *rest = pieces_of(V4 / SEGMENT)
    d = Decoder()
    assert d.decode(memoryview(first[:200]), ETHERNET, len(first), 0) == NOTHING
    assert feed(d, rest) == [NOTHING] * len(rest)
    assert d.undecoded["truncated"] == 1


def test_gives_a_datagram_once_when_every_packet_was_captured_twice() -> None:
    d = Decoder()
    doubled = [frame for frame in pieces_of(V4 / SEGMENT) for _ in range(2)]
    assert feed(d, doubled).count(engine_frame.TCP) == 1
    assert feed(d, doubled, FINISHED_NS + 1).count(engine_frame.TCP) == 1  # the id was used again


def test_keeps_datagrams_with_different_ids_and_senders_apart() -> None:
    d = Decoder()
    other_id, other_sender = V4.copy(), V4.copy()
    other_id.id, other_sender.src = 99, "10.1.2.4"
    three = zip(pieces_of(V4 / SEGMENT), pieces_of(other_id / SEGMENT), pieces_of(other_sender / SEGMENT))
    assert feed(d, [frame for frames in three for frame in frames])[-3:] == [engine_frame.TCP] * 3


def put(fragments: Fragments, pieces: list[Piece], ns: int = 0) -> list[tuple[int, bytes] | None]:
    return [fragments.put(KEY, 6, start, more, data, ns) for start, more, data in pieces]


def test_keeps_the_first_copy_of_overlapping_bytes() -> None:
    pieces = [(8, True, b"B" * 16), (0, True, b"A" * 16), (16, True, b"C" * 16), (24, False, b"D" * 16)]
    assert put(Fragments(), pieces)[-1] == (6, b"A" * 8 + b"B" * 16 + b"C" * 8 + b"D" * 8)


def test_takes_the_end_from_the_first_last_fragment() -> None:
    pieces = [(16, False, b"C" * 4), (24, False, b"X" * 8), (0, True, b"A" * 8), (8, True, b"B" * 8)]
    assert put(Fragments(), pieces)[-1] == (6, b"A" * 8 + b"B" * 8 + b"C" * 4)


@pytest.mark.parametrize(
    "piece",
    [(65528, False, b"x" * 8), (0, True, b"x" * 7), (8, True, b"")],
    ids=["beyond 65,535", "not in eights", "empty"],
)
def test_ignores_a_fragment_that_cannot_be(piece: Piece) -> None:
    pieces = [piece, (0, True, b"A" * 8), (8, False, b"B")]
    assert put(Fragments(), pieces) == [None, None, (6, b"A" * 8 + b"B")]


def test_forgets_the_rest_of_a_datagram_that_waited_too_long() -> None:
    fragments = Fragments()
    put(fragments, [(0, True, b"A" * 8)])
    assert put(fragments, [(8, False, b"B")], PATIENCE_NS + 1) == [None]
    assert put(fragments, [(0, True, b"a" * 8)], PATIENCE_NS + 2) == [(6, b"a" * 8 + b"B")]


def test_a_sender_cannot_make_datagrams_wait_without_end() -> None:
    fragments = Fragments()
    for ident in range(MAX_DATAGRAMS + 1):
        fragments.put((0, 1, 0, 2, ident, 6), 6, 0, True, b"A" * 8, 0)
    assert fragments.put((0, 1, 0, 2, 0, 6), 6, 8, False, b"B", 0) is None  # the oldest had to go
    assert fragments.put((0, 1, 0, 2, MAX_DATAGRAMS, 6), 6, 8, False, b"B", 0) == (6, b"A" * 8 + b"B")


def test_a_sender_cannot_make_bytes_wait_without_end() -> None:
    fragments = Fragments()
    large = bytes(60000)
    for ident in range(MAX_BYTES // len(large) + 2):
        fragments.put((0, 1, 0, 2, ident, 6), 6, 0, True, large, 0)
    assert fragments.put((0, 1, 0, 2, 0, 6), 6, len(large), False, b"B", 0) is None


def test_a_sender_cannot_cut_a_datagram_into_any_number_of_pieces() -> None:
    pieces = [(16 * i, True, bytes(8)) for i in range(MAX_PIECES + 1)]
    pieces += [(16 * i + 8, i < MAX_PIECES, bytes(8)) for i in range(MAX_PIECES + 1)]
    assert set(put(Fragments(), pieces)) == {None}


@given(st.data())
def test_gives_every_byte_that_came_first_whatever_the_order(data: st.DataObject) -> None:
    """The model: a byte array in which a byte once written stays."""
    size = data.draw(st.integers(1, 20)) * 8
    fragments, model, whole = Fragments(), [-1] * size, None
    for number in range(60):
        start = data.draw(st.integers(0, size // 8 - 1)) * 8
        end = data.draw(st.integers(start // 8 + 1, size // 8)) * 8
        whole = fragments.put(KEY, 6, start, end < size, bytes([number]) * (end - start), 0)
        model[start:end] = [number if byte < 0 else byte for byte in model[start:end]]
        if whole is not None:
            break
    complete = -1 not in model
    assert (whole is not None) == complete
    if whole is not None:
        assert whole[1] == bytes(model)
