"""Floods of connections that never come to be: what a million of them cost.

    python tests/engine/half_open.py [COUNT] [syn|half_hello]
    python tests/engine/half_open.py COUNT analyze

prints by how many bytes the process grew while the engine took them, and what became of them; or what the whole of
`tlscap analyze` takes for as many, of which every other one gets as far as half a ClientHello.
"""

from __future__ import annotations

import json
import resource
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from engine import conversation
from tlscap.capture.batch import Batch, frame_id
from tlscap.engine.engine import Engine
from tlscap.engine.limits import Limits

BATCH = 3000
SYN, SYN_ACK, ACK, PSH_ACK = 2, 18, 16, 24

_LINK = b"\x02\0\0\0\0\x02\x02\0\0\0\0\x01\x08\0"
_SERVER = b"\xc0\0\x02\x0a"


def resident() -> int:
    """Bytes of this process that are in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def frames(count: int, kind: str) -> Iterator[bytes]:
    """Frames of `count` connections from as many addresses: a SYN each, or half a ClientHello behind a handshake."""
    hello = conversation.tls13()[0][1]
    half = hello[: len(hello) // 2]
    for i in range(count):
        client = struct.pack("!I", 0x0A000000 + i)
        yield _frame(client, True, SYN, 1000, 0, b"")
        if kind == "half_hello" or (kind == "mixed" and i % 2):
            yield _frame(client, False, SYN_ACK, 5000, 1001, b"")
            yield _frame(client, True, ACK, 1001, 5001, b"")
            yield _frame(client, True, PSH_ACK, 1001, 5001, half[:-4] + struct.pack("!I", i))


def flooded(count: int, kind: str, limits: Limits | None = None) -> Engine:
    """An engine that has taken the flood; blocks that left are thrown away."""
    engine = Engine(limits)
    batch = Batch(BATCH)
    data = bytearray()
    for number, frame in enumerate(frames(count, kind), 1):
        at = batch.count
        batch.ts_ns[at], batch.start[at] = 10**18 + number * 1000, len(data)
        batch.caplen[at] = batch.wirelen[at] = len(frame)
        batch.linktype[at], batch.frame[at] = 1, frame_id(0, number)
        data += frame
        batch.count += 1
        if batch.count == BATCH:
            _hand_over(engine, batch, data)
    _hand_over(engine, batch, data)
    return engine


def grown_by(count: int, kind: str, limits: Limits | None = None) -> int:
    """By how many bytes the process grows from the flood."""
    flooded(50, kind, limits)
    before = resident()
    engine = flooded(count, kind, limits)
    grown = resident() - before
    assert engine.flows.count > 0
    return grown


def analyzed(count: int) -> str:
    """What `tlscap analyze` takes for a capture of `count` connections, and how many of them were put aside."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "flood.pcap"
        with path.open("wb") as file:
            file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
            for number, frame in enumerate(frames(count, "mixed")):
                seconds, micros = divmod(number * 100, 10**6)
                file.write(struct.pack("<IIII", 1_795_341_600 + seconds, micros, len(frame), len(frame)) + frame)
        size = path.stat().st_size
        command = [sys.executable, "-m", "tlscap", "analyze", str(path), "--no-charts", "-o", f"{folder}/out"]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        counted = json.loads((Path(folder) / "out" / "summary.json").read_text())["coverage"][0]
    told = ", ".join(
        f"{name} {counted[name]:,}" for name in ("tcp_connections", "tls_connections", "evicted", "forgotten")
    )
    took = f"{used.ru_maxrss / 1024:.0f} MiB at the peak, {used.ru_utime + used.ru_stime:.0f} s"
    return f"{size / 10**6:.0f} MB: {took}; {told}; {done.stderr}"


def _frame(client: bytes, from_client: bool, flags: int, seq: int, ack: int, payload: bytes) -> bytes:
    ends = client + _SERVER if from_client else _SERVER + client
    ports = (40000, 443) if from_client else (443, 40000)
    ip = struct.pack("!BBHHHBBH", 0x45, 0, 40 + len(payload), 1, 0x4000, 64, 6, 0) + ends
    return _LINK + ip + struct.pack("!HHIIBBHHH", *ports, seq, ack, 80, flags, 501, 0, 0) + payload


def _hand_over(engine: Engine, batch: Batch, data: bytearray) -> None:
    batch.data = memoryview(bytes(data))
    engine.feed(batch)
    engine.take_blocks()
    batch.count = 0
    data.clear()


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    if sys.argv[2:] == ["analyze"]:
        print(analyzed(count))
        sys.exit()
    for kind in sys.argv[2:] or ("syn", "half_hello"):
        before = resident()
        engine = flooded(count, kind)
        grown = resident() - before
        left = f"{engine.flows.count:,} open, {len(engine.stubs):,} stubs of {engine.stubs.bytes / 2**20:.0f} MiB"
        counted = f"evicted {engine.coverage[0].evicted:,}, forgotten {engine.coverage[0].forgotten:,}"
        print(f"{kind}: {count:,} connections, {grown / 2**20:.0f} MiB more; {left}, {counted}")
        del engine
