"""TCP connections written down as playbooks: who sends what, as packets, and what tlscap makes of them.

    play = Play().open().speak(conversation).close(CLIENT)
    seen = watch(play.packets)
    assert seen.verdict.outcome == "completed"

A playbook's packets are values: a test may drop, repeat, reorder, split or cut them before they are
fed to the engine.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from ipaddress import ip_address
from typing import Any

from tlscap.capture.batch import Batch, frame_id
from tlscap.engine.decryption.keys import Keys
from tlscap.engine.engine import Engine
from tlscap.engine.facts import Facts
from tlscap.engine.limits import Limits
from tlscap.judge import judge
from tlscap.judge.verdict import Verdict

CLIENT, SERVER = 0, 1
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16

SECOND = 10**9
START_NS = 1_795_341_600 * SECOND  # 2026-11-22 10:00:00 UTC
STEP_NS = 1_000_000

Step = tuple[int, bytes]
"""Who sends, and what."""

_WRAP = 1 << 32
_ETHERNET = 1


@dataclass(frozen=True, slots=True)
class Ends:
    """The two endpoints; addresses of either version as text."""

    client: str = "10.0.0.1"
    client_port: int = 40000
    server: str = "192.0.2.10"
    server_port: int = 443


@dataclass(frozen=True, slots=True)
class Packet:
    """One TCP packet. `cut` bytes at its end were not captured (snaplen)."""

    ends: Ends
    sender: int
    ns: int
    seq: int
    ack: int
    flags: int
    payload: bytes = b""
    ttl: int = 64
    ip_id: int = 1
    cut: int = 0
    window: int = 501

    def at(self, ns: int) -> Packet:
        return replace(self, ns=ns)

    def frame(self) -> bytes:
        """The Ethernet frame, whole."""
        return _ethernet(self)


class Play:
    """One connection as it is written down; every method that sends gives the play back."""

    def __init__(
        self,
        ends: Ends = Ends(),
        *,
        isn: tuple[int, int] = (1000, 500_000),
        mss: int = 1460,
        ns: int = START_NS,
        step_ns: int = STEP_NS,
        ttl: tuple[int, int] = (64, 57),
    ) -> None:
        self.ends = ends
        self.packets: list[Packet] = []
        self.next_seq = list(isn)
        self.mss = mss
        self.now_ns = ns
        self.step_ns = step_ns
        self.ttl = ttl
        self._ip_id = [100, 30_000]

    def open(self) -> Play:
        """The three packets with which TCP begins."""
        return self.packet(CLIENT, SYN).packet(SERVER, SYN | ACK).packet(CLIENT, ACK)

    def send(self, sender: int, data: bytes, *, acknowledged: bool = True) -> Play:
        """Data in segments of at most `mss` bytes, and one acknowledgment behind them."""
        for at in range(0, len(data), self.mss):
            self.packet(sender, PSH | ACK, data[at : at + self.mss])
        return self.packet(1 - sender, ACK) if acknowledged and data else self

    def speak(self, steps: Iterable[Step]) -> Play:
        """A whole conversation."""
        for sender, data in steps:
            self.send(sender, data)
        return self

    def fin(self, sender: int) -> Play:
        return self.packet(sender, FIN | ACK)

    def close(self, first: int) -> Play:
        """Both FINs, and the last acknowledgment."""
        return self.fin(first).fin(1 - first).packet(first, ACK)

    def rst(self, sender: int, *, ttl: int | None = None, ahead: int = 0, ip_id: int = 0) -> Play:
        """A reset; `ahead` moves its sequence number away from what its sender would use."""
        self.packet(sender, RST | ACK)
        sent = self.packets[-1]
        seq = (sent.seq + ahead) % _WRAP
        self.packets[-1] = replace(sent, ttl=sent.ttl if ttl is None else ttl, seq=seq, ip_id=ip_id)
        return self

    def again(self, index: int = -1) -> Play:
        """Retransmits a packet: the same bytes, later, with an IP id of its own."""
        sent = self.packets[index]
        self._ip_id[sent.sender] += 1
        self.packets.append(replace(sent, ns=self.now_ns, ip_id=self._ip_id[sent.sender]))
        self.now_ns += self.step_ns
        return self

    def probe(self, sender: int, data: bytes = b"") -> Play:
        """A keep-alive: the byte before the next, sent once more or not at all (RFC 9293 §3.8.4)."""
        self.packet(sender, ACK, data)
        sent = self.packets[-1]
        before = (self.next_seq[sender] - len(data) - 1) % _WRAP
        self.next_seq[sender] = (self.next_seq[sender] - len(data)) % _WRAP
        self.packets[-1] = replace(sent, seq=before)
        return self.packet(1 - sender, ACK)

    def wait(self, seconds: float) -> Play:
        self.now_ns += int(seconds * SECOND)
        return self

    def packet(self, sender: int, flags: int, payload: bytes = b"") -> Play:
        """One packet with the sequence numbers of the moment."""
        ack = self.next_seq[1 - sender] if flags & ACK else 0
        self._ip_id[sender] += 1
        self.packets.append(
            Packet(
                self.ends,
                sender,
                self.now_ns,
                self.next_seq[sender],
                ack,
                flags,
                payload,
                self.ttl[sender],
                self._ip_id[sender] & 0xFFFF,
            )
        )
        taken = len(payload) + bool(flags & SYN) + bool(flags & FIN)
        self.next_seq[sender] = (self.next_seq[sender] + taken) % _WRAP
        self.now_ns += self.step_ns
        return self


@dataclass(frozen=True, slots=True)
class Seen:
    """What tlscap made of one connection."""

    facts: Facts
    verdict: Verdict

    @property
    def anomalies(self) -> list[str]:
        """The kinds of what was noted."""
        return [kind for _, _, kind, _ in self.facts.anomalies]

    @property
    def events(self) -> list[tuple[int, int, int, int]]:
        """Side, kind, detail and length of what happened, in order."""
        events = self.facts.events
        return [(events.side(i), events.kind(i), events.detail(i), events.length(i)) for i in range(events.count)]


def watch(packets: Sequence[Packet], limits: Limits | None = None, keys: Keys | None = None) -> Seen:
    """Feeds packets of which TLS is expected on exactly one connection."""
    seen = watch_all(packets, limits, keys)
    assert len(seen) == 1, f"{len(seen)} connections with TLS"
    return seen[0]


def watch_all(packets: Sequence[Packet], limits: Limits | None = None, keys: Keys | None = None) -> list[Seen]:
    """Feeds packets in the order given and lets the capture end."""
    engine = fed(packets, limits, keys=keys)
    engine.finish()
    return left(engine)


def fed(
    packets: Sequence[Packet], limits: Limits | None = None, batch_size: int = 64, keys: Keys | None = None
) -> Engine:
    """An engine that has taken the packets, in several batches, and whose capture goes on."""
    engine = Engine(limits, keys)
    for at in range(0, len(packets), batch_size):
        engine.feed(batch_of(packets[at : at + batch_size], first_frame=at + 1))
    return engine


def left(engine: Engine) -> list[Seen]:
    """What has left the engine, judged."""
    engine.flush()
    return [Seen(facts, judge(facts)) for block in engine.take_blocks() for facts in block.rows]


def batch_of(packets: Sequence[Packet], first_frame: int = 1) -> Batch:
    """A batch of Ethernet frames; the frames count from `first_frame`."""
    batch = Batch(max(1, len(packets)))
    data = bytearray()
    for i, packet in enumerate(packets):
        frame = packet.frame()
        captured = len(frame) - packet.cut
        batch.ts_ns[i] = packet.ns
        batch.start[i] = len(data)
        batch.caplen[i] = captured
        batch.wirelen[i] = len(frame)
        batch.linktype[i] = _ETHERNET
        batch.frame[i] = frame_id(0, first_frame + i)
        data += frame[:captured]
    batch.data = memoryview(bytes(data))
    batch.count = len(packets)
    return batch


def retimed(packets: Iterable[Packet], ns: int = START_NS, step_ns: int = STEP_NS) -> list[Packet]:
    """The packets in the order given, with times that rise in that order."""
    return [packet.at(ns + i * step_ns) for i, packet in enumerate(packets)]


def flights(packets: Sequence[Packet]) -> list[list[Packet]]:
    """The packets in runs: data of one sender, or one other packet."""
    runs: list[list[Packet]] = []
    for packet in packets:
        goes_on = runs and packet.payload and runs[-1][-1].payload and runs[-1][-1].sender == packet.sender
        if goes_on:
            runs[-1].append(packet)
        else:
            runs.append([packet])
    return runs


def cut_to(packets: Iterable[Packet], snaplen: int) -> list[Packet]:
    """The packets as a capture with this snaplen holds them."""
    return [replace(packet, cut=max(0, len(packet.frame()) - snaplen)) for packet in packets]


def only(sender: int) -> Callable[[Packet], bool]:
    """Whether a packet was sent by `sender`: for a capture that sees one direction."""
    return lambda packet: packet.sender == sender


TIMED = ("evidence", "alerts", "handshakes", "ticket_candidates", "precedent")


def essence(verdict: Verdict) -> dict[str, Any]:
    """A verdict without times and frames: what must not depend on how packets were cut and sent."""
    told = {name: getattr(verdict, name) for name in Verdict.__slots__}
    told = {name: value for name, value in told.items() if not name.endswith("_ns") and name not in TIMED}
    told["alerts"] = [(alert.sender, alert.level, alert.description, alert.basis) for alert in verdict.alerts]
    told["handshakes"] = [(each.number, each.initiator, each.kind, each.outcome) for each in verdict.handshakes]
    return told


def _ethernet(packet: Packet) -> bytes:
    ends = packet.ends
    sides = [(ip_address(ends.client).packed, ends.client_port), (ip_address(ends.server).packed, ends.server_port)]
    (src, src_port), (dst, dst_port) = sides[packet.sender], sides[1 - packet.sender]
    tcp = struct.pack(
        "!HHIIBBHHH", src_port, dst_port, packet.seq, packet.ack, 5 << 4, packet.flags, packet.window, 0, 0
    )
    size = len(tcp) + len(packet.payload)
    if len(src) == 4:
        ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + size, packet.ip_id, 0x4000, packet.ttl, 6, 0)
        ethertype = 0x0800
    else:
        ip = struct.pack("!IHBB", 6 << 28, size, 6, packet.ttl)
        ethertype = 0x86DD
    ethernet = b"\x02\0\0\0\0\x02\x02\0\0\0\0\x01" + struct.pack("!H", ethertype)
    return ethernet + ip + src + dst + tcp + packet.payload
