"""Captures whose clocks are bad: verdicts hang on what came first, and the times of packets do not always tell.

A clock may be coarse: some firewalls and load balancers stamp packets with milliseconds, old Windows with a timer of
64 ticks a second, and a kernel that hands packets over in batches gives many of them one time. There may be two: of a
tap for each direction one is late, of two processors that stamp packets one is slow. Or it was set back while
the capture ran.
"""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

import tlscap
from capture import written
from capture.written import Packet
from tlscap.engine import engine
from tlscap.judge.thresholds import A_GUESS

PCAPS = Path(__file__).parents[2] / "pcaps"
FEW = ("closes", "handshake-failures", "haproxy-mtls-tls13", "renegotiation-refused")
IS_PLAIN = str(engine.__file__).endswith(".py")
NAMES = FEW if IS_PLAIN else sorted(path.stem for path in PCAPS.glob("*.pcap"))
JUDGED = (
    "version", "cipher", "sni", "handshake", "handshake_outcome", "resumption", "client_certificate", "outcome",
    "closed_by", "closed_how", "closed_phase", "pending", "dropped", "history", "renegotiations",
    "renegotiations_completed", "renegotiations_refused", "renegotiations_failed",
)  # fmt: skip
ENDS = ("client_ip", "client_port", "server_ip", "server_port")

MS = 1_000_000
TICKS_NS = {"milliseconds": MS, "64 a second": 15_625_000}
ETHERNET_HEADER = 14

Rows = dict[frozenset[tuple[str, int]], dict[str, Any]]

every_sample = pytest.mark.parametrize("sample", [PCAPS / f"{name}.pcap" for name in NAMES], ids=lambda path: path.stem)


@pytest.mark.parametrize("tick", TICKS_NS)
@every_sample
def test_a_coarse_clock_changes_no_verdict(sample: Path, tick: str, tmp_path: Path) -> None:
    """But the order of packets whose time was guessed, and which of several tickets of one time was presented."""
    tick_ns = TICKS_NS[tick]
    coarse = rewritten(sample, tmp_path, lambda packet: packet._replace(ts_ns=packet.ts_ns // tick_ns * tick_ns))
    named = [name for name in JUDGED if name not in ("history", "client_certificate")]
    assert judged(coarse, named) == judged(sample, named)


@pytest.mark.parametrize("late_ms", [1, 20])
@pytest.mark.parametrize("late_side", ["client", "server"])
@every_sample
def test_a_late_direction_changes_no_sure_verdict(sample: Path, late_side: str, late_ms: int, tmp_path: Path) -> None:
    """Acknowledgments tell when its packets were there; where nothing does, nothing is sure."""
    servers = {(row["server_ip"], row["server_port"]) for row in judged(sample, ENDS).values()}
    is_late = late_side == "server"

    def delayed(packet: Packet) -> Packet:
        late = (sender(packet.data) in servers) == is_late
        return packet._replace(ts_ns=packet.ts_ns + late_ms * MS * late)

    before = judged(sample, [*JUDGED, "outcome_confidence"])
    after = judged(rewritten(sample, tmp_path, delayed), [*JUDGED, "outcome_confidence", "drop_confidence"])
    for ends, now in after.items():
        then = before[ends]
        if now["outcome_confidence"] > A_GUESS:
            assert [now[name] for name in ("outcome", "closed_by")] == [then[name] for name in ("outcome", "closed_by")]
        assert now["handshake_outcome"] == then["handshake_outcome"] or now["handshake_outcome"] != "failed"
        assert not now["dropped"] or then["dropped"] or now["drop_confidence"] <= A_GUESS
        assert now["renegotiations_refused"] <= then["renegotiations_refused"]
        assert now["renegotiations_failed"] <= then["renegotiations_failed"]


@pytest.mark.parametrize("slow", ["client", "server", "every third packet"])
@every_sample
def test_two_clocks_change_no_verdict_where_packets_are_in_order(sample: Path, slow: str, tmp_path: Path) -> None:
    """Of bytes that the capture lost, it changes when they were given up, and so where what lay behind them stands."""
    servers = {(row["server_ip"], row["server_port"]) for row in judged(sample, ENDS).values()}

    def dated(packet: Packet) -> Packet:
        if slow == "every third packet":
            is_slow = packet.frame % 3 == 0
        else:
            is_slow = (sender(packet.data) in servers) == (slow == "server")
        return packet._replace(ts_ns=packet.ts_ns - MS // 2 * is_slow)

    named = [name for name in JUDGED if name != "history" or sample.stem != "capture-loss"]
    assert judged(rewritten(sample, tmp_path, dated, sort=False), named) == judged(sample, named)


@every_sample
def test_a_clock_that_is_set_back_drops_nothing(sample: Path, tmp_path: Path) -> None:
    middle = len(written.read(sample)[0]) // 2

    def set_back_by_a_minute(packet: Packet) -> Packet:
        return packet._replace(ts_ns=packet.ts_ns - 60_000 * MS * (packet.frame > middle))

    set_back = rewritten(sample, tmp_path, set_back_by_a_minute, sort=False)
    before = judged(sample, ["dropped"])
    for ends, now in judged(set_back, ["dropped", "drop_confidence"]).items():
        assert not now["dropped"] or before[ends]["dropped"] or now["drop_confidence"] <= A_GUESS


def rewritten(sample: Path, folder: Path, change: Callable[[Packet], Packet], sort: bool = True) -> Path:
    """The sample with other times, and its packets in their order."""
    packets = [change(packet) for packet in written.read(sample)[0]]
    if sort:
        packets.sort(key=lambda packet: packet.ts_ns)
    path = folder / "rewritten.pcap"
    path.write_bytes(written.pcap(packets))
    return path


def judged(capture: Path, names: Any) -> Rows:
    """What is said of each connection that is the only one between its ends."""
    rows: Rows = {}
    seen = set()
    for row in tlscap.analyze([capture]).connections.select([*dict.fromkeys([*names, *ENDS])]).to_pylist():
        ends = frozenset({(row["client_ip"], row["client_port"]), (row["server_ip"], row["server_port"])})
        rows.pop(ends, None)
        if ends not in seen:
            rows[ends] = {name: row[name] for name in names}
        seen.add(ends)
    return rows


def sender(frame: bytes) -> tuple[str, int]:
    """Address and port of who sent a TCP packet over Ethernet; anything else is nobody's."""
    if frame[12:14] == b"\x08\0":
        at = ETHERNET_HEADER + 4 * (frame[ETHERNET_HEADER] & 15)
        return str(ip_address(frame[26:30])), int.from_bytes(frame[at : at + 2])
    if frame[12:14] == b"\x86\xdd":
        return str(ip_address(frame[22:38])), int.from_bytes(frame[54:56])
    return "", 0
