"""The connections of the project's captures, damaged at random, and what then is said that is not so.

    cd tests && python -m samples.damage [ROUNDS [SEED]]

damages every connection of every capture so often, truncates the captures behind every byte of their first
connections, and prints what contradicts the undamaged run.
"""

from __future__ import annotations

import random
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import dpkt

from capture.written import Packet, pcap, read_bytes
from engine.consistent import check
from engine.playbook import Seen, left
from engine.test_loss import contradictions
from tlscap.capture.batch import Batch, frame_id
from tlscap.engine.engine import Engine
from tlscap.judge.thresholds import A_GUESS

PCAPS = Path(__file__).parents[2] / "pcaps"
NAMES = sorted(path.stem for path in PCAPS.glob("*.pcap"))

FIRST = 3
"""Connections of a capture that are truncated behind every byte."""


class Frame(NamedTuple):
    ns: int
    data: bytes
    wirelen: int
    payload: int  # where the TCP payload begins


Frames = Sequence[Frame]


@cache
def connections(name: str) -> tuple[tuple[Frame, ...], ...]:
    """The frames of each TCP connection of pcaps/NAME.pcap that has TLS on it."""
    flows: dict[frozenset[tuple[bytes, int]], list[Frame]] = {}
    with (PCAPS / f"{name}.pcap").open("rb") as file:
        for seconds, data in dpkt.pcap.Reader(file):
            ip = dpkt.ethernet.Ethernet(data).data
            tcp = getattr(ip, "data", None)
            if isinstance(tcp, dpkt.tcp.TCP):
                ends = frozenset(((ip.src, tcp.sport), (ip.dst, tcp.dport)))
                start = 14 + ip.__hdr_len__ + len(ip.opts if ip.v == 4 else b"") + 4 * tcp.off
                flows.setdefault(ends, []).append(Frame(round(seconds * 10**9), data, len(data), start))
    return tuple(tuple(frames) for frames in flows.values() if len(seen_in(frames)) == 1)


def seen_in(frames: Frames) -> list[Seen]:
    """What the engine and the judge make of frames."""
    batch, data = Batch(max(1, len(frames))), bytearray()
    for i, frame in enumerate(frames):
        batch.ts_ns[i], batch.start[i], batch.frame[i] = frame.ns, len(data), frame_id(0, i + 1)
        batch.caplen[i], batch.wirelen[i], batch.linktype[i] = len(frame.data), frame.wirelen, 1
        data += frame.data
    batch.data, batch.count = memoryview(bytes(data)), len(frames)
    engine = Engine()
    engine.feed(batch)
    engine.finish()
    seen = left(engine)
    for one in seen:
        check(one)
    return seen


def dropped(frames: Frames, rng: random.Random) -> list[Frame]:
    """Some frames never reached the capture; the ends went on as if nothing had happened."""
    share = rng.choice((0.02, 0.1, 0.3))
    return [frame for frame in frames if rng.random() > share]


def dropped_in_a_row(frames: Frames, rng: random.Random) -> list[Frame]:
    start = rng.randrange(len(frames))
    return [*frames[:start], *frames[start + rng.randint(1, 12) :]]


def shuffled(frames: Frames, rng: random.Random) -> list[Frame]:
    """Frames come up to a few places later; instants stay in order, as a capture's do."""
    reach = rng.choice((1.5, 2, 3, 4))
    order = sorted(range(len(frames)), key=lambda i: i + rng.random() * reach)
    return [frames[i]._replace(ns=frames[place].ns) for place, i in enumerate(order)]


def repeated(frames: Frames, rng: random.Random) -> list[Frame]:
    """Frames are captured twice, the second time a little later."""
    out: list[Frame] = []
    late: list[tuple[Frame, int]] = []
    for frame in frames:
        out.append(frame)
        if rng.random() < 0.2:
            late.append((frame, len(out) + rng.randrange(4)))
        while late and late[0][1] <= len(out):
            out.append(late.pop(0)[0]._replace(ns=frame.ns))
    return out + [frame._replace(ns=out[-1].ns) for frame, _ in late]


def cut(frames: Frames, rng: random.Random) -> list[Frame]:
    """Some frames were captured in part."""
    return [frame._replace(data=frame.data[: rng.randint(0, frame.wirelen)]) if rng.random() < 0.1 else frame
            for frame in frames]  # fmt: skip


def flipped(frames: Frames, rng: random.Random) -> list[Frame]:
    """A few bits of the bytes that TCP carries are wrong: in memory, since checksums find the rest.

    Record headers stay: a wrong length there is what a server leaves that dies in the middle of a record.
    """
    out = list(frames)
    headers = record_headers(frames)
    for _ in range(rng.randint(1, 4)):
        i = rng.randrange(len(out))
        frame = out[i]
        if len(frame.data) > frame.payload:
            data = bytearray(frame.data)
            at = rng.randrange(frame.payload, len(data))
            if (i, at) not in headers:
                data[at] ^= 1 << rng.randrange(8)
                out[i] = frame._replace(data=bytes(data))
    return out


def record_headers(frames: Frames) -> set[tuple[int, int]]:
    """Frame and offset of the bytes that record headers have; the samples have no hole and nothing twice."""
    left: dict[bytes, int] = {}
    headers: set[tuple[int, int]] = set()
    begun: dict[bytes, bytearray] = {}
    for i, frame in enumerate(frames):
        sender = frame.data[26:38]
        for at in range(frame.payload, len(frame.data)):
            if left.get(sender, 0) > 0:
                left[sender] -= 1
                continue
            head = begun.setdefault(sender, bytearray())
            head.append(frame.data[at])
            headers.add((i, at))
            if len(head) == 5:
                left[sender] = int.from_bytes(head[3:])
                head.clear()
    return headers


LOSSES: dict[str, Callable[[Frames, random.Random], list[Frame]]] = {
    "dropped": dropped,
    "dropped in a row": dropped_in_a_row,
    "shuffled": shuffled,
    "repeated": repeated,
    "cut": cut,
}
"""Damage to the capture: what was on the wire is still true."""


def wrong(seen: Sequence[Seen], true: Seen, *, cut_short: bool) -> list[str]:
    """What is said, and not only guessed, against the undamaged run."""
    found = []
    for one in seen:
        for what in contradictions(one, true, cut_short=cut_short):
            guessed = (what.startswith("dropped") and (one.verdict.drop_confidence or 0) <= A_GUESS) or (
                what.startswith(("outcome", "handshake_outcome", "established"))
                and one.verdict.outcome_confidence <= A_GUESS
            )
            if not guessed:
                found.append(what)
    return found


def confident_drops(seen: Sequence[Seen], true: Seen) -> list[str]:
    drops = [one.verdict for one in seen if one.verdict.dropped and (one.verdict.drop_confidence or 0) > A_GUESS]
    return [f"dropped by {it.outcome} with {it.drop_confidence}" for it in drops if not true.verdict.dropped]


def run(name: str, number: int, seed: int) -> Iterator[tuple[str, list[str]]]:
    """All kinds of damage, once each, to one connection; what was wrong by the kind."""
    frames = connections(name)[number]
    (true,) = seen_in(frames)
    for kind, damage in LOSSES.items():
        rng = random.Random(f"{name} {number} {seed} {kind}")
        yield kind, wrong(seen_in(damage(frames, rng)), true, cut_short=True)
    flips = flipped(frames, random.Random(f"{name} {number} {seed} flipped"))
    yield "flipped", confident_drops(seen_in(flips), true)


def truncations(name: str, number: int, stride: int = 1) -> Iterator[tuple[int, list[str]]]:
    """A capture of one connection that ends behind any byte: where, and what then was wrong."""
    frames = connections(name)[number]
    (true,) = seen_in(frames)
    content = pcap(Packet(frame.ns, frame.data, frame.wirelen, 1, 0) for frame in frames)
    wrong_by_count: dict[int, list[str]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for end in range(24, len(content), stride):
            found, file = read_bytes(content[:end], Path(folder))
            if [packet.data for packet in found] != [frame.data for frame in frames[: len(found)]]:
                yield end, ["not the packets that were written"]
            whole = 24 + sum(16 + len(packet.data) for packet in found)
            if whole < end and not file.damage:
                yield end, ["nothing says that it was cut"]
            if len(found) not in wrong_by_count:
                wrong_by_count[len(found)] = wrong(seen_in(frames[: len(found)]), true, cut_short=True)
            yield end, wrong_by_count[len(found)]


def main() -> int:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    first = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    done = cuts = bad = 0
    for name in NAMES:
        for number in range(len(connections(name))):
            for seed in range(first, first + rounds):
                for kind, found in run(name, number, seed):
                    done += 1
                    if found:
                        bad += 1
                        print(f"{name} {number} seed {seed} {kind}: {'; '.join(found)}", flush=True)
        for number in range(min(FIRST, len(connections(name)))):
            for end, found in truncations(name, number):
                cuts += 1
                if found:
                    bad += 1
                    print(f"{name} {number} cut behind byte {end}: {'; '.join(found)}", flush=True)
    print(f"{done} damaged connections and {cuts} truncated captures, {bad} with a contradiction")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
