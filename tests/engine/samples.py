"""Conversations out of the project's own captures: who sent which bytes, and what is known to be true of them."""

from __future__ import annotations

import json
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import dpkt

PCAPS = Path(__file__).parent.parent.parent / "pcaps"

Steps = tuple[tuple[int, bytes], ...]


@cache
def truths(name: str) -> tuple[dict[str, Any], ...]:
    """What the programs that took part said of each connection of `pcaps/NAME.pcap`."""
    return tuple(json.loads((PCAPS / f"{name}.truth.json").read_text(encoding="utf-8"))["connections"])


@cache
def conversations(name: str) -> dict[tuple[str, int, str, int], Steps]:
    """The steps of each connection of `pcaps/NAME.pcap`, by client and server address and port.

    The samples were captured without loss, so bytes are taken in the order of the packets, each once.
    """
    talks: dict[tuple[str, int, str, int], list[tuple[int, bytes]]] = {}
    wanted: dict[tuple[tuple[str, int, str, int], int], int] = {}
    with (PCAPS / f"{name}.pcap").open("rb") as file:
        for _, frame in dpkt.pcap.Reader(file):
            ip = dpkt.ethernet.Ethernet(frame).data
            if not isinstance(ip.data, dpkt.tcp.TCP):
                continue
            tcp = ip.data
            key, side = _key(ip, tcp, talks)
            if tcp.flags & dpkt.tcp.TH_SYN:
                talks.setdefault(key, [])
                wanted[key, side] = (tcp.seq + 1) & 0xFFFFFFFF
            elif tcp.data and wanted.get((key, side)) == tcp.seq:
                talks[key].append((side, bytes(tcp.data)))
                wanted[key, side] = (tcp.seq + len(tcp.data)) & 0xFFFFFFFF
    return {key: _joined(steps) for key, steps in talks.items()}


def conversation(name: str, truth: dict[str, Any]) -> Steps:
    """The steps of the connection that a row of the truth is about."""
    key = (truth["client_ip"], truth["client_port"], truth["server_ip"], truth["server_port"])
    return conversations(name)[key]


def _key(ip: Any, tcp: Any, known: dict[Any, Any]) -> tuple[tuple[str, int, str, int], int]:
    src, dst = str(ip_address(ip.src)), str(ip_address(ip.dst))
    forth, back = (src, tcp.sport, dst, tcp.dport), (dst, tcp.dport, src, tcp.sport)
    from_server = back in known or tcp.flags & (dpkt.tcp.TH_SYN | dpkt.tcp.TH_ACK) == 18
    return (back, 1) if from_server else (forth, 0)


def _joined(steps: list[tuple[int, bytes]]) -> Steps:
    """Consecutive bytes of one side are one step."""
    joined: list[tuple[int, bytes]] = []
    for side, data in steps:
        if joined and joined[-1][0] == side:
            joined[-1] = (side, joined[-1][1] + data)
        else:
            joined.append((side, data))
    return tuple(joined)
