"""With packets missing, all is still read whose keys can be known: those that follow from hellos that were captured."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import dpkt
import pytest

from tlscap.capture.batch import Batch, frame_id
from tlscap.context.keylog import KeylogFile
from tlscap.engine.decryption.keys import Keys
from tlscap.engine.engine import Engine
from tlscap.engine.events import ALERT, GAP, HANDSHAKE, HIDDEN
from tlscap.engine.facts import Facts

PCAPS = Path(__file__).parent.parent.parent.parent / "pcaps"

HELLOS = (1, 2, 6)

Frame = tuple[int, bytes, int]
"""Time, bytes, and bytes of payload."""


def keys_of(name: str) -> Keys:
    keys = Keys()
    KeylogFile(str(PCAPS / f"{name}.keys")).read(keys)
    return keys


def connections(name: str) -> list[list[Frame]]:
    """The frames of each connection."""
    found: dict[frozenset[tuple[bytes, int]], list[Frame]] = {}
    with (PCAPS / f"{name}.pcap").open("rb") as file:
        for seconds, frame in dpkt.pcap.Reader(file):
            ip = dpkt.ethernet.Ethernet(frame).data
            if isinstance(ip, (dpkt.ip.IP, dpkt.ip6.IP6)) and isinstance(ip.data, dpkt.tcp.TCP):
                ends = frozenset(((ip.src, ip.data.sport), (ip.dst, ip.data.dport)))
                found.setdefault(ends, []).append((int(seconds * 1e9), frame, len(ip.data.data)))
    return list(found.values())


def facts_of(frames: list[Frame], keys: Keys) -> Facts:
    engine, batch, data = Engine(keys=keys), Batch(len(frames)), b""
    for i, (ns, frame, _) in enumerate(frames):
        batch.ts_ns[i], batch.start[i], batch.linktype[i], batch.frame[i] = ns, len(data), 1, frame_id(0, i + 1)
        batch.caplen[i] = batch.wirelen[i] = len(frame)
        data += frame
    batch.data, batch.count = memoryview(data), len(frames)
    engine.feed(batch)
    engine.finish()
    return next(facts for block in engine.take_blocks() for facts in block.rows)


def drops(frames: list[Frame], keys: Keys) -> Iterator[list[Frame]]:
    """The frames without each one that has a payload, unless a hello is in it."""
    events = facts_of(frames, keys).events
    numbers = {
        events.frame(i) for i in range(events.count) if events.kind(i) == HANDSHAKE and events.detail(i) in HELLOS
    }
    for i, (_, _, payload) in enumerate(frames):
        if payload and frame_id(0, i + 1) not in numbers:
            yield frames[:i] + frames[i + 1 :]


@pytest.mark.parametrize(
    ("name", "number"),
    [("renegotiation-ok", 0), ("renegotiation-ok", 1), ("renegotiation-ok", 4), ("renegotiation-ok", 7)]
    + [("renegotiation-refused", 5), ("versions", 2), ("versions", 10), ("versions", 20), ("versions", 22)],
)
def test_one_lost_packet_hides_nothing_else(name: str, number: int) -> None:
    keys = keys_of(name)
    frames = connections(name)[number]
    tried = 0
    for left in drops(frames, keys):
        events = facts_of(left, keys).events
        tried += 1
        for i in range(events.count):
            was_in_it = i > 0 and events.kind(i - 1) == GAP  # a record of which the packet held a part
            assert was_in_it or events.kind(i) not in (HANDSHAKE, ALERT) or events.detail(i) != HIDDEN
    assert tried >= 4


def test_a_record_whose_iv_was_in_the_gap_is_counted_and_not_read() -> None:
    """TLS 1.0 takes a record's IV from the record before (RFC 2246 §6.2.3.2)."""
    keys, frames = keys_of("versions"), connections("versions")[0]
    told = [facts_of(left, keys) for left in drops(frames, keys)]
    assert any(kind == "not_decrypted" for facts in told for _, _, kind, _ in facts.anomalies)
